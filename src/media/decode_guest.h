#pragma once

#include "transport/fd.h"

namespace backline::media {

/// Takes one request from `socket`, goes behind walls, decodes the file and answers: whole for a DecodeRequest, piece by piece for a StreamRequest.
/// For a process of its own, which ends then. [one thread]
void serveGuest(transport::Fd socket);

}  // namespace backline::media

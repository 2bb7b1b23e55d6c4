#pragma once

#include "transport/fd.h"

namespace backline::media {

/// Takes one DecodeRequest from `socket`, goes behind walls, decodes the file and answers. For a process of its own, which ends then. [one thread]
void decodeOne(transport::Fd socket);

}  // namespace backline::media

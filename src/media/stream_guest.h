#pragma once

#include "media/stream_protocol.h"
#include "transport/fd.h"

namespace backline::media {

/// Goes behind walls, decodes what `request` asks for piece by piece, as it is asked to over `socket`, until the program closes that. `file`: none if
/// its bytes are to be asked for. For a process of its own, which ends with it. [one thread]
[[noreturn]] void serveStream(transport::Fd socket, const StreamRequest& request, transport::Fd file);

}  // namespace backline::media

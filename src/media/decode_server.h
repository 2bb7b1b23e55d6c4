#pragma once

#include "transport/fd.h"

namespace backline::media {

/// backline-decode: for every socket that comes over `control`, a process of its own is forked, which decodes what is asked for there
/// (serveGuest) and ends. Reads nothing of a file itself. A process that ends without an answer is told of on its socket; one whose socket the
/// program has closed is ended. Ends, and with it all of them, when the program has closed `control`. Returns the exit status. [the only thread]
int runDecodeServer(transport::Fd control);

}  // namespace backline::media

#pragma once

#include <string>

#include "render/worklet.h"
#include "transport/fd.h"

namespace backline::host {

/// Serves RenderHost on `socket` until the program's end of it is closed, however that came. Blocks; runs the I/O loop on
/// the calling thread. `runtime` names what runs worklets, "native" if nothing does. Returns the exit status.
int runRenderHost(transport::Fd socket, render::WorkletRuntimeFactory worklets, const std::string& runtime);

}  // namespace backline::host

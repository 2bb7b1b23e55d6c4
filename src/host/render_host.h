#pragma once

#include <functional>
#include <string>

#include "host/sandbox.h"
#include "render/watchdog.h"
#include "render/worklet.h"
#include "transport/fd.h"
#include "transport/shared_heap.h"

namespace backline::host {

struct HostOptions {
  render::CallBudgets budgets;   ///< of the program's code
  std::string runtime;           ///< what runs worklets, "native" if nothing does
  /// Takes what the program shares with its worklets; empty: there are none.
  std::function<void(transport::SharedMemoryEnds)> shareMemory;
  /// Lets debuggers look into worklets over a socket; empty: there are none.
  std::function<void(transport::Fd)> inspect;
};

/// The exit status of a host that a call outlived: what call, its black box says.
inline constexpr int kOutlivedStatus = 86;

/// Serves RenderHost on `socket` until the program's end of it is closed, however that came. Blocks; runs the I/O loop on
/// the calling thread. Behind a sandbox, once it is set up. Returns the exit status.
int runRenderHost(transport::Fd socket, render::WorkletRuntimeFactory worklets, const HostOptions& options);

}  // namespace backline::host

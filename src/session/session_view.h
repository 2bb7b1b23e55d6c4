#pragma once

#include <cmath>

#include "ipc/pages.h"
#include "session/mirror.h"
#include "session/session.h"
#include "transport/page.h"

namespace backline::session {

/// What a session's pages say now.
struct SessionReading {
  ipc::SessionStatus status;
  ipc::OutputStatus output;
  ipc::SessionCosts costs;
  double latency = 0;   ///< seconds from graph to ear
};

/// One session as whoever tells of it sees it: its pages, which other processes write, where it plays, and its mirror. [io]
struct SessionView {
  std::uint64_t id;
  const SessionInfo& info;
  transport::PageReader<ipc::SessionStatus> status;
  transport::PageReader<ipc::OutputStatus> output;
  transport::PageReader<ipc::SessionCosts> costs;
  const Mirror& mirror;

  /// Figures that are no numbers are 0, lists have no more entries than they can.
  SessionReading read() const;
};

}  // namespace backline::session

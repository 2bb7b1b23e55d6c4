#pragma once

#include <map>
#include <optional>
#include <string>

#include "session/session_view.h"

namespace backline::session {

/// What BACKLINE_LOG=perf says of a session: a line for every second in which it ran, one when it stops. Pure: readings in, text out.
class PerfLog {
 public:
  /// The line to be written now, without its end; none for a session that goes on being suspended.
  std::optional<std::string> line(std::uint64_t session, const SessionInfo& info, const SessionReading& now);
  void forget(std::uint64_t session) { told_.erase(session); }

 private:
  struct Told {
    ipc::SessionState state = ipc::SessionState::suspended;
    std::uint64_t underruns = 0;
  };
  std::map<std::uint64_t, Told> told_;
};

/// Writes a line to standard error, or drops it where that would have to wait. [any thread]
void writeLine(const std::string& line);

}  // namespace backline::session

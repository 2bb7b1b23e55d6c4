#include "session/perf_log.h"

#include <poll.h>
#include <unistd.h>

#include <cstdio>

namespace backline::session {

std::optional<std::string> PerfLog::line(std::uint64_t session, const SessionInfo& info, const SessionReading& now) {
  Told& told = told_[session];
  const ipc::SessionState before = std::exchange(told.state, now.status.state);
  const std::string who = "backline perf: session " + std::to_string(session) + " on " + info.deviceId;
  if (now.status.state != ipc::SessionState::running) {
    if (before == now.status.state) return std::nullopt;
    return who + (now.status.state == ipc::SessionState::closed ? ": closed" : ": suspended");
  }
  const std::uint64_t underruns = std::exchange(told.underruns, now.output.underruns);
  const double quantum = info.quantum / static_cast<double>(info.sampleRate);
  char text[320];
  std::snprintf(text, sizeof text,
                ": cost %.0f µs (%.1f %%), worst %.0f µs (%.1f %%); ring %u/%u frames; underruns %llu new, %llu in all; woken %.0f µs late, worst %.0f µs",
                now.status.costAverage * 1e6, now.status.costAverage / quantum * 100, now.status.costWorst * 1e6, now.status.costWorst / quantum * 100,
                now.status.ringFill, now.status.ringTarget,
                static_cast<unsigned long long>(now.output.underruns > underruns ? now.output.underruns - underruns : 0),
                static_cast<unsigned long long>(now.output.underruns), now.status.latenessAverage * 1e6, now.status.latenessWorst * 1e6);
  return who + text;
}

void writeLine(const std::string& line) {
  pollfd standardError{STDERR_FILENO, POLLOUT, 0};
  if (poll(&standardError, 1, 0) != 1 || (standardError.revents & POLLOUT) == 0) return;
  const std::string whole = line + "\n";
  // Whole or not at all: a pipe that polls as writable has room for a line.
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, whole.data(), whole.size());
}

}  // namespace backline::session

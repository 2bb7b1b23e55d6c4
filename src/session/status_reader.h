#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ipc/pages.h"
#include "transport/fd.h"

namespace backline::session {

// What running programs show of themselves (src/ipc/status.capnp), read by another program and checked: what is told is what anybody
// may have written.

struct NodeReport {
  std::uint32_t id = 0;
  std::string type, processor;
  double seconds = 0;   ///< a quantum
  double share = 0;     ///< of the session's average cost
};

struct SessionReport {
  std::uint64_t id = 0;
  std::string device, backend;
  double sampleRate = 0;         ///< Hz
  std::uint32_t quantum = 0;     ///< frames
  ipc::SessionState state{};
  std::uint64_t frame = 0;
  double costAverage = 0, costWorst = 0;   ///< seconds a quantum
  std::uint32_t ringFill = 0, ringTarget = 0;   ///< frames
  std::uint64_t underruns = 0, underrunFrames = 0;
  double latency = 0;            ///< seconds from graph to ear
  double latenessAverage = 0, latenessWorst = 0;   ///< seconds
  std::uint32_t nodes = 0;
  std::vector<NodeReport> costliest;
};

struct ProgramReport {
  int pid = 0;
  std::string name;
  std::int64_t started = 0;      ///< CLOCK_REALTIME nanoseconds
  double age = 0;                ///< seconds since the program told this
  int audioPid = 0, renderPid = 0, renderPriority = 0;
  std::vector<SessionReport> sessions;
  std::uint32_t omitted = 0;
};

/// The message in a status page. Throws std::runtime_error, kj::Exception for one that is not as the schema says.
ProgramReport decodeStatus(std::span<const std::byte> message);

/// What a status page says, or nothing if that cannot be right. The descriptor need not be writable.
std::optional<ProgramReport> readStatus(transport::Fd page);

/// Every program of this user that has sessions, by pid. Whatever goes away meanwhile, or shows a page that cannot be right, is left out.
std::vector<ProgramReport> findPrograms();

}  // namespace backline::session

#include "session/status_reader.h"

#include <capnp/serialize.h>
#include <time.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <stdexcept>

#include "ipc/status.capnp.h"
#include "ipc/status_page.h"
#include "ipc/text.h"
#include "transport/page.h"

namespace backline::session {

namespace {

/// A message is gone through once; texts and lists that overlap are no message of ours.
constexpr capnp::ReaderOptions kOptions{.traversalLimitInWords = 64 * 1024, .nestingLimit = 8};
constexpr double kMostSeconds = 1e6;

double seconds(double value, const char* what) {
  if (value >= 0 && value <= kMostSeconds) return value;
  throw std::runtime_error(std::string("a status page says nonsense: ") + what);
}

NodeReport decode(ipc::NodeReport::Reader node) {
  return {node.getId(), ipc::text(node.getType()), ipc::text(node.getProcessor()), seconds(node.getSeconds(), "a node's cost"), seconds(node.getShare(), "a share")};
}

SessionReport decode(ipc::SessionReport::Reader from) {
  SessionReport session;
  session.id = from.getId();
  session.device = ipc::text(from.getDevice());
  session.backend = ipc::text(from.getBackend());
  session.sampleRate = from.getSampleRate();
  session.quantum = from.getQuantum();
  if (!(session.sampleRate > 0) || !std::isfinite(session.sampleRate) || session.quantum < 1)
    throw std::runtime_error("a status page says nonsense: a session without a rate or a quantum");
  session.state = static_cast<ipc::SessionState>(from.getState());
  if (session.state > ipc::SessionState::closed) throw std::runtime_error("a status page says nonsense: a state that does not exist");
  session.frame = from.getFrame();
  session.costAverage = seconds(from.getCostAverage(), "a cost");
  session.costWorst = seconds(from.getCostWorst(), "a cost");
  session.ringFill = from.getRingFill();
  session.ringTarget = from.getRingTarget();
  session.underruns = from.getUnderruns();
  session.underrunFrames = from.getUnderrunFrames();
  session.latency = seconds(from.getLatency(), "a latency");
  session.latenessAverage = seconds(from.getLatenessAverage(), "a lateness");
  session.latenessWorst = seconds(from.getLatenessWorst(), "a lateness");
  session.nodes = from.getNodes();
  for (const auto node : from.getCostliest()) session.costliest.push_back(decode(node));
  return session;
}

}  // namespace

ProgramReport decodeStatus(std::span<const std::byte> message) {
  auto words = kj::heapArray<capnp::word>(message.size() / sizeof(capnp::word));
  std::copy_n(message.begin(), words.asBytes().size(), std::as_writable_bytes(std::span(words.begin(), words.size())).begin());   // of none, too
  capnp::FlatArrayMessageReader reader(words, kOptions);
  const auto status = reader.getRoot<ipc::ProgramStatus>();
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  ProgramReport program;
  program.pid = status.getPid();
  program.name = ipc::text(status.getName());
  program.started = status.getStarted();
  program.age = std::max(0.0, static_cast<double>(now.tv_sec) + now.tv_nsec * 1e-9 - static_cast<double>(status.getPublished()) * 1e-9);
  program.audioPid = status.getAudioPid();
  program.renderPid = status.getRenderPid();
  program.renderPriority = status.getRenderPriority();
  program.omitted = status.getOmitted();
  for (const auto session : status.getSessions()) program.sessions.push_back(decode(session));
  return program;
}

std::optional<ProgramReport> readStatus(transport::Fd fd) {
  try {
    const transport::PageReader<ipc::StatusPage> page(transport::SharedMemory::mapReadOnly(std::move(fd)));
    const auto value = std::make_unique<ipc::StatusPage>();
    if (!page.read(*value) || value->words > ipc::StatusPage::kMostWords) return std::nullopt;
    return decodeStatus(std::as_bytes(std::span(value->message, value->words)));
  } catch (const std::exception&) {
    return std::nullopt;
  } catch (const kj::Exception&) {
    return std::nullopt;
  }
}

}  // namespace backline::session

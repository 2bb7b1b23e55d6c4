#include "session/status_writer.h"

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "ipc/status.capnp.h"

namespace backline::session {

namespace {

constexpr std::size_t kMostText = 120;       // bytes of a name
constexpr std::uint32_t kMostSessions = 64;
constexpr std::uint32_t kMostNodes = 32;     // of a session, the costliest

std::int64_t clockNanoseconds(clockid_t clock) {
  timespec time;
  clock_gettime(clock, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

/// No longer than is told, cut between two characters.
std::string shortened(std::string text) {
  if (text.size() <= kMostText) return text;
  std::size_t end = kMostText;
  while (end > 0 && (text[end] & 0xc0) == 0x80) --end;
  text.resize(end);
  return text;
}

void write(ipc::NodeReport::Builder to, const ipc::SessionCosts::Entry& entry, const SessionView& session, float average) {
  const NodeName name = session.mirror.nameOf(entry.node);
  to.setId(entry.node);
  to.setType(name.type);
  to.setProcessor(shortened(name.processor));
  to.setSeconds(entry.seconds);
  to.setShare(average > 0 ? std::min(entry.seconds / average, 1.0f) : 0);
}

void write(ipc::SessionReport::Builder to, const SessionView& session, std::uint32_t nodes) {
  const SessionReading now = session.read();
  to.setId(session.id);
  to.setDevice(shortened(session.info.device));
  to.setBackend(shortened(session.info.backend));
  to.setSampleRate(session.info.sampleRate);
  to.setQuantum(session.info.quantum);
  to.setState(static_cast<ipc::SessionReport::State>(now.status.state));
  to.setFrame(now.status.frame);
  to.setCostAverage(now.status.costAverage);
  to.setCostWorst(now.status.costWorst);
  to.setRingFill(now.status.ringFill);
  to.setRingTarget(now.status.ringTarget);
  to.setUnderruns(now.output.underruns);
  to.setUnderrunFrames(now.output.underrunFrames);
  to.setLatency(now.latency);
  to.setLatenessAverage(now.status.latenessAverage);
  to.setLatenessWorst(now.status.latenessWorst);
  to.setNodes(now.costs.nodes);
  const std::uint32_t count = std::min(now.costs.count, nodes);
  auto costliest = to.initCostliest(count);
  for (std::uint32_t i = 0; i < count; ++i) write(costliest[i], now.costs.entries[i], session, now.status.costAverage);
}

}  // namespace

StatusWriter::StatusWriter(std::string programName)
    : programName_(shortened(std::move(programName))),
      started_(clockNanoseconds(CLOCK_REALTIME)),
      page_(transport::createPage<ipc::StatusPage>(ipc::kStatusSegment)) {}

void StatusWriter::publish(std::span<const SessionView* const> sessions, const Engine::Helpers& helpers) {
  const auto told = sessions.first(std::min<std::size_t>(sessions.size(), kMostSessions));
  // Many sessions of costly names: fewer nodes of each, until all have room.
  for (std::uint32_t nodes = kMostNodes;; nodes /= 2) {
    capnp::MallocMessageBuilder message;
    auto status = message.initRoot<ipc::ProgramStatus>();
    status.setPid(getpid());
    status.setName(programName_);
    status.setStarted(started_);
    status.setPublished(clockNanoseconds(CLOCK_MONOTONIC));
    status.setAudioPid(helpers.audioPid);
    status.setRenderPid(helpers.renderPid);
    status.setRenderPriority(helpers.renderPriority);
    status.setOmitted(static_cast<std::uint32_t>(sessions.size() - told.size()));
    auto reports = status.initSessions(static_cast<unsigned>(told.size()));
    for (unsigned i = 0; i < reports.size(); ++i) write(reports[i], *told[i], nodes);
    const kj::Array<capnp::word> flat = capnp::messageToFlatArray(message);
    if (flat.size() > ipc::StatusPage::kMostWords && nodes > 0) continue;
    if (flat.size() > ipc::StatusPage::kMostWords) return;   // cannot be: kMostSessions × kMostText is less
    value_->words = static_cast<std::uint32_t>(flat.size());
    std::memcpy(value_->message, flat.begin(), flat.asBytes().size());
    page_.publish(*value_);
    return;
  }
}

}  // namespace backline::session

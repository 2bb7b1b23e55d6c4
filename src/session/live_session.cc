#include "session/live_session.h"

#include <algorithm>
#include <cmath>

namespace backline::session {

namespace {

transport::Fd copy(const transport::Fd& fd) { return fd ? fd.duplicate() : transport::Fd(); }

}  // namespace

LiveSession::LiveSession(Engine::Impl& engine, std::uint64_t id, SessionInfo info, std::shared_ptr<SessionChannel> channel,
                         transport::PageReader<ipc::SessionStatus> status, transport::PageReader<ipc::OutputStatus> output,
                         transport::PageReader<ipc::SessionCosts> costs)
    : engine_(engine), id_(id), info_(std::move(info)), channel_(std::move(channel)), status_(std::move(status)), output_(std::move(output)), costs_(std::move(costs)) {}

LiveSession::~LiveSession() { engine_.close(id_); }

void LiveSession::shareBuffer(render::ResourceId id, float sampleRate, std::uint64_t length, std::span<const float* const> channels) {
  transport::SharedMemory memory = transport::SharedMemory::create("backline-buffer", std::max<std::size_t>(1, channels.size() * length * sizeof(float)));
  auto* samples = reinterpret_cast<float*>(memory.bytes().data());
  for (std::size_t c = 0; c < channels.size(); ++c)
    if (channels[c] != nullptr) std::copy_n(channels[c], length, samples + c * length);
  transport::Fd snapshot = memory.fd().duplicate();
  channel_->hold();
  engine_.bindBuffer(id_, id, static_cast<std::uint32_t>(channels.size()), length, sampleRate, std::move(snapshot));
}

void LiveSession::bindStream(render::ResourceId id, render::ResourceKind kind, render::StreamEnds ends) {
  if (kind == render::ResourceKind::exchange) ends.notify = channel_->requestNotify().fd().duplicate();
  // What the host would refuse the caller hears at once.
  render::checkStream(kind, {copy(ends.memory), copy(ends.answers), copy(ends.notify), ends.ownClock});
  channel_->hold();
  engine_.bindStream(id_, id, kind, std::move(ends));
}

void LiveSession::moveOutput(const std::string& device, std::function<void(OutputMoved)> done) {
  engine_.moveOutput(id_, device, std::move(done));
}

void LiveSession::resetLatency() { engine_.resetLatency(id_); }

Timing LiveSession::timing() const {
  Timing timing;
  ipc::SessionStatus status;
  if (status_.read(status)) {
    timing.frame = status.frame;
    timing.state = static_cast<State>(status.state);
    timing.generation = status.generation;
    timing.costAverage = status.costAverage;
    timing.costWorst = status.costWorst;
    timing.ringTarget = status.ringTarget;
  }
  ipc::OutputStatus output;
  if (output_.read(output)) {
    timing.playedFrame = output.playedFrames;
    timing.playedNanoseconds = output.nanoseconds;
    timing.underruns = output.underruns;
    timing.peak[0] = output.peak[0];
    timing.peak[1] = output.peak[1];
    timing.outputLatency = output.latency;
    timing.callbackFrames = output.callbackFrames;
    timing.underrunFrames = output.underrunFrames;
    timing.latencySum = output.latencySum;
    timing.latencyFrames = output.latencyFrames;
    timing.latencyLeast = output.latencyLeast;
    timing.latencyMost = output.latencyMost;
  }
  return timing;
}

double LiveSession::costOf(render::NodeId node) const {
  ipc::SessionCosts costs;
  if (!costs_.read(costs)) return 0;
  const auto entries = std::span(costs.entries).first(std::min(costs.count, ipc::SessionCosts::kMost));
  const auto found = std::find_if(entries.begin(), entries.end(), [node](const auto& entry) { return entry.node == node; });
  return found != entries.end() && std::isfinite(found->seconds) && found->seconds > 0 ? found->seconds : 0;
}

}  // namespace backline::session

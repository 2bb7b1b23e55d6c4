#include "host/render_thread.h"

#include <pthread.h>
#include <sched.h>
#include <time.h>

#include <algorithm>
#include <future>

#include "transport/realtime.h"

namespace backline::host {

namespace {

// Below a device callback's, above everything ordinary.
constexpr int kPriority = 60;
/// A callback said to be longer ago, or still to come, tells nothing of how late we were.
constexpr std::int64_t kMostLate = 10'000'000'000;   // nanoseconds

std::int64_t now() noexcept {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

RenderThread::RenderThread(const RenderThreadConfig& config, render::Executor& executor, render::NoticeQueue& notices, RenderThreadEnds ends,
                           const transport::NotifyFd& wake, const transport::NotifyFd& spoke)
    : config_(config),
      executor_(executor),
      notices_(notices),
      ends_(std::move(ends)),
      wake_(wake),
      spoke_(spoke),
      rt_{.pace = RenderPace(demand()), .interleaved = std::make_unique<float[]>(std::size_t{config.quantum} * config.channels)} {
  std::promise<int> priority;
  thread_ = std::thread([this, &priority] {
    pthread_setname_np(pthread_self(), "render");
    const int obtained = transport::enterRealtimePriority(kPriority);
    ipc::RingDemand demand = this->demand();
    demand.realtime = obtained > 0;
    rt_.pace = RenderPace(demand);
    priority.set_value(obtained);
    run();
  });
  priority_ = priority.get_future().get();
}

RenderThread::~RenderThread() {
  ending_.store(true, std::memory_order_release);
  wake_.signal();
  thread_.join();
  delete toMove_.load();
  delete moved_.load();
}

void RenderThread::move(std::unique_ptr<RenderMove> move) { toMove_.store(move.release(), std::memory_order_release); }

std::unique_ptr<RenderMove> RenderThread::takeMoved() {
  return std::unique_ptr<RenderMove>(moved_.exchange(nullptr, std::memory_order_acquire));
}

void RenderThread::followMove() noexcept {
  RenderMove* move = toMove_.exchange(nullptr, std::memory_order_acquire);
  if (move == nullptr) return;
  // What was not heard there is heard here.
  while (const std::uint32_t frames = move->unread.read(rt_.interleaved.get(), config_.quantum)) move->ring.write(rt_.interleaved.get(), frames);
  ends_.ring.setState(transport::WriterState::ended);
  std::swap(ends_.ring, move->ring);
  rt_.pace.move(move->callbackFrames, move->deviceLatency, ends_.ring.format().capacityFrames);
  moved_.store(move, std::memory_order_release);
  spoke_.signal();
}

ipc::RingDemand RenderThread::demand() const {
  return {.callbackFrames = config_.callbackFrames,
          .quantum = config_.quantum,
          .latency = config_.latency,
          .deviceLatency = config_.deviceLatency,
          .sampleRate = config_.sampleRate,
          .capacity = ends_.ring.format().capacityFrames};
}

void RenderThread::run() {
  const transport::DenormalsFlushed denormals;
  std::uint64_t heard = 0;
  publish();
  while (!ending_.load(std::memory_order_acquire)) {
    int patience = -1;
    {
      const transport::RealtimeScope realtime;
      noteWakeUp();
      followMove();
      bool applied = executor_.applySubmitted();
      if (executor_.state() == render::RunState::running) {
        ends_.ring.setState(transport::WriterState::running);
        if (!fillRing(applied)) patience = 0;
      }
      if (executor_.state() != render::RunState::running) {
        ends_.ring.setState(executor_.state() == render::RunState::closed ? transport::WriterState::ended : transport::WriterState::paused);
        const std::uint64_t served = executor_.appliedSequence();
        patience = executor_.serveWorklets();
        rt_.served = served;
      }
      publish();
      if (applied || notices_.said() != heard) spoke_.signal();
      heard = notices_.said();
    }
    wake_.wait(patience);
  }
  ends_.ring.setState(transport::WriterState::ended);
}

bool RenderThread::fillRing(bool& applied) noexcept {
  std::uint32_t rendered = 0;
  while (executor_.state() == render::RunState::running && ends_.ring.fill() + config_.quantum <= rt_.pace.target() &&
         !ending_.load(std::memory_order_relaxed)) {
    if (rendered >= rt_.pace.target()) return false;
    renderQuantum();
    rendered += config_.quantum;
    followMove();
    applied |= executor_.applySubmitted();
    // Whoever is short of frames comes first; among equals SCHED_FIFO would let us go on to our target.
    if (rt_.pace.canWait(ends_.ring.fill())) sched_yield();
  }
  return true;
}

void RenderThread::renderQuantum() noexcept {
  const std::int64_t start = now();
  const std::uint64_t applied = executor_.appliedSequence();
  executor_.render(rt_.interleaved.get());
  rt_.served = applied;
  rt_.pace.rendered(static_cast<float>(now() - start) * 1e-9f, executor_.frame());
  ends_.ring.write(rt_.interleaved.get(), config_.quantum);
  publish();   // so that whoever goes on after our death begins with the very next frame
  publishCosts();
}

void RenderThread::noteWakeUp() noexcept {
  const std::uint64_t callback = ends_.output.version();
  if (callback == rt_.callback) return;   // somebody else's signal
  rt_.callback = callback;
  ipc::OutputStatus status;
  if (!ends_.output.read(status) || status.playedFrames == rt_.played) return;   // it took nothing, so it woke nobody
  rt_.played = status.playedFrames;
  const std::int64_t awake = now();
  if (status.nanoseconds <= 0 || status.nanoseconds > awake || awake - status.nanoseconds > kMostLate) return;
  rt_.lateness.add(static_cast<float>(awake - status.nanoseconds) * 1e-9f, executor_.frame(), config_.sampleRate);
}

void RenderThread::publish() noexcept {
  ipc::SessionStatus status;
  status.frame = executor_.frame();
  status.appliedSequence = executor_.appliedSequence();
  status.nanoseconds = now();
  status.state = static_cast<ipc::SessionState>(executor_.state());
  status.generation = executor_.generation();
  status.costAverage = rt_.pace.cost().average();
  status.costWorst = rt_.pace.cost().worst();
  status.ringFill = ends_.ring.fill();
  status.ringTarget = rt_.pace.target();
  status.latenessAverage = rt_.lateness.average();
  status.latenessWorst = rt_.lateness.worst();
  status.servedSequence = rt_.served;
  ends_.status.publish(status);
}

void RenderThread::publishCosts() noexcept {
  const render::NodeCosts& costs = executor_.costs();
  if (costs.rounds() == rt_.costs) return;
  rt_.costs = costs.rounds();
  ipc::SessionCosts told;
  static_assert(ipc::SessionCosts::kMost == render::NodeCosts::kMost);
  told.frame = executor_.frame();
  told.nodes = costs.nodes();
  for (const render::NodeCosts::Entry& entry : costs.costliest()) told.entries[told.count++] = {entry.node, entry.seconds};
  ends_.costs.publish(told);
}

}  // namespace backline::host

#include "host/render_thread.h"

#include <pthread.h>
#include <time.h>

#include <algorithm>
#include <future>
#include <utility>

#include "ipc/ring_target.h"
#include "transport/realtime.h"

namespace backline::host {

namespace {

// Below a device callback's, above everything ordinary.
constexpr int kPriority = 60;
constexpr float kCostSmoothing = 1.0f / 64;

std::int64_t now() noexcept {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

RenderThread::RenderThread(const RenderThreadConfig& config, render::Executor& executor, render::NoticeQueue& notices, transport::RingWriter ring,
                           const transport::NotifyFd& wake, transport::PageWriter<ipc::SessionStatus> page, const transport::NotifyFd& spoke)
    : config_(config), executor_(executor), notices_(notices), ring_(std::move(ring)), wake_(wake), page_(std::move(page)), spoke_(spoke) {
  rt_.interleaved = std::make_unique<float[]>(std::size_t{config.quantum} * config.channels);
  std::promise<int> priority;
  thread_ = std::thread([this, &priority] {
    pthread_setname_np(pthread_self(), "render");
    const int obtained = transport::enterRealtimePriority(kPriority);
    rt_.target = ipc::ringTarget(config_.callbackFrames, config_.quantum, obtained > 0, config_.latency, config_.sampleRate,
                                 ring_.format().capacityFrames);
    priority.set_value(obtained);
    run();
  });
  priority_ = priority.get_future().get();
}

RenderThread::~RenderThread() {
  ending_.store(true, std::memory_order_release);
  wake_.signal();
  thread_.join();
}

void RenderThread::run() {
  const transport::DenormalsFlushed denormals;
  std::uint64_t heard = 0;
  publish();
  while (!ending_.load(std::memory_order_acquire)) {
    bool applied = false;
    {
      const transport::RealtimeScope realtime;
      applied = executor_.applySubmitted();
      if (executor_.state() == render::RunState::running) {
        ring_.setState(transport::WriterState::running);
        while (executor_.state() == render::RunState::running && ring_.fill() + config_.quantum <= rt_.target &&
               !ending_.load(std::memory_order_relaxed)) {
          renderQuantum();
          applied |= executor_.applySubmitted();
        }
      }
      if (executor_.state() != render::RunState::running) {
        ring_.setState(executor_.state() == render::RunState::closed ? transport::WriterState::ended : transport::WriterState::paused);
        executor_.serveWorklets();
      }
      publish();
      if (applied || notices_.said() != heard) spoke_.signal();
      heard = notices_.said();
    }
    wake_.wait(-1);
  }
  ring_.setState(transport::WriterState::ended);
}

void RenderThread::renderQuantum() noexcept {
  const std::int64_t start = now();
  executor_.render(rt_.interleaved.get());
  const float cost = static_cast<float>(now() - start) * 1e-9f;
  rt_.costAverage += (cost - rt_.costAverage) * kCostSmoothing;
  rt_.worstOfWindow = std::max(rt_.worstOfWindow, cost);
  if (executor_.frame() >= rt_.windowEnd) {
    rt_.worstBefore = std::exchange(rt_.worstOfWindow, 0.0f);
    rt_.windowEnd = executor_.frame() + static_cast<std::uint64_t>(config_.sampleRate);
  }
  ring_.write(rt_.interleaved.get(), config_.quantum);
}

void RenderThread::publish() noexcept {
  ipc::SessionStatus status;
  status.frame = executor_.frame();
  status.appliedSequence = executor_.appliedSequence();
  status.nanoseconds = now();
  status.state = static_cast<ipc::SessionState>(executor_.state());
  status.generation = executor_.generation();
  status.costAverage = rt_.costAverage;
  status.costWorst = std::max(rt_.worstBefore, rt_.worstOfWindow);
  page_.publish(status);
}

}  // namespace backline::host

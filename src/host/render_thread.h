#pragma once

#include <atomic>
#include <cstdint>
#include <thread>

#include "ipc/pages.h"
#include "render/executor.h"
#include "transport/notify_fd.h"
#include "transport/page.h"
#include "transport/ring_stream.h"

namespace backline::host {

struct RenderThreadConfig {
  float sampleRate = 48000;
  std::uint32_t quantum = 128;
  std::uint32_t channels = 2;
  std::uint32_t callbackFrames = 0;   ///< what the device takes at once
  double latency = 0;                 ///< seconds, wanted
};

/// The real-time thread of one session: keeps the ring filled to its target, sleeps on `wake` otherwise.
/// `wake` is signalled by the audio server when it has taken frames, and by the I/O thread when it has submitted something.
class RenderThread {
 public:
  /// Starts the thread. `spoke` is signalled when there are notices or spent transactions for the I/O thread.
  RenderThread(const RenderThreadConfig& config, render::Executor& executor, render::NoticeQueue& notices, transport::RingWriter ring,
               const transport::NotifyFd& wake, transport::PageWriter<ipc::SessionStatus> page, const transport::NotifyFd& spoke);
  /// Ends and joins it.
  ~RenderThread();

  /// SCHED_FIFO, or 0. Known once the constructor has returned. [any thread]
  int priority() const { return priority_; }

 private:
  void run();
  void renderQuantum() noexcept;
  void publish() noexcept;

  const RenderThreadConfig config_;
  render::Executor& executor_;
  render::NoticeQueue& notices_;
  transport::RingWriter ring_;
  const transport::NotifyFd& wake_;
  transport::PageWriter<ipc::SessionStatus> page_;
  const transport::NotifyFd& spoke_;
  int priority_ = 0;
  std::atomic<bool> ending_{false};
  struct {
    std::uint32_t target = 0;              // frames
    std::unique_ptr<float[]> interleaved;  // one quantum
    float costAverage = 0;                 // seconds a quantum
    float worstOfWindow = 0, worstBefore = 0;   // the longest quantum of this second of sound, and of the one before
    std::uint64_t windowEnd = 0;           // frames
  } rt_;
  std::thread thread_;
};

}  // namespace backline::host

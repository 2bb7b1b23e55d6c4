#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>

#include "host/render_pace.h"
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
  double latency = 0;                 ///< seconds from graph to ear, wanted; 0: the least
  double deviceLatency = 0;           ///< seconds of it that lie behind the ring
  std::uint64_t firstFrame = 0;       ///< context frame of the first quantum
};

/// What a render thread shares with other processes.
struct RenderThreadEnds {
  transport::RingWriter ring;
  transport::PageWriter<ipc::SessionStatus> status;
  transport::PageWriter<ipc::SessionCosts> costs;
  transport::PageReader<ipc::OutputStatus> output;
};

/// Where a render thread goes on.
struct RenderMove {
  transport::RingWriter ring;         ///< of the session's format; holds as much as the one before. Afterwards: the one before
  transport::RingReader unread;       ///< the reader's end of the ring before: nobody else reads it any more
  std::uint32_t callbackFrames = 0;   ///< what the device takes at once
  double deviceLatency = 0;           ///< seconds that lie behind the ring
};

/// The real-time thread of one session: keeps the ring filled to its target, sleeps on `wake` otherwise.
/// `wake` is signalled by the audio server when it has taken frames, and by the I/O thread when it has submitted something.
class RenderThread {
 public:
  /// Starts the thread. `spoke` is signalled when there are notices or spent transactions for the I/O thread.
  RenderThread(const RenderThreadConfig& config, render::Executor& executor, render::NoticeQueue& notices, RenderThreadEnds ends,
               const transport::NotifyFd& wake, const transport::NotifyFd& spoke);
  /// Ends and joins it.
  ~RenderThread();

  /// From between two quanta on the frames go elsewhere, those first that are unread. Only when the move before came back. Followed by a
  /// signal of `wake`. [io]
  void move(std::unique_ptr<RenderMove> move);
  /// The move given last, once the thread has done it; null before, and when it has been taken. [io]
  std::unique_ptr<RenderMove> takeMoved();

  /// SCHED_FIFO, or 0. Known once the constructor has returned. [any thread]
  int priority() const { return priority_; }

 private:
  void run();
  void followMove() noexcept;
  /// False if it rendered as much as should have been enough, and it was not: under too much load others still have to be told of it.
  bool fillRing(bool& applied) noexcept;
  void renderQuantum() noexcept;
  void noteWakeUp() noexcept;
  void publish() noexcept;
  void publishCosts() noexcept;
  ipc::RingDemand demand() const;

  const RenderThreadConfig config_;
  render::Executor& executor_;
  render::NoticeQueue& notices_;
  RenderThreadEnds ends_;
  const transport::NotifyFd& wake_;
  const transport::NotifyFd& spoke_;
  int priority_ = 0;
  std::atomic<bool> ending_{false};
  std::atomic<RenderMove*> toMove_{nullptr}, moved_{nullptr};   // one of them at a time, owned
  struct {
    RenderPace pace;
    std::unique_ptr<float[]> interleaved;   // one quantum
    Watched lateness;                       // seconds
    std::uint64_t callback = 0;             // version of the output page at the last waking
    std::uint64_t played = 0;               // frames, at that
    std::uint64_t served = 0;               // the last batch whose messages have reached their processors
    std::uint64_t costs = 0;                // the newest node costs published
  } rt_;
  std::thread thread_;
};

}  // namespace backline::host

#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "media/decoded_stream.h"
#include "media/media_state.h"
#include "media/stream_converter.h"
#include "transport/ring_stream.h"

namespace backline::media {

/// Brings a sound, decoded by a guest of the helper, into a ring on a thread of its own, as fast as the ring is read, and never more than the ring holds ahead: whatever the
/// program's threads do meanwhile, and however long the sound is.
/// Thread safety: one control thread makes, calls and destroys it; `wake` is called on the pump's thread when the state has changed.
class MediaPump {
 public:
  MediaPump(std::shared_ptr<DecodeHelper> helper, MediaLocation location, std::function<void()> wake);
  ~MediaPump();   // waits for the thread
  MediaPump(const MediaPump&) = delete;
  MediaPump& operator=(const MediaPump&) = delete;

  PumpState state() const;
  /// Seconds into the sound of what the reader of the ring takes next.
  double position() const;

  /// From the next place() on, frames go into this ring, of the sound's channels and any rate. `latency`: seconds from the ring to the ear. A
  /// default one: nowhere.
  void setRing(transport::SharedMemory ring, double latency);
  /// Goes on at `seconds`; what is in the ring from before is to be skipped up to PumpState::from. `number` is above all before.
  void place(std::uint32_t number, double seconds);
  /// Frames that are not in the ring yet are played that fast.
  void setSpeed(double rate, bool preservesPitch);
  /// The position in the ring at which it is to stop, if the frames of a further round are there already.
  std::optional<std::uint64_t> setLoop(bool loop);
  /// Whether the ring is being read.
  void setPlaying(bool playing);
  /// Asks the thread to end.
  void stop();
  bool hasStopped() const { return stopped_.load(); }

 private:
  using Clock = std::chrono::steady_clock;
  using Lock = std::unique_lock<std::mutex>;

  /// Where in the sound a stretch of the ring is.
  struct Stretch {
    std::uint64_t ring;   // its first frame
    double media;         // in frames of the sound
    double step;          // frames of the sound for one of the ring
  };
  struct Wanted {
    std::uint32_t place = 0;
    double seconds = 0;
    double rate = 1;
    bool preservesPitch = true;
    double latency = 0;
    std::optional<transport::SharedMemory> ring;
  };

  void run();
  bool interrupted();
  void serve(Lock& lock);
  void apply(Lock& lock);
  void placeAt(Lock& lock);
  bool fillSome(Lock& lock);
  bool readMore(Lock& lock);
  void endIfWritten();
  void beginAgain(std::uint64_t ring);
  void observe();
  std::uint64_t taken() const;
  std::uint64_t tail() const;
  double step() const;
  void fail(Lock& lock, const MediaFailure& failure);
  void tell() { told_ = true; }

  const std::shared_ptr<DecodeHelper> helper_;
  const MediaLocation location_;
  const std::function<void()> wake_;
  std::atomic<bool> stop_{false}, stopped_{false};

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Wanted wanted_;
  PumpState state_;
  bool loop_ = false, playing_ = false;
  bool hasCommand_ = false, told_ = false;
  transport::RingWriter writer_;
  bool hasRing_ = false;
  std::deque<Stretch> stretches_;
  std::deque<std::uint64_t> rounds_;        // where in the ring the sound begins again
  std::optional<std::uint64_t> last_;       // where in the ring it ends
  std::optional<Clock::time_point> emptied_;   // since when everything is taken
  Clock::time_point ticked_;
  double latency_ = 0, restPosition_ = 0;   // seconds

  // Of the pump's thread.
  std::unique_ptr<DecodedStream> reader_;
  std::unique_ptr<StreamConverter> converter_;
  bool drained_ = false;                    // the source has given everything
  double rate_ = 1;
  bool preservesPitch_ = true;

  std::thread thread_;
};

}  // namespace backline::media

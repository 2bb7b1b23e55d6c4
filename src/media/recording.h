#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "media/recording_take.h"
#include "transport/ring_stream.h"

namespace backline::media {

struct RecordingOptions {
  std::string path;
  SoundFormat format = SoundFormat::wav;
  bool replace = false;            ///< files that are there
  std::uint64_t splitFrames = 0;   ///< a file each: take-001.wav, take-002.wav, … of take.wav; 0: one file
  std::uint64_t limitFrames = 0;   ///< it ends by itself with so many frames in its files; 0: no limit
  std::string device;              ///< goes into the files
  bool endsWithSource = true;      ///< when the ring's writer has ended it; else another may go on with it, and stop() alone ends the recording
};

/// What was lost, as it is noticed.
struct RecordingGap {
  std::uint64_t frame = 0;         ///< of the take, from which on silence stands for it
  std::uint64_t frames = 0;
  std::string reason;
};

/// How far a recording is.
struct RecordingStatus {
  bool paused = false;
  bool ended = false;              ///< its files are finished
  std::uint64_t frames = 0;        ///< in all its files, silence for gaps included
  std::uint64_t bytes = 0;         ///< of all its files
  std::uint64_t gaps = 0;          ///< times that frames were lost
  std::uint64_t lostFrames = 0;    ///< in them
  std::uint64_t pausedFrames = 0;  ///< left out
  std::uint32_t mostWaiting = 0;   ///< frames, the most that waited in the ring
  std::vector<std::string> files;  ///< paths; the last one is written
  std::vector<float> peaks;        ///< largest |sample|, a channel each
  std::string failure;             ///< why it ended early, for people; everything until then is in the files
};

/// Empties a ring into files on a thread of its own, frame for frame: what was lost is silence of its exact length, pauses are exact to the frame. The
/// program's threads may do what they like meanwhile; the ring holds what a disk is late. If the disk fails the recording ends. A ring that drops its oldest frames may be recorded too; its pauses are exact only while it drops none.
/// Thread safety: every call from any thread, but for making and destroying. The callbacks are called on the recording's thread.
class Recording {
 public:
  struct Callbacks {
    std::function<void()> ended;                        ///< once, when the files are finished
    std::function<void(const RecordingGap&)> gap;
  };
  /// Records from what the ring holds unread on, at its rate and with its channels. Throws WriteFailure naming path and reason.
  Recording(RecordingOptions options, transport::RingReader ring, Callbacks callbacks);
  Recording(RecordingOptions options, transport::RingReader ring) : Recording(std::move(options), std::move(ring), Callbacks{}) {}
  ~Recording();   ///< as stop(), and waits for it

  /// Leaves out the frames that the source writes from now on, until resume().
  void pause() { pauseAt(ring_.written()); }
  void resume() { resumeAt(ring_.written()); }
  /// The same at a position in the ring's stream. Positions of such calls do not go back; what is recorded already stays so.
  void pauseAt(std::uint64_t position) { turn({position, true}); }
  void resumeAt(std::uint64_t position) { turn({position, false}); }
  /// Ends with what the source has written by now. Does not wait: the thread finishes the files.
  void stop();
  /// Until the files are finished.
  void wait() const;

  RecordingStatus status() const;
  /// Largest |sample| of each channel since it was asked last.
  std::vector<float> levels();
  std::uint32_t sampleRate() const { return sampleRate_; }   ///< Hz
  std::uint32_t channels() const { return channels_; }

 private:
  using Clock = std::chrono::steady_clock;
  struct Turn {
    std::uint64_t position;
    bool paused;
  };

  void run();
  bool advance();
  bool advanceTo(std::uint64_t written);
  void serve(std::uint64_t position);
  void serveGap(std::uint64_t position);
  void endPause();
  void lose(std::uint64_t frames, const std::string& reason);
  void put(const float* interleaved, std::size_t frames);
  std::uint64_t room() const;
  void observe();
  void conclude(const std::string& why);
  void turn(Turn turn);
  RecordingOrigin originAt(std::int64_t position) const;

  const RecordingOptions options_;
  const Callbacks callbacks_;
  transport::RingReader ring_;                // the thread's, but for what any thread may ask
  const std::uint32_t sampleRate_, channels_;

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  RecordingStatus status_;
  std::deque<Turn> turns_;
  std::optional<std::uint64_t> stopAt_;
  std::vector<std::atomic<float>> levels_;

  // Of the thread.
  const std::uint64_t start_;                 // position in the ring
  std::int64_t ahead_;                        // of the take, the ring's position
  std::uint64_t pauseFrames_ = 0;             // of this pause
  bool paused_ = false;
  Clock::time_point synced_ = Clock::now();
  std::vector<float> block_;
  RecordingTake take_;

  std::thread thread_;
};

}  // namespace backline::media

#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "control/media_stream_reader.h"
#include "media/sound_stream.h"

namespace backline::media {

struct MediaRecordingOptions {
  SoundFormat format = SoundFormat::opus;
  std::uint32_t bitsPerSecond = 0;   ///< of all channels; 0: the encoder's own choice
  double timeslice = 0;              ///< seconds of sound in a chunk; 0: a chunk only when asked for, and at the end
};

/// What one track sounds, encoded on a thread of its own, in chunks that follow one another as one file: what MediaRecorder is made of
/// (https://w3c.github.io/mediacapture-record). The program's threads have no part in it: a ring of 20 s stands between, and the chunks wait.
/// What the track lost on its way is silence of the same length. While it is paused, sound is left out.
/// Thread safety: one control thread; `wake` is called on the recording's own.
class MediaRecording {
 public:
  struct Chunk {
    std::vector<std::byte> bytes;
    double time = 0;       ///< seconds of recorded sound before it
    bool last = false;     ///< nothing comes after it
    std::string error;     ///< why it is the last, if that is not the end of the track or stop()
  };

  /// `wake` is called when there is a chunk to take. Throws as MediaStreamTrack::open; WriteFailure if the format cannot have so many channels.
  MediaRecording(std::shared_ptr<MediaStreamTrack> track, const MediaRecordingOptions& options, std::function<void()> wake);
  ~MediaRecording();   // waits for the thread
  MediaRecording(const MediaRecording&) = delete;
  MediaRecording& operator=(const MediaRecording&) = delete;

  /// All below hold for the sound that comes from now on; what has come before is recorded as it was to be.
  void pause() { tell(Command::pause); }
  void resume() { tell(Command::resume); }
  /// A chunk of what there is, though it be nothing.
  void requestData() { tell(Command::request); }
  /// The last chunk follows.
  void stop() { tell(Command::stop); }
  /// As stop(), and waits until the thread has ended: `wake` is called no more.
  void end();
  std::optional<Chunk> take();

 private:
  enum class Command { pause, resume, request, stop };
  void tell(Command command);
  void run();
  void record();
  bool serve(Command command);
  void readSome();
  void append(const float* interleaved, std::size_t frames);
  void emit(bool last, std::string error = {});

  const MediaRecordingOptions options_;
  const std::function<void()> wake_;
  MediaStreamReader reader_;

  // Of the thread.
  SoundStream stream_;
  std::vector<float> frames_;
  std::uint64_t seen_ = 0;        // frames of the ring, lost ones included
  std::uint64_t recorded_ = 0;    // frames
  std::uint64_t chunk_ = 0;       // of them, before the chunk that is being made
  bool paused_ = false;

  std::mutex mutex_;
  std::deque<Command> commands_;
  std::deque<Chunk> chunks_;
  std::thread thread_;
};

}  // namespace backline::media

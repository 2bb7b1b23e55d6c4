#pragma once

#include <memory>
#include <optional>

#include "control/audio_buffer.h"
#include "control/audio_scheduled_source_node.h"

namespace backline {

struct AudioBufferSourceOptions {
  std::shared_ptr<AudioBuffer> buffer;
  float detune = 0;         ///< cents
  bool loop = false;
  double loopEnd = 0;       ///< seconds
  double loopStart = 0;     ///< seconds
  float playbackRate = 1;
};

/// Web Audio §1.9. [control]
class AudioBufferSourceNode final : public AudioScheduledSourceNode {
 public:
  explicit AudioBufferSourceNode(BaseAudioContext& context, const AudioBufferSourceOptions& options = {});

  const std::shared_ptr<AudioBuffer>& buffer() const { return buffer_; }
  /// Throws InvalidStateError for a second buffer that is not null. What start() finds in it is what plays.
  void setBuffer(std::shared_ptr<AudioBuffer> buffer);

  AudioParam& playbackRate() { return *param("playbackRate"); }
  AudioParam& detune() { return *param("detune"); }
  bool loop() const { return field(fieldNamed("loop")) != 0; }
  void setLoop(bool loop) { setField(fieldNamed("loop"), loop); }
  double loopStart() const { return field(fieldNamed("loopStart")); }
  void setLoopStart(double seconds) { setField(fieldNamed("loopStart"), seconds); }
  double loopEnd() const { return field(fieldNamed("loopEnd")); }
  void setLoopEnd(double seconds) { setField(fieldNamed("loopEnd"), seconds); }

  void start(double when = 0) override;
  /// `offset` and `duration` in seconds of the buffer's content. Throws as start(when); RangeError if either is negative.
  void start(double when, double offset, std::optional<double> duration = {});

 private:
  void acquireBuffer();

  std::shared_ptr<AudioBuffer> buffer_;
  bool bufferSet_ = false;
};

}  // namespace backline

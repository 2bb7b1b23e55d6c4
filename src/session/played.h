#pragma once

#include <array>
#include <cstdint>

#include "render/node.h"
#include "session/recorded_param.h"

namespace backline::session {

/// How far a source that has been heard to start has come: a fold over its parameters' past, so that their events may be forgotten. Signals
/// connected to its parameters are not known here, and its buffer's length is not: it may have ended long ago. [io]
class Played {
 public:
  using Params = std::array<const RecordedParam*, 2>;   ///< playbackRate or frequency, and detune; null: nothing was recorded

  /// `frame`: at which the quantum begins in which the source sounded first.
  Played(const render::NodeDeclaration& declaration, const render::Schedule& schedule, std::uint64_t frame, float sampleRate, std::uint32_t quantum);

  /// Comes to `frame`. Events of the frames passed have been recorded, and none of those was forgotten.
  void advance(const Params& params, std::uint64_t frame);
  /// From here on quanta begin at `frame`, which it has come to.
  void beginQuanta(std::uint64_t frame) { quantumFrame_ = frame; }

  /// The frame of its first sample.
  std::uint64_t began() const { return began_; }
  /// The frame that it has come to.
  std::uint64_t frame() const { return frame_; }
  const render::Past& past() const { return past_; }

 private:
  bool isBuffer() const;
  bool isOscillator() const;
  void play(double frames, float speed, float detune);
  void lead(double part, float speed, float detune);
  void move(std::span<const float> speeds, std::span<const float> detunes);
  void addStretch(double frames, double pace);

  const render::NodeDeclaration& declaration_;
  float sampleRate_;
  std::uint32_t quantum_;
  std::uint64_t quantumFrame_;   // at which the quantum of frame_ begins
  std::uint64_t frame_;
  std::uint64_t began_;
  double lead_ = 0;              // of a frame, before the first sample
  render::Past past_;
};

}  // namespace backline::session

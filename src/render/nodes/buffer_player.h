#pragma once

#include <cstdint>

#include "render/block.h"
#include "render/resource.h"

namespace backline::render {

/// The playback algorithm of AudioBufferSourceNode (Web Audio §1.9.5): where in the buffer each frame is read, and the reading. Positions
/// are fixed-point buffer frames, 64 bits each side of the point: steps add up without rounding for as long as it plays. A position nearer
/// than 1e-6 to a whole frame counts as whole. [render]
class BufferPlayer {
 public:
  /// What may change from quantum to quantum.
  struct Settings {
    const AudioBufferData& buffer;
    double step;                 ///< buffer frames a context frame; may be negative
    bool loop;
    double loopStart, loopEnd;   ///< seconds of the buffer
  };

  bool started() const { return started_; }
  /// offset, duration: seconds of the buffer. lead: context frames between the exact start and the first one played.
  void start(const Settings& settings, double offset, double duration, double lead) noexcept;
  /// Fills the frames [begin, end) of every channel of `out`; false if nothing is left to play after them.
  bool play(const Settings& settings, Block& out, std::uint32_t begin, std::uint32_t end) noexcept;
  /// Comes to where play() of as many frames would, without reading; 0 ≤ frames ≤ Past::kMostFrames, a last part of one counts as a part of
  /// the step. In as many turns as there are regions to enter.
  void skip(const Settings& settings, double frames) noexcept;

 private:
  using Position = __int128;
  struct Region {
    Position start, end;
  };
  struct Tap;

  static Position positionOf(double frames);
  static Region loopOf(const Settings& settings);
  void enterLoop(const Region& loop);
  void move(Position distance);
  Position framesToTurn(const Settings& settings, const Region& loop, Position step) const;
  static Position wrap(Position position, const Region& loop);
  Tap tapAt(Position position, const Region* loop, std::int64_t length) const;
  bool exhausted(const Settings& settings, Position step) const;

  bool started_ = false;
  bool enteredLoop_ = false;
  Position position_ = 0, offset_ = 0, elapsed_ = 0, duration_ = 0;
};

}  // namespace backline::render

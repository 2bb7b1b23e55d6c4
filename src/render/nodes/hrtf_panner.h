#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "dsp/spatial.h"
#include "render/block.h"
#include "render/nodes/hrtf_table.h"
#include "render/resource.h"

namespace backline::render {

/// What a PannerNode with panningModel "HRTF" remembers: its input, and the filters it is heard through. Between two directions it fades: evenly, over a
/// quantum (128 frames at least), along with what moves; with a slow beginning and end, over 512 frames at least, where something jumps. Belongs to one node.
class HrtfPanner final : public Resource {
 public:
  HrtfPanner(std::shared_ptr<const HrtfTable> table, std::uint32_t quantum);
  ResourceKind kind() const override { return ResourceKind::prepared; }

  /// Frames that a sound's end is heard after it.
  std::uint32_t tail() const { return tail_; }
  /// Mono or stereo in, where each channel is heard by its own ear; stereo out. `gain` is reached at the end of the quantum. [render]
  void process(const Block& in, const dsp::Head::Direction& direction, double gain, Block& out) noexcept;
  /// Silence was before. [render]
  void reset() noexcept;

 private:
  void aim(const dsp::Head::Direction& direction) noexcept;
  void run(const Block& in, std::uint32_t from, std::uint32_t count, Block& out) noexcept;
  void hear(const EarFilters& filters, unsigned ear, std::uint32_t count, float* out) const noexcept;

  const std::shared_ptr<const HrtfTable> table_;
  const std::uint32_t quantum_;   // frames
  const std::size_t history_;     // frames
  const std::uint32_t tail_;

  struct {
    EarFilters filters[2];
    unsigned now = 0;             // of the two
    bool aimed = false;
    std::uint32_t fade = 0;       // frames that the way to the other filters takes; 0: there is none to go
    std::uint32_t faded = 0;      // … that have been gone
    bool jumps = false;
    dsp::Head::Direction direction;
    double gain = 0;
    std::size_t stereoFrames = 0; // for which the two lines differ; afterwards the first is both
    std::vector<float> lines[2];  // history and one run, of each channel
    std::vector<float> other;     // one run
  } rt_;
};

}  // namespace backline::render

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
/// quantum (128 frames at least), along with what moves; with a slow beginning and end, over 512 frames at least, where something jumps. So it does
/// over 2048 frames from what was heard while its table was not there yet. Belongs to one node.
class HrtfPanner final : public Resource {
 public:
  HrtfPanner(std::shared_ptr<const HrtfTable> table, std::uint32_t quantum);
  ResourceKind kind() const override { return ResourceKind::prepared; }

  /// Whether its table is there. [render]
  bool isReady() const noexcept { return table_->isMade(); }
  /// Frames that a sound's end is heard after it.
  std::uint32_t tail() const { return tail_; }
  /// Mono or stereo in, where each channel is heard by its own ear; stereo out. `gain` is reached at the end of the quantum. [render]
  void process(const Block& in, const dsp::Head::Direction& direction, double gain, Block& out) noexcept;
  /// Silence was before. [render]
  void reset() noexcept;

  /// Another has been heard in its place, as it was not ready. [render]
  void replaced() noexcept { rt_.arriving = kArrival; }
  bool isArriving() const noexcept { return rt_.arriving > 0; }
  /// A stereo block for what would be heard in its place. [render]
  Block& standIn() noexcept { return rt_.standIn; }
  /// Goes a quantum of the way from there to `out`. [render]
  void arrive(Block& out) noexcept;

 private:
  static constexpr std::uint32_t kArrival = 2048;   // frames

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
    std::uint32_t arriving = 0;   // frames until it is heard alone
    std::vector<float> standInSamples;
    Block standIn;
  } rt_;
};

}  // namespace backline::render

#pragma once

#include <cstdint>

#include "dsp/partitioned_convolver.h"
#include "render/block.h"
#include "render/node.h"
#include "render/resource.h"

namespace backline::render {

/// A ConvolverNode's response as it renders: tables made from the buffer (one, two or four channels at the session's rate), and the input
/// that still rings in them. Web Audio §1.14, "Channel Configurations". Belongs to one node.
class ImpulseResponse final : public Resource {
 public:
  /// [compile]
  ImpulseResponse(const AudioBufferData& buffer, bool normalized, std::uint32_t quantum);

  /// Stands for the buffer it was made from.
  ResourceKind kind() const override { return ResourceKind::audioBuffer; }
  std::uint32_t channels() const { return channels_; }

  Activity process(const Block& in, ChannelInterpretation interpretation, Block& out) noexcept;   // [render]

 private:
  enum class Lanes {
    straight,     ///< left, right
    difference,   ///< left, right − left: nothing to do for the second while the input is mono
  };
  struct Inputs {
    const float* lanes[2] = {nullptr, nullptr};
  };

  Lanes lanesAtRest(ChannelInterpretation interpretation) const noexcept;
  Inputs lanesOf(const Block& in, ChannelInterpretation interpretation) noexcept;
  void rest() noexcept;

  const std::uint32_t channels_;
  const std::uint64_t length_;
  dsp::PartitionedConvolver convolver_;

  struct {
    Lanes lanes = Lanes::straight;
    std::vector<float> difference;     // one quantum
    bool resting = true;               // no sound is held
    std::uint64_t activeFrames = 0;    // that the past input keeps the node active for, from the next quantum on
    std::uint64_t soundFrames = 0;     // … that it rings for
    std::uint64_t stereoFrames = 0;    // … that it makes the output stereo for
  } rt_;
};

/// What normalization multiplies a response by.
float normalizationOf(const AudioBufferData& buffer);

}  // namespace backline::render

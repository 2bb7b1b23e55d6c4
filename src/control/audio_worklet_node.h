#pragma once

#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "control/audio_node.h"
#include "control/errors.h"

namespace backline {

struct AudioWorkletNodeOptions : AudioNodeOptions {
  std::uint32_t numberOfInputs = 1;
  std::uint32_t numberOfOutputs = 1;
  std::optional<std::vector<std::uint32_t>> outputChannelCount;
  std::vector<std::pair<std::string, double>> parameterData;   ///< names that do not exist are ignored
  render::Message processorOptions;   ///< handed to the processor as it is
};

/// Web Audio §1.32.4. Kept, once made, until its processor will not run again or the context is closed. [control]
class AudioWorkletNode final : public AudioNode {
 public:
  /// To be used through create(), so that the context keeps the node. Throws InvalidStateError, which says why, for a name that is
  /// not registered, NotSupportedError without inputs and outputs, for too many of them or an impossible channel count, IndexSizeError for the wrong number of counts.
  static std::shared_ptr<AudioWorkletNode> create(BaseAudioContext& context, const std::string& name,
                                                  const AudioWorkletNodeOptions& options = {});
  AudioWorkletNode(BaseAudioContext& context, const std::string& name, const AudioWorkletNodeOptions& options);

  /// node.port.postMessage() with a message that is serialized already.
  void postMessage(render::Message message);

  /// What the processor costs: the part of a quantum's duration that its call takes, of 1. 0 before it was measured, which happens about once a
  /// second, and where many other nodes cost more.
  double cost() const { return link()->costOf(id()); }

  /// processor.port.postMessage().
  std::function<void(std::span<const std::byte>)> onmessage;
  /// The processor threw, in its constructor or in process(); it is silent from now on.
  std::function<void(const Error&)> onprocessorerror;
  /// The processor will not run again unless an input comes back.
  std::function<void()> onprocessorended;

  void receive(const render::Notice& notice) override;
};

}  // namespace backline

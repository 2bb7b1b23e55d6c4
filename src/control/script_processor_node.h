#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "control/audio_buffer.h"
#include "control/audio_node.h"
#include "render/exchange_records.h"
#include "transport/block_stream.h"

namespace backline {

/// What onaudioprocess is given (Web Audio §1.12). The buffers are this event's own.
struct AudioProcessingEvent {
  double playbackTime = 0;                      ///< seconds of context time at which the output will be heard
  std::shared_ptr<AudioBuffer> inputBuffer;     ///< as many channels as the node has for input, 0 included
  std::shared_ptr<AudioBuffer> outputBuffer;    ///< silence, to be written
};

/// Web Audio §1.29, deprecated there: sound that the program's own thread makes, a block at a time. The render side never waits for
/// it; what is not answered in time is silence (a rendering offline waits, and so is exact). What enters is heard after two blocks.
/// While it is connected and somebody listens, the context keeps the node. [control]
class ScriptProcessorNode final : public AudioNode {
 public:
  /// bufferSize: 256, 512 … 16384, or 0 for a good one. Throws IndexSizeError for another size, more than 32 channels, or none at all;
  /// NotSupportedError if there is no memory for the blocks.
  ScriptProcessorNode(BaseAudioContext& context, std::uint32_t bufferSize, std::uint32_t numberOfInputChannels, std::uint32_t numberOfOutputChannels);
  ~ScriptProcessorNode() override;

  std::uint32_t bufferSize() const { return shape_.frames; }   ///< frames
  /// Blocks that were played as silence, because the program was late.
  std::uint32_t missedBlocks() const { return missed_; }
  /// What the render side asked that made no sense; nothing of it reaches onaudioprocess.
  std::uint32_t refusedRequests() const { return refused_; }

  /// Called by dispatch() for every block, in order.
  std::function<void(AudioProcessingEvent&)> onaudioprocess;
  /// Whether onaudioprocess is there for somebody: else a block is not worth keeping the node for.
  void setHeard(bool heard);

 private:
  struct Shape {
    std::uint32_t frames, inputs, outputs;
  };
  static Shape checked(BaseAudioContext& context, const Shape& wanted);
  ScriptProcessorNode(BaseAudioContext& context, const Shape& shape);
  void bindExchange();

  void checkChannelCount(std::uint32_t count) const override;
  void checkChannelCountMode(ChannelCountMode mode) const override;
  void connected() override;

  /// Turns what the render side has asked since the last time into tasks.
  void readRequests();
  bool isSane(const render::ExchangeRequest& request, std::size_t bytes) const;
  void answer(const render::ExchangeRequest& request, const std::vector<std::byte>& record);
  void reply(const render::ExchangeRequest& request, const AudioBuffer* output);
  void updateKept();

  const Shape shape_;
  std::shared_ptr<ResourceHandle> exchange_;
  transport::BlockReader requests_;
  transport::BlockWriter answers_;
  std::vector<std::byte> request_, answer_;
  std::uint64_t lastSequence_ = 0;
  std::uint32_t missed_ = 0, refused_ = 0;
  bool connected_ = false;
  bool heard_ = true;
};

}  // namespace backline

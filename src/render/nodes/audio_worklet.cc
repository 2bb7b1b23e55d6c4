#include "render/nodes/audio_worklet.h"

#include <algorithm>

#include "render/nodes/list.h"

namespace backline::render {

namespace {

class AudioWorkletRenderer final : public NodeRenderer {
 public:
  AudioWorkletRenderer(NodeId id, std::unique_ptr<Processor> processor, std::vector<std::uint32_t> outputChannelCount, NoticeQueue& notices, Lane& lane)
      : id_(id), processor_(std::move(processor)), outputChannelCount_(std::move(outputChannelCount)), notices_(notices), lane_(lane) {}

  Activity process(const ProcessArgs& args) noexcept override {
    if (!processor_) return idle();
    if (failed_ && processor_->renewed()) failed_ = false, activeSource_ = true;
    if (failed_) return idle();
    const bool hears = std::any_of(args.inputs.begin(), args.inputs.end(), [](const Block* input) { return input->active; });
    // The node's active source flag and its inputs decide whether process() is called (Web Audio §1.32.4.4).
    if (!activeSource_ && !hears) return idle();
    endSaid_ = false;
    for (std::size_t i = 0; i < args.outputs.size(); ++i)
      args.outputs[i].zero(outputChannelCount_.empty() ? args.inputs[0]->channels : outputChannelCount_[i]);
    const Lane::Stretch stretch(lane_, id_, Phase::process);
    const ProcessorResult result = processor_->process({args.quantum, args.inputs, args.outputs, args.params});
    activeSource_ = result == ProcessorResult::keepAlive;
    failed_ = result == ProcessorResult::failed;
    if (failed_)
      for (Block& output : args.outputs) output.clear();
    return Activity::active;
  }

  void receive(std::span<const std::byte> message) noexcept override {
    if (!processor_) return;
    const Lane::Stretch stretch(lane_, id_, Phase::message);
    processor_->receive(message);
  }

 private:
  Activity idle() noexcept {
    if (!endSaid_) endSaid_ = notices_.processorEnded(id_);
    return Activity::idle;
  }

  const NodeId id_;
  const std::unique_ptr<Processor> processor_;
  const std::vector<std::uint32_t> outputChannelCount_;
  NoticeQueue& notices_;
  Lane& lane_;
  bool activeSource_ = true;
  bool failed_ = false;
  bool endSaid_ = false;
};

}  // namespace

const NodeDeclaration kAudioWorklet{.name = "AudioWorkletNode"};

std::unique_ptr<NodeRenderer> makeWorkletRenderer(NodeId id, std::unique_ptr<Processor> processor,
                                                  std::vector<std::uint32_t> outputChannelCount, NoticeQueue& notices,
                                                  Lane& lane) {
  return std::make_unique<AudioWorkletRenderer>(id, std::move(processor), std::move(outputChannelCount), notices, lane);
}

}  // namespace backline::render

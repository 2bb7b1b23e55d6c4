#include "control/base_audio_context.h"

namespace backline {

BaseAudioContext::BaseAudioContext(std::unique_ptr<session::Session> session, std::shared_ptr<NativeWorklets> native)
    : link_(std::make_shared<SessionLink>(std::move(session))), worklet_(link_, std::move(native)) {
  link_->onContextNotice([this](render::NoticeRecord& notice) { route(notice); });
}

BaseAudioContext::~BaseAudioContext() {
  link_->onContextNotice({});
  link_->shut();
}

void BaseAudioContext::makeDestination(AudioDestinationNode::Kind kind, std::uint32_t channels,
                                       std::uint32_t maxChannels) {
  destination_ = std::make_shared<AudioDestinationNode>(*this, kind, channels, maxChannels);
}

const std::shared_ptr<AudioListener>& BaseAudioContext::listener() {
  if (!listener_) listener_ = std::make_shared<AudioListener>(link_);
  return listener_;
}

void BaseAudioContext::route(render::NoticeRecord& notice) {
  if (const auto* changed = std::get_if<render::StateChanged>(&notice.body)) {
    receive(*changed);
  } else if (const auto* complete = std::get_if<render::RenderingComplete>(&notice.body)) {
    receive(*complete);
  } else if (const auto* interrupted = std::get_if<render::SessionInterrupted>(&notice.body)) {
    worklet_.restart();
    receive(*interrupted);
  } else if (const auto* failed = std::get_if<render::SessionFailed>(&notice.body)) {
    fail(failed->reason);
  } else {
    worklet_.receive(notice);
  }
}

void BaseAudioContext::setState(AudioContextState state) {
  if (state_ == state) return;
  state_ = state;
  if (state == AudioContextState::running) quantumHidden_ = false;
  // Before the next notice, which may change the state again.
  link_->queueNext([this] {
    if (onstatechange) onstatechange();
  });
}

void BaseAudioContext::shut() { link_->shut(); }

void BaseAudioContext::fail(const std::string& reason) {
  if (link_->isShut()) return;
  shut();
  failPending(DomException("InvalidStateError", reason));
  setState(AudioContextState::closed);
  link_->queueNext([this, reason] {
    if (onerror) onerror(reason);
  });
}

void BaseAudioContext::dispatch() {
  while (dispatchOne()) {
  }
}

bool BaseAudioContext::waitAndDispatch(double seconds) {
  commit();
  const bool woken = link_->wait(seconds);
  dispatch();
  return woken;
}

std::shared_ptr<AnalyserNode> BaseAudioContext::createAnalyser() { return std::make_shared<AnalyserNode>(*this); }

std::shared_ptr<AudioBuffer> BaseAudioContext::createBuffer(std::uint32_t numberOfChannels, std::uint64_t length,
                                                            float sampleRate) {
  return std::make_shared<AudioBuffer>(AudioBufferOptions{numberOfChannels, length, sampleRate});
}

std::shared_ptr<AudioBufferSourceNode> BaseAudioContext::createBufferSource() {
  return std::make_shared<AudioBufferSourceNode>(*this);
}

std::shared_ptr<ConstantSourceNode> BaseAudioContext::createConstantSource() {
  return std::make_shared<ConstantSourceNode>(*this);
}

std::shared_ptr<ConvolverNode> BaseAudioContext::createConvolver() { return std::make_shared<ConvolverNode>(*this); }

std::shared_ptr<DynamicsCompressorNode> BaseAudioContext::createDynamicsCompressor() {
  return std::make_shared<DynamicsCompressorNode>(*this);
}

std::shared_ptr<BiquadFilterNode> BaseAudioContext::createBiquadFilter() { return std::make_shared<BiquadFilterNode>(*this); }

std::shared_ptr<ChannelMergerNode> BaseAudioContext::createChannelMerger(std::uint32_t numberOfInputs) {
  return std::make_shared<ChannelMergerNode>(*this, ChannelMergerOptions{{}, numberOfInputs});
}

std::shared_ptr<ChannelSplitterNode> BaseAudioContext::createChannelSplitter(std::uint32_t numberOfOutputs) {
  return std::make_shared<ChannelSplitterNode>(*this, ChannelSplitterOptions{{}, numberOfOutputs});
}

std::shared_ptr<DelayNode> BaseAudioContext::createDelay(double maxDelayTime) {
  return std::make_shared<DelayNode>(*this, DelayOptions{{}, maxDelayTime});
}

std::shared_ptr<IIRFilterNode> BaseAudioContext::createIIRFilter(std::vector<double> feedforward, std::vector<double> feedback) {
  return std::make_shared<IIRFilterNode>(*this, IIRFilterOptions{{}, std::move(feedforward), std::move(feedback)});
}

std::shared_ptr<StereoPannerNode> BaseAudioContext::createStereoPanner() { return std::make_shared<StereoPannerNode>(*this); }

std::shared_ptr<WaveShaperNode> BaseAudioContext::createWaveShaper() { return std::make_shared<WaveShaperNode>(*this); }

std::shared_ptr<GainNode> BaseAudioContext::createGain() { return std::make_shared<GainNode>(*this); }

std::shared_ptr<OscillatorNode> BaseAudioContext::createOscillator() { return std::make_shared<OscillatorNode>(*this); }

std::shared_ptr<PannerNode> BaseAudioContext::createPanner() { return std::make_shared<PannerNode>(*this); }

std::shared_ptr<PeriodicWave> BaseAudioContext::createPeriodicWave(std::vector<float> real, std::vector<float> imag,
                                                                   bool disableNormalization) {
  return std::make_shared<PeriodicWave>(
      *this, PeriodicWaveOptions{std::move(real), std::move(imag), disableNormalization});
}

std::shared_ptr<ScriptProcessorNode> BaseAudioContext::createScriptProcessor(std::uint32_t bufferSize, std::uint32_t numberOfInputChannels,
                                                                             std::uint32_t numberOfOutputChannels) {
  return std::make_shared<ScriptProcessorNode>(*this, bufferSize, numberOfInputChannels, numberOfOutputChannels);
}

}  // namespace backline

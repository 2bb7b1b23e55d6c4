#pragma once

#include <functional>
#include <memory>
#include <string>

#include "control/analyser_node.h"
#include "control/audio_buffer_source_node.h"
#include "control/audio_destination_node.h"
#include "control/audio_listener.h"
#include "control/audio_worklet.h"
#include "control/audio_worklet_node.h"
#include "control/biquad_filter_node.h"
#include "control/channel_merger_node.h"
#include "control/channel_splitter_node.h"
#include "control/constant_source_node.h"
#include "control/convolver_node.h"
#include "control/dynamics_compressor_node.h"
#include "control/delay_node.h"
#include "control/errors.h"
#include "control/gain_node.h"
#include "control/iir_filter_node.h"
#include "control/oscillator_node.h"
#include "control/panner_node.h"
#include "control/periodic_wave.h"
#include "control/script_processor_node.h"
#include "control/session_link.h"
#include "control/stereo_panner_node.h"
#include "control/wave_shaper_node.h"

namespace backline {

enum class AudioContextState { suspended, running, closed, interrupted };
enum class AudioContextRenderSizeCategory { defaultSize, hardware };

/// What AudioContext and OfflineAudioContext share (Web Audio §1.1). The end of the object ends its sound; nodes that are left do nothing.
///
/// Changes to the graph gather in a batch that commit() sends; events and completions wait until dispatch(). A program calls both, or just
/// waitAndDispatch() in its loop. One thread, the control thread, uses a context and everything made with it. [control]
class BaseAudioContext {
 public:
  virtual ~BaseAudioContext();
  BaseAudioContext(const BaseAudioContext&) = delete;
  BaseAudioContext& operator=(const BaseAudioContext&) = delete;

  float sampleRate() const { return link_->info().sampleRate; }              ///< Hz
  double currentTime() const { return link_->currentTime(); }                ///< seconds
  std::uint32_t renderQuantumSize() const { return quantumHidden_ ? 0 : link_->info().quantum; }  ///< frames
  AudioContextState state() const { return state_; }
  AudioDestinationNode& destination() { return *destination_; }
  AudioWorklet& audioWorklet() { return worklet_; }
  const AudioWorklet& audioWorklet() const { return worklet_; }
  /// Made when it is first asked for, by a program or a PannerNode.
  const std::shared_ptr<AudioListener>& listener();

  /// After every change of state().
  std::function<void()> onstatechange;
  /// The sound has ended for a reason that the message tells: a helper died, a device went. state() is closed.
  std::function<void(const std::string& message)> onerror;

  std::shared_ptr<AnalyserNode> createAnalyser();
  std::shared_ptr<AudioBuffer> createBuffer(std::uint32_t numberOfChannels, std::uint64_t length, float sampleRate);
  std::shared_ptr<AudioBufferSourceNode> createBufferSource();
  std::shared_ptr<BiquadFilterNode> createBiquadFilter();
  std::shared_ptr<ChannelMergerNode> createChannelMerger(std::uint32_t numberOfInputs = 6);
  std::shared_ptr<ChannelSplitterNode> createChannelSplitter(std::uint32_t numberOfOutputs = 6);
  std::shared_ptr<DelayNode> createDelay(double maxDelayTime = 1);
  std::shared_ptr<IIRFilterNode> createIIRFilter(std::vector<double> feedforward, std::vector<double> feedback);
  std::shared_ptr<StereoPannerNode> createStereoPanner();
  std::shared_ptr<ConstantSourceNode> createConstantSource();
  std::shared_ptr<ConvolverNode> createConvolver();
  std::shared_ptr<DynamicsCompressorNode> createDynamicsCompressor();
  std::shared_ptr<GainNode> createGain();
  std::shared_ptr<OscillatorNode> createOscillator();
  std::shared_ptr<PannerNode> createPanner();
  std::shared_ptr<PeriodicWave> createPeriodicWave(std::vector<float> real, std::vector<float> imag,
                                                   bool disableNormalization = false);
  std::shared_ptr<ScriptProcessorNode> createScriptProcessor(std::uint32_t bufferSize = 0, std::uint32_t numberOfInputChannels = 2,
                                                             std::uint32_t numberOfOutputChannels = 2);
  std::shared_ptr<WaveShaperNode> createWaveShaper();

  /// Sends the changes made since the last call.
  void commit() { link_->commit(); }
  /// Runs what has happened since the last call: events, completions. Commits first.
  void dispatch();
  /// One event or completion only. True if more are waiting.
  bool dispatchOne() { return link_->dispatchOne(); }
  /// Commits, sleeps until something happens or `seconds` are over, dispatches. False: nothing happened.
  bool waitAndDispatch(double seconds);
  /// Whether something is still to come that a program waits for: an event, a completion, the sound of a context that runs.
  virtual bool isBusy() const { return worklet_.hasPending() || link_->hasTasks(); }

  const std::shared_ptr<SessionLink>& link() const { return link_; }

 protected:
  BaseAudioContext(std::unique_ptr<session::Session> session, std::shared_ptr<NativeWorklets> native);
  void makeDestination(AudioDestinationNode::Kind kind, std::uint32_t channels, std::uint32_t maxChannels);

  virtual void receive(const render::StateChanged&) {}
  virtual void receive(const render::RenderingComplete&) {}
  virtual void receive(const render::SessionInterrupted&) {}
  /// Fails every completion that still waits.
  virtual void failPending(const Error& error) { worklet_.fail(error); }

  /// Fires statechange, as a task of its own, if that changes the state.
  void setState(AudioContextState state);
  /// The session will say nothing more.
  void shut();
  /// renderQuantumSize() is 0 until the context runs.
  void hideQuantum() { quantumHidden_ = true; }

 private:
  void route(render::NoticeRecord& notice);
  void fail(const std::string& reason);

  std::shared_ptr<SessionLink> link_;
  AudioWorklet worklet_;
  std::shared_ptr<AudioDestinationNode> destination_;
  std::shared_ptr<AudioListener> listener_;
  AudioContextState state_ = AudioContextState::suspended;
  bool quantumHidden_ = false;
};

}  // namespace backline

#pragma once

#include <deque>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "control/audio_playback_stats.h"
#include "control/base_audio_context.h"
#include "control/media_element_source_node.h"
#include "control/media_stream_audio_destination_node.h"
#include "control/media_stream_source_nodes.h"
#include "session/engine.h"

namespace backline {

enum class AudioContextLatencyCategory { interactive, balanced, playback };
enum class AudioSinkType {
  none   ///< rendered by the clock and heard nowhere
};

/// What a context plays on where that is no device.
struct AudioSinkInfo {
  AudioSinkType type = AudioSinkType::none;
  bool operator==(const AudioSinkInfo&) const = default;
};
/// A device's id ("" or "default": the engine's), or none.
using AudioSink = std::variant<std::string, AudioSinkInfo>;

struct AudioContextOptions {
  std::optional<float> sampleRate;   ///< Hz; none: the device's
  std::variant<AudioContextLatencyCategory, double> latencyHint = AudioContextLatencyCategory::interactive;   ///< or seconds
  AudioSink sinkId;
  /// Frames; "hardware": as many as the device takes at once, by which renderQuantumSize() is 0 until the context runs.
  std::variant<AudioContextRenderSizeCategory, std::uint32_t> renderSizeHint = AudioContextRenderSizeCategory::defaultSize;
};

struct AudioTimestamp {
  double contextTime = 0;           ///< seconds of context time of the sample that is heard …
  std::int64_t nanoseconds = 0;     ///< … at this CLOCK_MONOTONIC; 0: nothing was played yet
};

/// Plays through the processes of an engine (Web Audio §1.2). Starts by itself. [control]
class AudioContext final : public BaseAudioContext {
 public:
  /// Throws NotSupportedError for an impossible option, or if the engine's device cannot be opened. If sinkId's cannot, that is an error
  /// event, sinkId() is empty, and the context stays suspended until resume(), at the engine's device. `engine` outlives the context.
  explicit AudioContext(session::Engine& engine, const AudioContextOptions& options = {});
  /// Over a session made elsewhere, which has native worklets if `native` is given.
  explicit AudioContext(std::unique_ptr<session::Session> session, std::shared_ptr<NativeWorklets> native = nullptr);

  /// Seconds from the destination node to the device: what the ring keeps ready.
  double baseLatency() const;
  /// Seconds from the device's callback to the ear.
  double outputLatency() const { return link()->timing().outputLatency; }
  const std::shared_ptr<AudioPlaybackStats>& playbackStats() const { return playbackStats_; }
  AudioTimestamp getOutputTimestamp() const;
  const AudioSink& sinkId() const { return sinkId_; }

  /// Each completes when the render side has done it; fails with InvalidStateError once close() was called.
  void suspend(Completion done = {}) { setRunning(false, std::move(done)); }
  void resume(Completion done = {}) { setRunning(true, std::move(done)); }
  void close(Completion done = {});
  /// Plays elsewhere, from where it is. Completes when it does, then fires sinkchange; at once and without it if that is sinkId() already.
  /// Calls follow one another. Fails with NotFoundError if there is no such device, InvalidAccessError if it cannot be opened (it
  /// goes on playing where it was), InvalidStateError once close() was called. A context that runs is suspended for an instant.
  void setSinkId(AudioSink sinkId, Completion done = {});

  /// After every change of sinkId(), and of the device behind it: one that was lost is replaced until it is back, and the default may become
  /// another. That a device was lost is an error event before it; the context goes on.
  std::function<void()> onsinkchange;

  std::shared_ptr<MediaElementAudioSourceNode> createMediaElementSource(std::shared_ptr<MediaElementSound> mediaElement);
  std::shared_ptr<MediaStreamAudioSourceNode> createMediaStreamSource(std::shared_ptr<MediaStream> mediaStream);
  std::shared_ptr<MediaStreamTrackAudioSourceNode> createMediaStreamTrackSource(std::shared_ptr<MediaStreamTrack> mediaStreamTrack);
  std::shared_ptr<MediaStreamAudioDestinationNode> createMediaStreamDestination();

  bool isBusy() const override;

 private:
  struct Pending {
    std::uint32_t generation;
    Completion done;
  };

  struct Opened;
  AudioContext(Opened opened, const AudioContextOptions& options);
  void makeDestination();
  void start();
  struct SinkChange {
    AudioSink sink;
    Completion done;
  };
  void changeSink();
  void sinkChanged(const session::OutputMoved& moved);
  void outputChanged(const session::OutputChanged& changed);
  void completeSinkChange(std::optional<Error> error);
  void failSinkChanges(const Error& error);

  bool refuseIfClosed(const char* method, const Completion& done) const;
  void setRunning(bool running, Completion done);
  void receive(const render::StateChanged& changed) override;
  void receive(const render::SessionInterrupted&) override;
  void failPending(const Error& error) override;

  const std::shared_ptr<AudioPlaybackStats> playbackStats_ = std::make_shared<AudioPlaybackStats>(link());
  AudioSink sinkId_;
  std::deque<SinkChange> sinkChanges_;   // the first one is under way
  mutable double heard_ = 0;             // seconds, the newest that was told
  std::vector<Pending> pending_;
  std::uint32_t generation_ = 0;   // counts the changes of state asked for
  bool wantsToRun_ = true;
  bool closing_ = false;
};

}  // namespace backline

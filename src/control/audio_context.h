#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "control/base_audio_context.h"
#include "control/media_stream_audio_destination_node.h"
#include "control/media_stream_source_nodes.h"
#include "session/engine.h"

namespace backline {

enum class AudioContextLatencyCategory { interactive, balanced, playback };

struct AudioContextOptions {
  std::optional<float> sampleRate;   ///< Hz; none: the device's
  std::variant<AudioContextLatencyCategory, double> latencyHint = AudioContextLatencyCategory::interactive;   ///< or seconds
  std::string sinkId;                ///< a device; empty: the engine's
  std::uint32_t renderSizeHint = render::kDefaultQuantum;   ///< frames
};

struct AudioTimestamp {
  double contextTime = 0;           ///< seconds of context time of the sample that the device plays …
  std::int64_t nanoseconds = 0;     ///< … at this CLOCK_MONOTONIC; 0: nothing was played yet
};

/// Plays through the processes of an engine (Web Audio §1.2). Starts by itself. [control]
class AudioContext final : public BaseAudioContext {
 public:
  /// Throws NotSupportedError for an impossible option or a device that cannot be opened. `engine` outlives the context.
  explicit AudioContext(session::Engine& engine, const AudioContextOptions& options = {});
  /// Over a session made elsewhere, which has native worklets if `native` is given.
  explicit AudioContext(std::unique_ptr<session::Session> session, std::shared_ptr<NativeWorklets> native = nullptr);

  double baseLatency() const { return link()->info().baseLatency; }             ///< seconds
  double outputLatency() const { return link()->timing().outputLatency; }       ///< seconds
  AudioTimestamp getOutputTimestamp() const;
  const std::string& sinkId() const { return sinkId_; }

  /// Each completes when the render side has done it; fails with InvalidStateError once close() was called.
  void suspend(Completion done = {}) { setRunning(false, std::move(done)); }
  void resume(Completion done = {}) { setRunning(true, std::move(done)); }
  void close(Completion done = {});

  std::shared_ptr<MediaStreamAudioSourceNode> createMediaStreamSource(std::shared_ptr<MediaStream> mediaStream);
  std::shared_ptr<MediaStreamTrackAudioSourceNode> createMediaStreamTrackSource(std::shared_ptr<MediaStreamTrack> mediaStreamTrack);
  std::shared_ptr<MediaStreamAudioDestinationNode> createMediaStreamDestination();

  bool isBusy() const override;

 private:
  struct Pending {
    std::uint32_t generation;
    Completion done;
  };

  bool refuseIfClosed(const char* method, const Completion& done) const;
  void setRunning(bool running, Completion done);
  void receive(const render::StateChanged& changed) override;
  void failPending(const Error& error) override;

  std::string sinkId_;
  std::vector<Pending> pending_;
  std::uint32_t generation_ = 0;   // counts the changes of state asked for
  bool wantsToRun_ = true;
  bool closing_ = false;
};

}  // namespace backline

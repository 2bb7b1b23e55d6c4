#pragma once

#include <functional>
#include <map>
#include <memory>

#include "control/base_audio_context.h"

namespace backline {

struct OfflineAudioContextOptions {
  std::uint32_t numberOfChannels = 1;   ///< 1 … 32
  std::uint64_t length = 0;             ///< frames, at least 1
  float sampleRate = 0;                 ///< Hz, 3000 … 768000
  std::uint32_t renderSizeHint = render::kDefaultQuantum;   ///< frames
  /// What runs the processors of AudioWorkletNodes; empty: native ones, see AudioWorklet::registerNative.
  render::WorkletRuntimeFactory worklets;
};

/// The buffer, or why there is none.
using RenderingCompletion = std::function<void(std::shared_ptr<AudioBuffer>, std::optional<Error>)>;

/// Renders in this process, as fast as it can, on a thread of its own (Web Audio §1.3). [control]
class OfflineAudioContext final : public BaseAudioContext {
 public:
  /// Throws NotSupportedError for an impossible option.
  explicit OfflineAudioContext(const OfflineAudioContextOptions& options);

  std::uint64_t length() const { return length_; }   ///< frames
  /// Fails with InvalidStateError the second time.
  void startRendering(RenderingCompletion done);
  /// Stops at the first quantum that begins at `suspendTime` seconds or after it; completes when that is reached. Fails with
  /// InvalidStateError if it has been reached already, is not before the end, or has another suspend.
  void suspend(double suspendTime, Completion done);
  /// Fails with InvalidStateError before startRendering() and after the end.
  void resume(Completion done = {});
  /// commit() and dispatch() until everything is rendered; for programs without suspends. Throws Error.
  std::shared_ptr<AudioBuffer> render();

  /// The last event of all.
  std::function<void(std::shared_ptr<AudioBuffer>)> oncomplete;

  bool isBusy() const override;

 private:
  struct Opened;
  OfflineAudioContext(const OfflineAudioContextOptions& options, Opened opened);

  void receive(const render::StateChanged& changed) override;
  void receive(const render::RenderingComplete&) override;
  void failPending(const Error& error) override;

  session::OfflineSession* session_;
  std::uint32_t channels_;
  std::uint64_t length_;
  bool started_ = false;
  RenderingCompletion rendering_;
  std::uint32_t generation_ = 0;
  struct Suspend {
    std::uint64_t frame;
    Completion done;
  };
  std::map<std::uint32_t, Suspend> suspends_;      // by generation
  std::map<std::uint32_t, Completion> resumes_;
};

}  // namespace backline

#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <variant>

#include "control/base_audio_context.h"
#include "transport/samples.h"

namespace backline {

struct OfflineAudioContextOptions {
  std::uint32_t numberOfChannels = 1;   ///< 1 … 32
  std::optional<std::uint64_t> length;  ///< frames, at least 1; none: without end, rendered chunk by chunk
  float sampleRate = 0;                 ///< Hz, 3000 … 768000
  /// Frames, 1 … 6 s; "hardware" is the default here.
  std::variant<AudioContextRenderSizeCategory, std::uint32_t> renderSizeHint = AudioContextRenderSizeCategory::defaultSize;
  /// What runs the processors of AudioWorkletNodes; empty: native ones, see AudioWorklet::registerNative.
  render::WorkletRuntimeFactory worklets;
  /// Gives the memory that a channel of `frames` is rendered into: zeros, or null if there is none. Called and let go of on the control
  /// thread. Empty: the heap's.
  std::function<transport::Samples(std::uint64_t frames)> memory;
};

/// The buffer, or why there is none.
using RenderingCompletion = std::function<void(std::shared_ptr<AudioBuffer>, std::optional<Error>)>;

/// Renders in this process, as fast as it can, on a thread of its own (Web Audio §1.3). The processors of AudioWorkletNodes still answer
/// messages after the end, as long as this object lives. [control]
class OfflineAudioContext final : public BaseAudioContext {
 public:
  /// Throws NotSupportedError for an impossible option.
  explicit OfflineAudioContext(const OfflineAudioContextOptions& options);

  std::optional<std::uint64_t> length() const { return length_; }   ///< frames; none: without end
  /// Renders what is left to the end, or one quantum where there is none.
  void startRendering(RenderingCompletion done) { startRendering({}, std::move(done)); }
  /// Renders the next `chunkSize` frames, rounded up to whole quanta, or what is left. Calls follow one another. Fails with
  /// NotSupportedError for 0, RangeError for what there is no memory for, InvalidStateError once the calls before reach the end or the context is closed,
  /// AbortError if close() comes first.
  void startRendering(std::optional<std::uint32_t> chunkSize, RenderingCompletion done);
  /// Stops at the first quantum that begins at `suspendTime` seconds or after it; completes when that is reached. Fails with
  /// InvalidStateError if it has been reached already, is not before the end, or has another suspend.
  void suspend(double suspendTime, Completion done);
  /// Fails with InvalidStateError before startRendering() and after the end.
  void resume(Completion done = {});
  /// Stops after the quantum that is being rendered. Completes before the context is closed, without `oncomplete`. Fails with
  /// InvalidStateError the second time.
  void close(Completion done = {});
  /// commit() and dispatch() until what startRendering() renders is there; for programs without suspends. Throws Error.
  std::shared_ptr<AudioBuffer> render();

  /// The last event of all, with what the last startRendering() gave; only where there is an end, and it is reached.
  std::function<void(std::shared_ptr<AudioBuffer>)> oncomplete;

  bool isBusy() const override;

 private:
  struct Opened;
  OfflineAudioContext(const OfflineAudioContextOptions& options, Opened opened);

  void receive(const render::StateChanged& changed) override;
  void receive(const render::RenderingComplete&) override;
  void failPending(const Error& error) override;
  void failRenderings(const Error& error);
  void failSuspends(const Error& error);
  /// Closed: at the end, by close(), by a failure.
  bool isOver() const { return over_ || closing_ || link()->isShut(); }
  std::optional<Error> whyNotRender(std::optional<std::uint32_t> chunkSize) const;

  session::OfflineSession* session_;
  std::uint32_t channels_;
  std::optional<std::uint64_t> length_;
  std::function<transport::Samples(std::uint64_t)> memory_;
  bool started_ = false;
  bool closing_ = false;
  bool over_ = false;   // everything was rendered; a used worklet scope lives on
  std::uint64_t asked_ = 0;   // frames that are rendered, or will be
  struct Rendering {
    std::uint64_t frames;
    RenderingCompletion done;
  };
  std::deque<Rendering> renderings_;
  std::uint32_t generation_ = 0;
  struct Suspend {
    std::uint64_t frame;
    Completion done;
  };
  std::map<std::uint32_t, Suspend> suspends_;      // by generation
  std::map<std::uint32_t, Completion> resumes_;
};

}  // namespace backline

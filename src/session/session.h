#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "render/records.h"
#include "render/streams.h"
#include "transport/samples.h"

namespace backline::session {

enum class State : std::uint32_t { suspended = 0, running = 1, closed = 2 };

struct Timing {
  std::uint64_t frame = 0;        ///< context frame of the next quantum to be rendered
  State state = State::suspended;
  std::uint32_t generation = 0;   ///< counts changes of state
  double outputLatency = 0;       ///< seconds from the device's callback to the ear
  std::uint64_t playedFrame = 0;  ///< session frames the device has taken
  std::int64_t playedNanoseconds = 0;  ///< CLOCK_MONOTONIC of that
  std::uint64_t underruns = 0;
  float costAverage = 0;          ///< seconds a quantum, moving average
  float costWorst = 0;            ///< seconds, the longest quantum of the last one to two seconds of sound
  float peak[2] = {0, 0};
  std::uint64_t underrunFrames = 0;   ///< session frames replaced by silence
  double latencySum = 0;              ///< seconds × frames; with the next three since resetLatency()
  std::uint64_t latencyFrames = 0;
  float latencyLeast = 0, latencyMost = 0;   ///< seconds
  std::uint32_t callbackFrames = 0;   ///< of playedFrame, what the device took last
  std::uint32_t ringTarget = 0;       ///< frames that are kept ready for the device; 0: not known yet
};

struct SessionInfo {
  float sampleRate = 0;            ///< Hz
  std::uint32_t quantum = 0;       ///< frames
  std::uint32_t channels = 2;      ///< of the output ring
  std::uint32_t maxChannels = 2;   ///< of the device
  double baseLatency = 0;          ///< seconds: the ring's target at first
  std::string device, deviceId, backend;  ///< empty in process
  std::string clock;               ///< what its device runs from (capture.h); empty: none but its own
};

/// What became of a session's wish to play elsewhere.
struct OutputMoved {
  enum class Outcome {
    moved,
    unknown,   ///< there is no such device
    failed     ///< there is, but it cannot be played on
  };
  Outcome outcome = Outcome::failed;
  std::string error;   ///< why it has not moved; empty: it has
  SessionInfo info;    ///< after a move, where it plays now; rate, quantum, channels and baseLatency are those it was opened with
};

/// A session plays on another device without its having been told to: its own has gone, or is back, or the default is another one.
struct OutputChanged {
  std::string lost;    ///< how the device before was lost; empty: it was not
  SessionInfo info;    ///< where it plays now; rate, quantum, channels and baseLatency are those it was opened with
};

/// The one interface between control and render. Two back ends: InProcessSession (offline_session.h) and the engine's (engine.h).
/// Thread safety: one control thread; only `wake` is called from another.
class Session {
 public:
  virtual ~Session() = default;

  /// As it was opened.
  virtual const SessionInfo& info() const = 0;
  /// Hands over one batch: records of one sequence number ending with Commit. Never blocks on the render side. [control]
  virtual void commit(std::vector<std::byte> batch) = 0;
  /// Snapshots a buffer for commands that will name `id`. channels × length; a null channel is silent. [control]
  virtual void shareBuffer(render::ResourceId id, float sampleRate, std::uint64_t length,
                           std::span<const float* const> channels) = 0;
  /// Gives the render side its end of a stream, for commands that will name `id`; the caller keeps the other end. What is asked in an
  /// exchange wakes as a notice does: `ends.notify` is the session's own there, and left empty. Throws
  /// transport::TransportError if the segments are no such stream. [control]
  virtual void bindStream(render::ResourceId id, render::ResourceKind kind, render::StreamEnds ends) = 0;
  /// The block of this sequence in the exchange `id`, and all before it, have their answers: a rendering that waits for them goes on. [control]
  virtual void answered(render::ResourceId id, std::uint64_t sequence) { (void)id, (void)sequence; }
  /// Everything said since the last call, in order. [control]
  virtual std::vector<render::NoticeRecord> takeNotices() = 0;
  /// `wake` is called, on some thread, when there is something to take. Set before the first commit. [control]
  virtual void onNotice(std::function<void()> wake) = 0;
  virtual Timing timing() const = 0;
  /// What a node costs: seconds a quantum, moving average of what has been measured about once a second; 0 if it has not been, or if
  /// ipc::SessionCosts::kMost others cost more. [control]
  virtual double costOf(render::NodeId node) const { return static_cast<void>(node), 0; }
  /// Plays on `device` (as SessionOptions::device says) from some quantum on, or goes on where it plays if that cannot be opened; what
  /// was rendered and not heard there is heard here, after a short silence. Its rate stays, and so do all counts of timing(). Moves
  /// follow one another in order. `done` is called, on some thread, unless the session ends before. Whether the helper that played it
  /// is still there does not matter. [control]
  virtual void moveOutput(const std::string& device, std::function<void(OutputMoved)> done) {
    done({.error = "a session in this process has no output that could become '" + device + "'"});
  }
  /// `changed` is called, on some thread, after each such change, until the session ends. Empty: not any more. [control]
  virtual void onOutputChanged(std::function<void(OutputChanged)> changed) { (void)changed; }
  /// Begins the latency figures of timing() anew. [control]
  virtual void resetLatency() {}
};

/// Renders in this process, on a thread of its own, as fast as it can, but not past a quantum in which something was asked in an exchange
/// before that is answered. What OfflineAudioContext is made of.
class OfflineSession : public Session {
 public:
  /// Where the samples of the next StartRendering that has no place yet go: channels × its length, all zero, which nobody touches until
  /// they are taken. Those of one that comes without are the heap's. [control]
  virtual void renderInto(std::vector<transport::Samples> channels) = 0;
  /// channels × length, after RenderingComplete; empty before. What renderInto() gave is let go by this thread alone. [control]
  virtual std::vector<transport::Samples> takeResult() = 0;
  /// Whether nothing is being rendered, nothing of what was committed, or of what the worklets do with it, is still under way, and no notice
  /// waits; that it has become so wakes as a notice does. [any thread]
  virtual bool isIdle() const = 0;
};

struct OfflineOptions {
  float sampleRate = 48000;
  std::uint32_t quantum = render::kDefaultQuantum;
  std::uint32_t channels = 2;
  render::WorkletRuntimeFactory worklets;   ///< may be empty: AddModule then fails with an error that says so
  render::CallBudgets budgets = render::kOfflineBudgets;   ///< of the program's code; a call that outlives its termination is waited for
};
/// Throws std::invalid_argument naming the impossible option.
std::unique_ptr<OfflineSession> openOffline(const OfflineOptions& options);

}  // namespace backline::session

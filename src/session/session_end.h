#pragma once

#include <kj/async-io.h>
#include <kj/async-unix.h>

#include <map>
#include <optional>
#include <set>

#include "ipc/backline.capnp.h"
#include "ipc/pages.h"
#include "render/black_box.h"
#include "session/engine.h"
#include "session/mirror.h"
#include "session/session_channel.h"
#include "transport/page.h"

namespace backline::session {

/// A session's place at the audio server. The refill and the page stay the session's when it moves. [io]
struct SessionOutput {
  std::uint32_t callbackFrames = 0;   ///< session frames that the device takes at once
  double deviceLatency = 0;           ///< seconds behind the ring
  transport::Fd ring, refill, page;
  kj::Maybe<ipc::Output::Client> output;
};

/// The I/O thread's half of a session: its capabilities at both helpers, its mirror, its notices. [io]
class SessionEnd {
 public:
  /// `options` have the rate and the device that it was opened with. `status` and `costs`: what its render hosts publish, one after the other.
  SessionEnd(kj::UnixEventPort& events, std::shared_ptr<SessionChannel> channel, const SessionOptions& options, const SessionInfo& info,
             transport::PageReader<ipc::SessionStatus> status, transport::SharedMemory costs, SessionOutput output);

  /// Has a render host make its part; `made` is told with which priority. That it fails is the session's end.
  void begin(ipc::RenderHost::Client host, std::function<void(int priority)> made);
  /// The render host has gone: says SessionInterrupted, and what the host had said until then. `verdict`: it ended itself for a call that
  /// could not be terminated; whose that was falls silent, and is told. [session_recovery.cc]
  void interrupt(const std::string& how);
  /// Another one makes its part, as the mirror has it, and goes on at the next frame. Throws transport::TransportError.
  void restore(ipc::RenderHost::Client host, std::function<void(int priority)> made);
  /// Has the mirror forget what is over, so that a rebuild has little to compute: to be called now and then.
  void tend();
  struct Silence {
    std::uint32_t looks = 0;   ///< calls of `silence` up to now, during which the render host was to do something and has not shown itself
    double spent = 0;          ///< seconds of processor time that it has been given meanwhile
  };
  /// `inspected`: debuggers may be at it, so that it is believed where it says that one has stopped it. `spent`: all that it has been given.
  Silence silence(bool inspected, double spent);
  /// Whether a render host has ever rendered it.
  bool everShown() const { return statusNow().nanoseconds != 0; }
  /// Binds the stream's end at the host, then releases the channel.
  void bindStream(render::ResourceId id, render::ResourceKind kind, render::StreamEnds ends);
  /// Binds the snapshot at the host, then releases the channel.
  void bindBuffer(render::ResourceId id, std::uint32_t channels, std::uint64_t length, float sampleRate, transport::Fd memory);
  /// Does `move` when the moves before are over. What is left of them ends with the session.
  void queueMove(std::function<kj::Promise<void>()> move);
  /// Goes over to an output that was opened with refill and page of this one, and lets this one go. Rejects, with nothing changed, if it
  /// does not fit; a host that refuses it ends the session.
  kj::Promise<void> moveTo(const std::string& device, const SessionInfo& info, SessionOutput next);
  /// `lost` is called with the reason when the device of the output of now has gone, once.
  void watchOutput(std::function<void(std::string reason)> lost);
  bool outputLost() const { return outputLost_; }
  /// The reason, as long as it stays where that was lost.
  const std::string& howLost() const { return howLost_; }
  /// The audio server has gone, with the output: says SessionInterrupted, once, until findServer() says the state as it is.
  void loseServer(const std::string& how);
  void findServer();
  void sayOutput(const std::string& lost) { channel_->sayOutput({lost, info_}); }
  /// Looks `again` some time from now, later each time; no more after some times since the last forgiveness.
  void lookAgain(std::function<void()> again);
  void forgive() { looks_ = 0; }
  /// As it was opened, but for `device`: what it was told to play on last.
  const SessionOptions& options() const { return options_; }
  const SessionInfo& info() const { return info_; }   ///< where it plays now
  const SessionOutput& output() const { return output_; }
  /// Has the audio server begin its latency figures anew.
  void resetLatency();
  /// Says SessionFailed and lets the helpers' parts go; from here on nothing is sent or kept. Once.
  void fail(const std::string& reason);
  bool failed() const { return failed_; }
  const Mirror& mirror() const { return mirror_; }

 private:
  class Errors final : public kj::TaskSet::ErrorHandler {
   public:
    explicit Errors(SessionEnd& end) : end_(end) {}
    void taskFailed(kj::Exception&& exception) override;

   private:
    SessionEnd& end_;
  };

  /// Nobody reads the ring any more, or publishes its figures.
  kj::Promise<void> leaveOutput();
  kj::Promise<void> tellHost();
  /// Something that a command may name, and its end or content at the host.
  struct Binding {
    std::optional<render::ResourceKind> kind;   // none: a buffer
    render::StreamEnds ends;
    std::uint32_t channels = 0;
    std::uint64_t length = 0;
    float sampleRate = 0;
    bool held = true;       // the channel is, until it is bound
  };

  void attach(ipc::RenderSession::Client session);
  /// When the render host has made its part.
  kj::Promise<void> whenAttached();
  kj::Promise<void> bind(render::ResourceId id, const Binding& binding);
  kj::Promise<void> bindAll();
  void rebuild(std::uint32_t attempt);
  void judge(const render::Whereabouts& culprit);
  void forgetBindings();
  kj::Promise<void> watchNotices();
  kj::Promise<void> watchRequests();
  kj::Promise<void> watchChannel();
  void readNotices();
  ipc::SessionStatus statusNow() const;   // zeros: none was ever published
  /// The status of before: every batch that it tells of has been taken. What cannot be taken fails the session.
  ipc::SessionStatus feedMirror();
  void feedMirror(const std::vector<std::vector<std::byte>>& batches, std::uint64_t frame);
  void flush();

  kj::UnixEventPort& events_;
  const std::shared_ptr<SessionChannel> channel_;
  const transport::PageReader<ipc::SessionStatus> status_;
  const transport::SharedMemory costs_;
  transport::SharedMemory blackBoxMemory_ = render::BlackBox::create();
  render::BlackBoxReader blackBox_;
  Mirror mirror_;
  std::map<render::ResourceId, Binding> bindings_;
  std::set<render::ResourceId> released_;   // by the program, and not yet forgotten: some may be bound only after that was read
  std::size_t releasedLately_ = 0;   // since forgetBindings()
  std::uint64_t firstFrame_ = 0;     // of the render host that there is
  std::int64_t lastSign_ = 0;        // of its life: SessionStatus.nanoseconds
  std::uint32_t looksInVain_ = 0;
  double spentBefore_ = 0;           // of `silence`, at the first of them
  transport::BlockReader notices_;
  SessionOptions options_;
  SessionInfo info_;
  SessionOutput output_;
  kj::Maybe<ipc::RenderSession::Client> session_;
  std::vector<kj::Own<kj::PromiseFulfiller<void>>> waitingForSession_;
  bool failed_ = false;
  bool restoring_ = false;                          // from the loss of a host to the batch that builds the next one
  std::uint32_t attempt_ = 0;                       // counts the hosts that were lost: what one of them still answers is not heard
  std::uint32_t ringNumber_ = 0, hostRing_ = 0;     // counts the rings: the session's, and the one that the host writes
  bool flushing_ = false;
  bool outputLost_ = false;
  std::string howLost_;
  bool withoutServer_ = false;
  std::uint32_t looks_ = 0;
  kj::UnixEventPort::FdObserver noticeObserver_, requestObserver_, channelObserver_;
  Errors errors_;
  kj::TaskSet tasks_;
  kj::Promise<void> lossWatch_ = nullptr, nextLook_ = nullptr;
  kj::Promise<void> moves_ = kj::READY_NOW;
};

}  // namespace backline::session

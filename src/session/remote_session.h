#pragma once

#include <kj/async-io.h>
#include <kj/async-unix.h>

#include <deque>
#include <mutex>

#include "ipc/backline.capnp.h"
#include "ipc/pages.h"
#include "render/black_box.h"
#include "session/engine.h"
#include "session/mirror.h"
#include "session/session.h"
#include "transport/block_stream.h"
#include "transport/notify_fd.h"
#include "transport/page.h"

namespace backline::session {

/// What the control thread and the I/O thread of one out-of-process session share. Commands go straight from the control
/// thread into the command ring, unless something that must come first is still under way; the I/O thread sends those later.
/// Thread safety: any thread.
class SessionChannel {
 public:
  SessionChannel();

  const transport::SharedMemory& commandMemory() const { return commandMemory_; }
  const transport::SharedMemory& noticeMemory() const { return noticeMemory_; }
  const transport::NotifyFd& commandNotify() const { return commandNotify_; }
  const transport::NotifyFd& noticeNotify() const { return noticeNotify_; }
  /// Signalled when something was asked in an exchange.
  const transport::NotifyFd& requestNotify() const { return requestNotify_; }
  /// Signalled when the I/O thread has something to do: batches for the mirror, a ring to flush.
  const transport::NotifyFd& ioNotify() const { return ioNotify_; }

  /// After close() it does nothing. [control]
  void commit(std::vector<std::byte> batch);
  /// From here to release(), commits wait. Counted. [control]
  void hold();
  void release();   // [io]
  /// Tries to write what waits. False if some still does. [io]
  bool flush();
  /// Batches committed since the last call. [io]
  std::vector<std::vector<std::byte>> takeForMirror();
  /// Nobody reads any more: what waits is dropped. [io]
  void close();

  void say(std::vector<render::NoticeRecord> notices);   // [io]
  void wake();                                           // [io]
  std::vector<render::NoticeRecord> takeNotices();       // [control]
  void onNotice(std::function<void()> wake);             // [control]
  void sayOutput(const OutputChanged& change);                           // [io]
  void onOutputChanged(std::function<void(OutputChanged)> changed);      // [control]

 private:
  bool send(std::vector<std::byte> batch);

  transport::SharedMemory commandMemory_, noticeMemory_;
  transport::NotifyFd commandNotify_, noticeNotify_, requestNotify_, ioNotify_;
  std::mutex mutex_;   // guards what follows
  transport::MessageWriter commands_;
  std::deque<std::vector<std::byte>> held_;
  int holds_ = 0;
  bool closed_ = false;
  std::vector<std::vector<std::byte>> forMirror_;
  std::vector<render::NoticeRecord> notices_;
  std::function<void()> wake_;
  std::function<void(OutputChanged)> outputChanged_;
};

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
  /// `options` have the rate and the device that it was opened with.
  SessionEnd(kj::UnixEventPort& events, std::shared_ptr<SessionChannel> channel, const SessionOptions& options, const SessionInfo& info,
             transport::PageReader<ipc::SessionStatus> status, render::BlackBoxReader blackBox, SessionOutput output);

  /// Looks after the call that makes the render host's part; its failure is the session's.
  void start(kj::Promise<void> creation) { tasks_.add(kj::mv(creation)); }
  /// The render host has made its part.
  void attach(ipc::RenderSession::Client session);
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
  /// The audio server has gone, with the output.
  void loseServer();
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
  /// Fails with `how` the render host ended, and with the call that it ended itself for, if it did.
  void loseHost(const std::string& how);

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
  /// When the render host has made its part.
  kj::Promise<void> whenAttached();
  kj::Promise<void> watchNotices();
  kj::Promise<void> watchRequests();
  kj::Promise<void> watchChannel();
  void readNotices();
  void feedMirror();
  void flush();

  kj::UnixEventPort& events_;
  const std::shared_ptr<SessionChannel> channel_;
  transport::PageReader<ipc::SessionStatus> status_;
  const render::BlackBoxReader blackBox_;
  Mirror mirror_;
  std::size_t recordsSinceFold_ = 0;
  transport::BlockReader notices_;
  SessionOptions options_;
  SessionInfo info_;
  SessionOutput output_;
  kj::Maybe<ipc::RenderSession::Client> session_;
  std::vector<kj::Own<kj::PromiseFulfiller<void>>> waitingForSession_;
  bool failed_ = false;
  bool flushing_ = false;
  bool outputLost_ = false;
  std::uint32_t looks_ = 0;
  kj::UnixEventPort::FdObserver noticeObserver_, requestObserver_, channelObserver_;
  Errors errors_;
  kj::TaskSet tasks_;
  kj::Promise<void> lossWatch_ = nullptr, nextLook_ = nullptr;
  kj::Promise<void> moves_ = kj::READY_NOW;
};

}  // namespace backline::session

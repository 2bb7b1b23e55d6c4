#pragma once

#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

#include "render/records.h"
#include "session/session.h"
#include "transport/block_stream.h"
#include "transport/notify_fd.h"

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
  bool holds() const;
  /// Fresh rings, for a render host that knows nothing yet: from here to resume() commits wait. Throws transport::TransportError. [io]
  void renew();
  /// The batches that the mirror has not had, once nothing waits for something to be bound; what waits now is among them and is sent no
  /// more. Nothing if it is too early. [io]
  std::optional<std::vector<std::vector<std::byte>>> takeForRebuild();
  /// Sends `rebuilt`, if there is anything, and then what was committed since takeForRebuild(). [io]
  void resume(std::vector<std::byte> rebuilt);
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
  void sendHeld();

  transport::SharedMemory commandMemory_, noticeMemory_;
  transport::NotifyFd commandNotify_, noticeNotify_, requestNotify_, ioNotify_;
  mutable std::mutex mutex_;   // guards what follows
  transport::MessageWriter commands_;
  std::deque<std::vector<std::byte>> held_;
  int holds_ = 0;
  bool renewed_ = false;   // and not yet resumed
  bool closed_ = false;
  std::vector<std::vector<std::byte>> forMirror_;
  std::vector<render::NoticeRecord> notices_;
  std::function<void()> wake_;
  std::function<void(OutputChanged)> outputChanged_;
};

}  // namespace backline::session

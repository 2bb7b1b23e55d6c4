#pragma once

#include <kj/async-io.h>
#include <kj/timer.h>

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "ipc/backline.capnp.h"
#include "ipc/pages.h"
#include "session/capture.h"
#include "transport/page.h"
#include "transport/ring_stream.h"

namespace backline::session {

/// The loss of a capture: said once, to whoever asks before or after. Thread safety: any thread.
class CaptureLoss {
 public:
  /// `lost` is called at once if it has happened already.
  void tell(std::function<void(std::string)> lost);
  void happen(const std::string& reason);

 private:
  std::mutex mutex_;
  std::function<void(std::string)> lost_;
  std::optional<std::string> reason_;
  bool said_ = false;
};

/// The I/O thread's half of a capture: its capability at the audio server, and an eye on whether the device is still there. [io]
class CaptureEnd {
 public:
  using FindServer = std::function<kj::Promise<ipc::AudioServer::Client>()>;

  /// `ring`: somebody else reads it. `written`: kept for a server that goes on. `patience`: seconds for which a device that has gone is asked for at
  /// the server that `findServer` gives.
  CaptureEnd(kj::Timer& timer, std::shared_ptr<CaptureLoss> loss, const CaptureInfo& info, ipc::Capture::Client capture,
             transport::PageReader<ipc::CaptureStatus> status, transport::RingReader ring, transport::Fd written, double patience, FindServer findServer);

  /// Says it and lets the server's part go. Once.
  void lose(const std::string& reason);
  bool lost() const { return capture_ == nullptr && !interrupted_; }
  /// The audio server has gone, and another one will be asked to goOn().
  void interrupt();
  /// Has this server fill the ring from now on. That it cannot is the capture's loss.
  void goOn(ipc::AudioServer::Client server);

 private:
  kj::Promise<void> watch();
  void await(const std::string& why);
  kj::Promise<void> askAgain();

  kj::Timer& timer_;
  const std::shared_ptr<CaptureLoss> loss_;
  const std::string device_, deviceId_;
  kj::Maybe<ipc::Capture::Client> capture_;
  bool interrupted_ = false;
  const transport::PageReader<ipc::CaptureStatus> status_;
  const transport::RingReader ring_;   // for its writer's state
  const transport::Fd written_;
  const kj::Duration patience_;
  const FindServer findServer_;
  kj::Maybe<kj::TimePoint> away_;      // since when the device is waited for
  std::string whyAway_;
  bool asked_ = false;                 // a server, which has not answered yet
  kj::Promise<void> goingOn_ = nullptr;
  kj::Promise<void> asking_ = nullptr;
  kj::Promise<void> watching_;
};

}  // namespace backline::session

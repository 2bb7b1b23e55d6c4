#pragma once

#include <kj/async-io.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ipc/connection.h"
#include "ipc/helper_process.h"

namespace backline::session {

/// One helper process with its connection. Dropping it closes the connection, at which the helper ends; one that does not is killed. [io]
class Helper {
 public:
  /// Throws transport::TransportError.
  Helper(kj::AsyncIoContext& io, const std::vector<std::string>& command, const std::string& name);
  ~Helper() noexcept;

  /// `gone` is called once, with how it ended, if it ends before it is dropped.
  void onGone(std::function<void(std::string)> gone) { gone_ = std::move(gone); }
  /// Lives as long as this.
  void keep(std::shared_ptr<void> attachment) { attachment_ = std::move(attachment); }
  /// Ends it at once, for a reason that is told as how it ended.
  void kill(std::string why);
  bool isStopped() const { return process_.isStopped(); }
  double processorTime() const { return process_.processorTime(); }

  int pid() const { return process_.pid(); }
  template <class Interface>
  typename Interface::Client main() {
    return connection_->bootstrap().template castAs<Interface>();
  }

 private:
  const std::string name_;
  std::function<void(std::string)> gone_;
  std::string whyKilled_;
  std::shared_ptr<void> attachment_;
  ipc::HelperProcess process_;
  kj::Own<ipc::Connection> connection_;
  kj::Promise<void> watch_ = nullptr;
};

/// The place of one kind of helper: started when it is asked for, until it is dropped or ends by itself. [io]
class HelperSlot {
 public:
  /// `lost` is called with how a helper ended by itself; it must not drop it (that is done at the next start, or later).
  HelperSlot(std::vector<std::string> command, std::string name, std::function<void(const std::string& how)> lost)
      : command_(std::move(command)), name_(std::move(name)), lost_(std::move(lost)) {}

  /// Starts it if it does not run. Throws transport::TransportError.
  Helper& start(kj::AsyncIoContext& io);
  bool running() const { return helper_.get() != nullptr && !gone_; }
  bool gone() const { return gone_; }
  void drop();
  /// Takes over the helper that runs in another place. This one is dropped.
  void adopt(HelperSlot& other);
  /// Of one that runs.
  Helper& helper() { return *helper_; }
  int pid() const { return pid_.load(); }   ///< 0: does not run [any thread]

  /// What `call` gives; that the helper has gone meanwhile is said with how it ended.
  template <class T>
  kj::Promise<T> explained(kj::Promise<T> call) {
    return call.catch_([this](kj::Exception&& exception) -> kj::Promise<T> {
      if (exception.getType() != kj::Exception::Type::DISCONNECTED) return kj::mv(exception);
      return whenLost().then([this]() -> T { kj::throwFatalException(ipc::callError(howItEnded_)); });
    });
  }

 private:
  void lose(std::string how);
  kj::Promise<void> whenLost();

  const std::vector<std::string> command_;
  const std::string name_;
  const std::function<void(const std::string& how)> lost_;
  kj::Own<Helper> helper_;
  bool gone_ = false;
  std::string howItEnded_;
  std::vector<kj::Own<kj::PromiseFulfiller<void>>> waiting_;   // for its loss
  std::atomic<int> pid_{0};
};

}  // namespace backline::session

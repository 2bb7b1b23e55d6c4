#pragma once

#include <kj/async-io.h>

#include <functional>
#include <memory>
#include <string>

#include "ipc/connection.h"
#include "ipc/helper_process.h"

namespace backline::session {

/// One helper process with its connection. Dropping it closes the connection, at which the helper ends; one that does not is killed. [io]
class Helper {
 public:
  /// `gone` is called once, with how it ended, if it ends before it is dropped. Throws transport::TransportError.
  Helper(kj::AsyncIoContext& io, const std::vector<std::string>& command, const std::string& name, std::function<void(std::string)> gone);
  ~Helper() noexcept;

  int pid() const { return process_.pid(); }
  template <class Interface>
  typename Interface::Client main() {
    return connection_->bootstrap().template castAs<Interface>();
  }

 private:
  const std::string name_;
  ipc::HelperProcess process_;
  kj::Own<ipc::Connection> connection_;
  kj::Promise<void> watch_ = nullptr;
};

}  // namespace backline::session

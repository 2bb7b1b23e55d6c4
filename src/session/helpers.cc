#include "session/helpers.h"

#include <string.h>
#include <sys/wait.h>

namespace backline::session {

namespace {

constexpr int kGraceMilliseconds = 1500;

std::string howItEnded(int status) {
  if (WIFSIGNALED(status)) return std::string("was ended by signal ") + std::to_string(WTERMSIG(status)) + " (" + strsignal(WTERMSIG(status)) + ")";
  return "ended with exit status " + std::to_string(WEXITSTATUS(status));
}

}  // namespace

Helper::Helper(kj::AsyncIoContext& io, const std::vector<std::string>& command, const std::string& name, std::function<void(std::string)> gone)
    : name_(name),
      process_(ipc::HelperProcess::start(command, name)),
      connection_(kj::heap<ipc::Connection>(*io.lowLevelProvider, process_.takeSocket())) {
  watch_ = connection_->onDisconnect()
               .catch_([](kj::Exception&&) {})
               .then([this, gone = std::move(gone)] {
                 gone(name_ + " (process " + std::to_string(process_.pid()) + ") " + howItEnded(process_.finish(kGraceMilliseconds)));
               })
               .eagerlyEvaluate([](kj::Exception&&) {});
}

Helper::~Helper() noexcept {
  watch_ = nullptr;
  connection_ = nullptr;
  process_.finish(kGraceMilliseconds);
}

}  // namespace backline::session

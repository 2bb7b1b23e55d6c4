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

Helper::Helper(kj::AsyncIoContext& io, const std::vector<std::string>& command, const std::string& name)
    : name_(name),
      process_(ipc::HelperProcess::start(command, name)),
      connection_(kj::heap<ipc::Connection>(*io.lowLevelProvider, process_.takeSocket())) {
  watch_ = connection_->onDisconnect()
               .catch_([](kj::Exception&&) {})
               .then([this] {
                 const std::string how = howItEnded(process_.finish(kGraceMilliseconds));
                 if (gone_) gone_(name_ + " (process " + std::to_string(process_.pid()) + ") " + (whyKilled_.empty() ? how : whyKilled_));
               })
               .eagerlyEvaluate([](kj::Exception&&) {});
}

Helper::~Helper() noexcept {
  watch_ = nullptr;
  connection_ = nullptr;
  process_.finish(kGraceMilliseconds);
}

void Helper::kill(std::string why) {
  whyKilled_ = std::move(why);
  process_.kill();
}

Helper& HelperSlot::start(kj::AsyncIoContext& io) {
  if (gone_) drop();
  if (helper_.get() == nullptr) {
    helper_ = kj::heap<Helper>(io, command_, name_);
    helper_->onGone([this](std::string how) { lose(std::move(how)); });
    pid_ = helper_->pid();
  }
  return *helper_;
}

void HelperSlot::drop() {
  helper_ = nullptr;
  gone_ = false;
  pid_ = 0;
  howItEnded_ = name_ + " was let go";
  for (auto& waiting : waiting_) waiting->fulfill();
  waiting_.clear();
}

void HelperSlot::adopt(HelperSlot& other) {
  drop();
  helper_ = kj::mv(other.helper_);
  other.drop();
  helper_->onGone([this](std::string how) { lose(std::move(how)); });
  pid_ = helper_->pid();
}

void HelperSlot::lose(std::string how) {
  gone_ = true;
  pid_ = 0;
  howItEnded_ = std::move(how);
  for (auto& waiting : waiting_) waiting->fulfill();
  waiting_.clear();
  lost_(howItEnded_);
}

kj::Promise<void> HelperSlot::whenLost() {
  if (!running()) return kj::READY_NOW;
  auto waiting = kj::newPromiseAndFulfiller<void>();
  waiting_.push_back(kj::mv(waiting.fulfiller));
  return kj::mv(waiting.promise);
}

}  // namespace backline::session

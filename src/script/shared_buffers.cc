#include "script/shared_buffers.h"

#include <random>

namespace backline::script {

namespace {

std::uint64_t randomNumber() {
  std::random_device device;
  return std::uint64_t{device()} << 32 | device();
}

}  // namespace

SharedBuffers::SharedBuffers() : process_(randomNumber()) {}

Ticket SharedBuffers::put(std::shared_ptr<v8::BackingStore> memory) {
  const std::scoped_lock lock(mutex_);
  memory_.emplace(++last_, std::move(memory));
  return {process_, last_, 0, 0};
}

std::shared_ptr<v8::BackingStore> SharedBuffers::take(Ticket ticket) {
  if (ticket.space != process_) return nullptr;
  const std::scoped_lock lock(mutex_);
  const auto node = memory_.extract(ticket.place);
  return node.empty() ? nullptr : node.mapped();
}

}  // namespace backline::script

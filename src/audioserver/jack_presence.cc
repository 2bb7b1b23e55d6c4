#include "audioserver/jack_presence.h"

#include <jack/jack.h>

namespace backline::audioserver {
namespace {

constexpr const char* kClientName = "Backline watch";

void sayNothing(const char*) {}

}  // namespace

bool JackPresence::look() {
  if (client_ != nullptr && !gone_.load(std::memory_order_acquire)) return true;
  leave();
  // libjack writes to standard error where nobody listens.
  jack_set_error_function(sayNothing);
  jack_set_info_function(sayNothing);
  gone_.store(false, std::memory_order_release);
  client_ = jack_client_open(kClientName, JackNoStartServer, nullptr);
  if (client_ == nullptr) return false;
  jack_on_shutdown(client_, [](void* gone) { static_cast<std::atomic<bool>*>(gone)->store(true, std::memory_order_release); }, &gone_);
  return true;
}

void JackPresence::leave() {
  if (client_ != nullptr) jack_client_close(client_);
  client_ = nullptr;
}

}  // namespace backline::audioserver

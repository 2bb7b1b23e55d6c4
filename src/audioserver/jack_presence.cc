#include "audioserver/jack_presence.h"

#include <jack/jack.h>

#include <mutex>
#include <vector>

namespace backline::audioserver {
namespace {

constexpr const char* kWatchName = "Backline watch";

void sayNothing(const char*) {}

}  // namespace

struct JackPresence::Client {
  jack_client_t* jack = nullptr;
  std::atomic<bool> gone{false};
};

JackPresence::JackPresence() = default;
JackPresence::~JackPresence() { leave(); }

bool JackPresence::look() {
  if (client_ && !gone()) return true;
  leave();
  // libjack writes to standard error where nobody listens.
  jack_set_error_function(sayNothing);
  jack_set_info_function(sayNothing);
  auto client = std::make_unique<Client>();
  client->jack = jack_client_open(kWatchName, JackNoStartServer, nullptr);
  if (client->jack == nullptr) return false;
  jack_on_shutdown(client->jack, [](void* gone) { static_cast<std::atomic<bool>*>(gone)->store(true, std::memory_order_release); }, &client->gone);
  client_ = std::move(client);
  return true;
}

bool JackPresence::gone() const noexcept { return client_ && client_->gone.load(std::memory_order_acquire); }

void JackPresence::giveUp() noexcept {
  if (client_) client_->gone.store(true, std::memory_order_release);
}

void JackPresence::leave() {
  if (!client_) return;
  if (!gone()) {
    jack_client_close(client_->jack);
    client_.reset();
    return;
  }
  // libjack crashes when it is to close a client whose server has gone while another client is left: it is kept.
  static std::mutex mutex;   // the device watcher and the streams each have one on their threads
  static auto* const kept = new std::vector<std::unique_ptr<Client>>;
  const std::lock_guard lock(mutex);
  kept->push_back(std::move(client_));
}

}  // namespace backline::audioserver

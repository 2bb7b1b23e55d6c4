#include "audioserver/jack_latency.h"

#include <jack/jack.h>

#include <algorithm>
#include <string_view>

#include "audioserver/paced_thread.h"

namespace backline::audioserver {
namespace {

constexpr const char* kProbeName = "Backline latency";
constexpr std::int64_t kInterval = 300'000'000;   // nanoseconds

/// Backline's clients are told by their name: libjack does not say whose a port is.
bool isOurs(const char* port) { return std::string_view(port).starts_with("Backline"); }

}  // namespace

JackLatency::~JackLatency() {
  if (client_ != nullptr) jack_client_close(client_);
}

std::optional<std::uint32_t> JackLatency::captureFrames() {
  const std::int64_t now = nowNanoseconds();
  if (askedAt_ != 0 && now - askedAt_ < kInterval) return frames_;
  askedAt_ = now;
  if (client_ == nullptr) client_ = jack_client_open(kProbeName, JackNoStartServer, nullptr);
  const char** ports = client_ == nullptr ? nullptr : jack_get_ports(client_, nullptr, JACK_DEFAULT_AUDIO_TYPE, JackPortIsInput);
  frames_.reset();
  if (ports == nullptr) return frames_;
  for (const char** name = ports; *name != nullptr; ++name) {
    if (!isOurs(*name)) continue;
    jack_latency_range_t range{};
    jack_port_get_latency_range(jack_port_by_name(client_, *name), JackCaptureLatency, &range);
    frames_ = std::max(frames_.value_or(0), range.max);
  }
  jack_free(ports);
  return frames_;
}

}  // namespace backline::audioserver

#pragma once

#include <cstdint>
#include <optional>

struct _jack_client;  // libjack's jack_client_t

namespace backline::audioserver {

/// How long ago the sound at Backline's JACK inputs was made, as the server knows of what they are connected to: a period or more where
/// that is hardware, nothing where it is another program's port. cubeb does not say. Never starts a server. [one thread]
class JackLatency {
 public:
  JackLatency() = default;
  ~JackLatency();
  JackLatency(const JackLatency&) = delete;
  JackLatency& operator=(const JackLatency&) = delete;

  /// Frames, of the latest input; none while no server answers. Asks a few times a second at most.
  std::optional<std::uint32_t> captureFrames();

 private:
  _jack_client* client_ = nullptr;
  std::int64_t askedAt_ = 0;
  std::optional<std::uint32_t> frames_;
};

}  // namespace backline::audioserver

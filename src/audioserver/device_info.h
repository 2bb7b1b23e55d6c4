#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace backline::audioserver {

/// The id of what is no device (OutputConfig.device).
inline constexpr const char* kNoDevice = "none";

/// A device as people and programs name it. Mirrors ipc DeviceInfo.
struct DeviceInfo {
  std::string id;       ///< stable: "virtual", "stepped", or backend:name
  std::string name;     ///< for people; need not be unique
  std::string backend;  ///< "jack", "pulse", "alsa", "virtual"
  std::uint32_t maxChannels = 2;
  std::uint32_t sampleRate = 0;  ///< Hz, the rate it prefers
  bool isDefault = false;        ///< of its backend
  bool input = false;
  std::string clock;             ///< devices that say the same run from one clock; empty: its own

  bool operator==(const DeviceInfo&) const = default;
};

struct BackendInfo {
  std::string name;
  bool available = false;
  std::string detail;
};

/// Names the device, what is wrong with it and what to do.
class DeviceError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace backline::audioserver

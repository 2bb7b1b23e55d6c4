#pragma once

#include <cubeb/cubeb.h>

#include <memory>
#include <string>
#include <vector>

#include "audioserver/device_info.h"

namespace backline::audioserver {

/// The backends, in the order in which a default is looked for.
inline constexpr const char* kBackends[] = {"jack", "pulse", "alsa"};

/// A connection to one backend's server. [io]
class CubebContext {
 public:
  /// Null, with the reason in `whyNot`, if the backend does not answer. Never starts a server.
  static std::unique_ptr<CubebContext> open(const std::string& backend, std::string& whyNot);
  ~CubebContext();
  CubebContext(const CubebContext&) = delete;
  CubebContext& operator=(const CubebContext&) = delete;

  cubeb* get() const { return context_; }
  /// Outputs first, then inputs.
  std::vector<DeviceInfo> devices() const;
  /// What cubeb calls the output or input that is listed as `id`; null if it is gone.
  cubeb_devid find(const std::string& id, bool input) const;

 private:
  CubebContext(cubeb* context, std::string backend) : context_(context), backend_(std::move(backend)) {}
  cubeb* context_;
  std::string backend_;
};

}  // namespace backline::audioserver

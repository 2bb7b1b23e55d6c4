#include "audioserver/cubeb_context.h"

#include <algorithm>
#include <cstring>

namespace backline::audioserver {
namespace {

constexpr const char* kApplicationName = "Backline";
constexpr const char* kMonitorSuffix = ".monitor";  // what PulseAudio appends to a sink's name

class Collection {
 public:
  explicit Collection(cubeb* context) : context_(context) {
    const auto both = static_cast<cubeb_device_type>(CUBEB_DEVICE_TYPE_OUTPUT | CUBEB_DEVICE_TYPE_INPUT);
    if (cubeb_enumerate_devices(context_, both, &collection_) != CUBEB_OK) collection_ = {};
  }
  ~Collection() {
    if (collection_.device != nullptr) cubeb_device_collection_destroy(context_, &collection_);
  }
  Collection(const Collection&) = delete;
  Collection& operator=(const Collection&) = delete;

  const cubeb_device_collection& all() const { return collection_; }
  const cubeb_device_info* begin() const { return collection_.device; }
  const cubeb_device_info* end() const { return collection_.device + collection_.count; }

 private:
  cubeb* context_;
  cubeb_device_collection collection_{};
};

std::string text(const char* string) { return string == nullptr ? "" : string; }

/// cubeb names JACK's two after the system: "JACK playback".
std::string idOf(const std::string& backend, const cubeb_device_info& device) {
  std::string name = text(device.device_id);
  if (backend == "jack" && name.starts_with("JACK ")) name.erase(0, 5);
  return backend + ":" + name;
}

/// All of JACK's run from the server's. PulseAudio groups by the card; where there is none, and with the monitors, which it leaves out
/// of the groups, the sink is the clock. ALSA's only group is "default", behind which two cards may be.
std::string clockOf(const std::string& backend, const cubeb_device_info& device, const cubeb_device_collection& all) {
  if (backend == "jack") return backend;
  if (backend != "pulse") return {};
  if (!text(device.group_id).empty()) return backend + ":" + text(device.group_id);
  const std::string name = text(device.device_id);
  if ((device.type & CUBEB_DEVICE_TYPE_OUTPUT) != 0) return backend + ":" + name;
  if (!name.ends_with(kMonitorSuffix)) return {};
  const std::string sink = name.substr(0, name.size() - std::strlen(kMonitorSuffix));
  for (std::size_t i = 0; i < all.count; ++i) {
    const cubeb_device_info& other = all.device[i];
    if ((other.type & CUBEB_DEVICE_TYPE_OUTPUT) != 0 && text(other.device_id) == sink) return clockOf(backend, other, all);
  }
  return {};
}

bool usable(const cubeb_device_info& device) { return device.state == CUBEB_DEVICE_STATE_ENABLED; }

const char* whyNotOf(const std::string& backend) {
  if (backend == "jack") return "no JACK server answers; start jackd, or set JACK_DEFAULT_SERVER to one that runs";
  if (backend == "pulse") return "no PulseAudio or PipeWire server answers; start one, or set PULSE_SERVER to one that runs";
  return "ALSA has no usable device; see aplay -l";
}

}  // namespace

std::unique_ptr<CubebContext> CubebContext::open(const std::string& backend, std::string& whyNot) {
  whyNot = whyNotOf(backend);
  cubeb* context = nullptr;
  if (cubeb_init(&context, kApplicationName, backend.c_str()) != CUBEB_OK) return nullptr;
  std::unique_ptr<CubebContext> opened(new CubebContext(context, backend));
  // cubeb takes another backend where the one it was asked for does not answer.
  if (backend != cubeb_get_backend_id(context)) return nullptr;
  std::uint32_t rate = 0;
  if (cubeb_get_preferred_sample_rate(context, &rate) != CUBEB_OK || rate == 0) return nullptr;
  whyNot.clear();
  return opened;
}

CubebContext::~CubebContext() { cubeb_destroy(context_); }

std::vector<DeviceInfo> CubebContext::devices() const {
  std::vector<DeviceInfo> result;
  const Collection collection(context_);
  const auto list = [&](cubeb_device_type type) {
    for (const cubeb_device_info& device : collection) {
      if ((device.type & type) == 0 || !usable(device)) continue;
      const std::string name = text(device.friendly_name);
      result.push_back({idOf(backend_, device), name.empty() ? text(device.device_id) : name, backend_, device.max_channels,
                        device.default_rate, device.preferred != CUBEB_DEVICE_PREF_NONE, type == CUBEB_DEVICE_TYPE_INPUT,
                        clockOf(backend_, device, collection.all())});
    }
  };
  list(CUBEB_DEVICE_TYPE_OUTPUT);
  list(CUBEB_DEVICE_TYPE_INPUT);
  return result;
}

cubeb_devid CubebContext::find(const std::string& id, bool input) const {
  const auto type = input ? CUBEB_DEVICE_TYPE_INPUT : CUBEB_DEVICE_TYPE_OUTPUT;
  // The handle outlives the collection: cubeb keeps the names it hands out as long as the context.
  for (const cubeb_device_info& device : Collection(context_)) {
    if ((device.type & type) != 0 && idOf(backend_, device) == id) return device.devid;
  }
  return nullptr;
}

}  // namespace backline::audioserver

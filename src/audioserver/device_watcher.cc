#include "audioserver/device_watcher.h"

#include <pthread.h>
#include <sys/stat.h>

#include "audioserver/device_catalog.h"

namespace backline::audioserver {
namespace {

constexpr int kLookMilliseconds = 1000;
constexpr auto kBothTypes = static_cast<cubeb_device_type>(CUBEB_DEVICE_TYPE_INPUT | CUBEB_DEVICE_TYPE_OUTPUT);

std::vector<DeviceInfo> devicesOf(const char* backend) {
  std::string whyNot;
  const auto context = CubebContext::open(backend, whyNot);
  return context ? context->devices() : std::vector<DeviceInfo>();
}

/// When a card last came or went; 0: there is no ALSA.
std::int64_t soundFolderChanged() {
  struct stat info;
  return stat("/dev/snd", &info) == 0 ? info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec : 0;
}

}  // namespace

/// It is given back only once its server is gone. cubeb calls what was registered without asking whether it still is, so that to take the
/// registration back while events may come is a call of null; to keep it costs a connection that sleeps, until the process ends.
struct DeviceWatcher::Kept {
  Kept(std::unique_ptr<CubebContext> opened, transport::NotifyFd notify) : context(std::move(opened)), changed(std::move(notify)) {
    cubeb_register_device_collection_changed(context->get(), kBothTypes, &onChange, this);
  }
  ~Kept() { cubeb_register_device_collection_changed(context->get(), kBothTypes, nullptr, nullptr); }
  Kept(const Kept&) = delete;
  Kept& operator=(const Kept&) = delete;

  static void onChange(cubeb*, void* self) { static_cast<Kept*>(self)->changed.signal(); }

  std::unique_ptr<CubebContext> context;
  transport::NotifyFd changed;
};

DeviceWatcher::DeviceWatcher() = default;

DeviceWatcher::~DeviceWatcher() {
  stop();
  static auto* const kept = new std::vector<std::unique_ptr<Kept>>;
  if (pulse_) kept->push_back(std::move(pulse_));
}

void DeviceWatcher::start() {
  if (thread_.joinable()) return;
  if (!wake_.fd()) wake_ = transport::NotifyFd::create();
  stopping_.store(false);
  version_.store(0);
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "device-watcher");
    run();
  });
}

void DeviceWatcher::stop() {
  if (!thread_.joinable()) return;
  stopping_.store(true);
  wake_.signal();
  thread_.join();
}

std::vector<DeviceInfo> DeviceWatcher::devices() const {
  const std::lock_guard lock(mutex_);
  return devices_;
}

void DeviceWatcher::run() {
  while (!stopping_.load()) {
    look();
    wake_.wait(kLookMilliseconds);
  }
}

void DeviceWatcher::look() {
  std::vector<DeviceInfo> now;
  for (const auto& part : {jackDevices(), pulseDevices(), alsaDevices(), DeviceCatalog::virtualDevices()}) {
    now.insert(now.end(), part.begin(), part.end());
  }
  const std::lock_guard lock(mutex_);
  if (version() != 0 && now == devices_) return;
  devices_ = std::move(now);
  version_.fetch_add(1, std::memory_order_release);
}

// JACK's devices are always the same two, so that they are asked for once a server.
std::vector<DeviceInfo> DeviceWatcher::jackDevices() {
  const bool there = jack_.look();
  if (there && (!jackThere_ || jackDevices_.empty())) jackDevices_ = devicesOf("jack");
  if (!there) jackDevices_.clear();
  jackThere_ = there;
  return jackDevices_;
}

std::vector<DeviceInfo> DeviceWatcher::pulseDevices() {
  std::vector<DeviceInfo> devices;
  if (pulse_) {
    devices = pulse_->context->devices();
    if (!devices.empty()) return devices;
    pulse_.reset();  // a server that runs has a sink at least
  }
  std::string whyNot;
  if (auto context = CubebContext::open("pulse", whyNot)) {
    pulse_ = std::make_unique<Kept>(std::move(context), transport::NotifyFd::adopt(wake_.fd().duplicate()));
    devices = pulse_->context->devices();
  }
  return devices;
}

// To ask ALSA opens its default device, so that it is asked when cards have come or gone.
std::vector<DeviceInfo> DeviceWatcher::alsaDevices() {
  const std::int64_t changed = soundFolderChanged();
  if (changed == alsaChanged_ && version() != 0) return alsaDevices_;
  alsaChanged_ = changed;
  alsaDevices_ = devicesOf("alsa");
  return alsaDevices_;
}

}  // namespace backline::audioserver

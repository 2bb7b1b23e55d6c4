#include "audioserver/tap.h"

#include <fcntl.h>
#include <pthread.h>
#include <sndfile.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "audioserver/device_info.h"

namespace backline::audioserver {
namespace {

constexpr double kRingSeconds = 4;               // what a disk may be late
constexpr std::uint32_t kDrainFrames = 8192;
constexpr int kDrainMilliseconds = 100;
constexpr std::uint32_t kEmptyFileRate = 48000;  // of a file whose device was never opened

transport::RingWriter makeRing(std::uint32_t channels, double sampleRate) {
  return transport::RingWriter(transport::createRingStream(
      "tap", {channels, static_cast<float>(sampleRate), static_cast<std::uint32_t>(sampleRate * kRingSeconds), transport::Overflow::refuse}));
}

}  // namespace

Tap::Tap(std::string path, std::uint64_t frameLimit) : path_(std::move(path)), frameLimit_(frameLimit), wake_(transport::NotifyFd::create()) {
  fd_ = transport::Fd(::open(path_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (!fd_) throw DeviceError("cannot write the tap file '" + path_ + "': " + std::strerror(errno));
}

Tap::~Tap() {
  if (!begun()) return;
  end();
  thread_.join();
}

void Tap::begin(std::uint32_t channels, double sampleRate) {
  sampleRate_ = static_cast<std::uint32_t>(std::lround(sampleRate));
  writer_ = makeRing(channels, sampleRate);
  reader_ = transport::RingReader(transport::SharedMemory::map(writer_.memory().fd().duplicate()));

  SF_INFO info{};
  info.samplerate = static_cast<int>(sampleRate_);
  info.channels = static_cast<int>(channels);
  info.format = SF_FORMAT_RF64 | SF_FORMAT_FLOAT;
  SNDFILE* file = sf_open_fd(fd_.get(), SFM_WRITE, &info, SF_FALSE);
  if (file == nullptr) throw DeviceError("cannot write the tap file '" + path_ + "': " + sf_strerror(nullptr));
  sf_command(file, SFC_RF64_AUTO_DOWNGRADE, nullptr, SF_TRUE);  // plain WAV until 4 GB
  sf_command(file, SFC_SET_ADD_PEAK_CHUNK, nullptr, SF_FALSE);  // it holds the time of day
  sf_command(file, SFC_SET_UPDATE_HEADER_AUTO, nullptr, SF_TRUE);
  thread_ = std::thread([this, file] {
    pthread_setname_np(pthread_self(), "tap");
    drain(file);
    finish(file);
  });
}

bool Tap::takes(std::uint32_t channels, double sampleRate) const {
  return reader_.format().channels == channels && sampleRate_ == static_cast<std::uint32_t>(std::lround(sampleRate));
}

bool Tap::hasRoom(std::uint32_t frames) const noexcept { return full() || writer_.space() >= frames; }

bool Tap::full() const noexcept { return frameLimit_ != 0 && taken_.load(std::memory_order_acquire) >= frameLimit_; }

void Tap::write(const float* interleaved, std::uint32_t frames) noexcept {
  if (!open_.load(std::memory_order_relaxed)) return;
  const std::uint64_t taken = taken_.load(std::memory_order_relaxed);
  if (frameLimit_ != 0) frames = static_cast<std::uint32_t>(std::min<std::uint64_t>(frames, frameLimit_ - std::min(taken, frameLimit_)));
  if (frames == 0) return;
  const std::uint32_t written = writer_.write(interleaved, frames);
  dropped_.fetch_add(frames - written, std::memory_order_relaxed);
  taken_.store(taken + frames, std::memory_order_release);
  if (writer_.fill() > writer_.format().capacityFrames / 4) wake_.signal();
}

void Tap::drain(sf_private_tag* file) {
  std::vector<float> frames(std::size_t{kDrainFrames} * reader_.format().channels);
  for (;;) {
    // Asked before the ring is: what was written before the end is then all seen.
    const bool last = ending_.load(std::memory_order_acquire) || full();
    while (const std::uint32_t got = reader_.read(frames.data(), kDrainFrames)) {
      if (!error_.empty()) continue;  // the ring goes on being emptied, so that a device that waits for room is not held up
      errno = 0;
      const sf_count_t wrote = sf_writef_float(file, frames.data(), got);
      const int reason = errno;
      written_ += static_cast<std::uint64_t>(std::max<sf_count_t>(wrote, 0));
      if (wrote != got) error_ = reason != 0 ? std::strerror(reason) : sf_strerror(file);
    }
    if (last) return;
    wake_.wait(kDrainMilliseconds);
  }
}

void Tap::finish(sf_private_tag* file) {
  sf_close(file);
  fd_.reset();
  done_.store(true, std::memory_order_release);
}

void Tap::end() {
  if (!begun()) begin(2, kEmptyFileRate);
  ending_.store(true, std::memory_order_release);
  wake_.signal();
}

Tap::Result Tap::result() const {
  Result result{written_, dropped_.load(), {}};
  if (!error_.empty()) {
    result.error = "the tap file '" + path_ + "' ends early: " + error_ + "; its first " + std::to_string(written_) + " frames are readable";
  }
  return result;
}

}  // namespace backline::audioserver

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
#include "audioserver/gap_fade.h"

namespace backline::audioserver {
namespace {

constexpr double kRingSeconds = 4;               // what a disk may be late
constexpr std::uint32_t kDrainFrames = 8192;
constexpr int kDrainMilliseconds = 20;           // of sound that a server takes with it when it is killed
constexpr std::uint32_t kEmptyFileRate = 48000;  // of a file whose device was never opened

transport::RingWriter makeRing(std::uint32_t channels, double sampleRate) {
  return transport::RingWriter(transport::createRingStream(
      "tap", {channels, static_cast<float>(sampleRate), static_cast<std::uint32_t>(sampleRate * kRingSeconds), transport::Overflow::refuse}));
}

}  // namespace

Tap::Tap(std::string path, std::uint64_t frameLimit, bool goOn) : path_(std::move(path)), frameLimit_(frameLimit), wake_(transport::NotifyFd::create()) {
  if (goOn && reopen()) return;
  fd_ = transport::Fd(::open(path_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (!fd_) throw DeviceError("cannot write the tap file '" + path_ + "': " + std::strerror(errno));
}

Tap::~Tap() {
  if (!begun()) return;
  end();
  thread_.join();
}

/// False if there is no sound in the file yet. Throws DeviceError.
bool Tap::reopen() {
  SF_INFO info{};
  SNDFILE* file = sf_open(path_.c_str(), SFM_READ, &info);
  if (file == nullptr) return false;
  std::vector<float> last(static_cast<std::size_t>(info.channels));
  sf_seek(file, -1, SEEK_END);
  const bool sounds = sf_readf_float(file, last.data(), 1) == 1;
  sf_close(file);
  if (!sounds) return false;

  fd_ = transport::Fd(::open(path_.c_str(), O_RDWR | O_CLOEXEC));
  info = {};
  file = fd_ ? sf_open_fd(fd_.get(), SFM_RDWR, &info, SF_FALSE) : nullptr;
  if (file == nullptr) throw DeviceError("cannot go on with the tap file '" + path_ + "': " + (fd_ ? sf_strerror(nullptr) : std::strerror(errno)));
  sf_command(file, SFC_SET_UPDATE_HEADER_AUTO, nullptr, SF_TRUE);
  sf_seek(file, 0, SEEK_END | SFM_WRITE);
  const auto channels = static_cast<std::uint32_t>(info.channels);
  sampleRate_ = static_cast<std::uint32_t>(info.samplerate);
  written_ = static_cast<std::uint64_t>(info.frames);
  taken_ = written_;
  start(channels, file);
  GapFade fade;
  std::vector<float> frame(channels);
  fade.apply(last.data(), channels, 1, 1);
  open();
  for (std::uint32_t i = 0; i < kFadeFrames; ++i) {
    fade.apply(frame.data(), channels, 1, 0);
    write(frame.data(), 1);
  }
  return true;
}

void Tap::begin(std::uint32_t channels, double sampleRate) {
  sampleRate_ = static_cast<std::uint32_t>(std::lround(sampleRate));
  SF_INFO info{};
  info.samplerate = static_cast<int>(sampleRate_);
  info.channels = static_cast<int>(channels);
  info.format = SF_FORMAT_RF64 | SF_FORMAT_FLOAT;
  SNDFILE* file = sf_open_fd(fd_.get(), SFM_WRITE, &info, SF_FALSE);
  if (file == nullptr) throw DeviceError("cannot write the tap file '" + path_ + "': " + sf_strerror(nullptr));
  sf_command(file, SFC_RF64_AUTO_DOWNGRADE, nullptr, SF_TRUE);  // plain WAV until 4 GB
  sf_command(file, SFC_SET_ADD_PEAK_CHUNK, nullptr, SF_FALSE);  // it holds the time of day
  sf_command(file, SFC_SET_UPDATE_HEADER_AUTO, nullptr, SF_TRUE);
  start(channels, file);
}

void Tap::start(std::uint32_t channels, sf_private_tag* file) {
  writer_ = makeRing(channels, sampleRate_);
  reader_ = transport::RingReader(transport::SharedMemory::map(writer_.memory().fd().duplicate()));
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

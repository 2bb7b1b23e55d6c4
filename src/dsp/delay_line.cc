#include "dsp/delay_line.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <new>

namespace backline::dsp {

namespace {
constexpr std::uint32_t kPrepared = 2;   // channels whose memory is real from the start
}

void DelayLine::Unmap::operator()(float* memory) const noexcept { munmap(memory, bytes); }

DelayLine::DelayLine(std::uint64_t frames, std::uint32_t quantum)
    : quantum_(quantum), slots_(frames / quantum + 2), gathered_(std::size_t{kMaxChannels} * quantum), mixed_(gathered_.size()) {
  // Pages of its own are zeros that cost nothing until they are written, and go when it goes. What calloc gives may come from the heap, where
  // all of it is written, and stays behind.
  const std::size_t bytes = slots_.size() * kMaxChannels * quantum * sizeof(float);
  void* const pages = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (pages == MAP_FAILED) throw std::bad_alloc();
  madvise(pages, bytes, MADV_NOHUGEPAGE);
  auto* const memory = static_cast<float*>(pages);
  memory_ = {memory, Unmap{bytes}};
  volatile float* touched = memory;
  for (std::size_t i = 0; i < slots_.size() * kPrepared * quantum; i += 1024) touched[i] = 0;
}

void DelayLine::write(ConstPlanes in, bool silent) noexcept {
  Slot& into = slots_[written_ % slots_.size()];
  if (!into.silent) --sounding_;
  into = {static_cast<std::uint8_t>(std::min(in.channels, kMaxChannels)), silent};
  if (!silent) {
    ++sounding_;
    for (std::uint32_t c = 0; c < into.channels; ++c)
      std::memcpy(const_cast<float*>(plane(static_cast<std::int64_t>(written_), c)), in.channel(c), quantum_ * sizeof(float));
  }
  ++written_;
  mixedQuantum_ = -1;
}

std::uint32_t DelayLine::channels(std::int64_t first, std::int64_t last) const noexcept {
  std::uint32_t most = 0;
  for (std::int64_t q = std::max<std::int64_t>(first, 0) / quantum_; q * quantum_ <= last; ++q)
    if (holds(q)) most = std::max<std::uint32_t>(most, slot(q).channels);
  return most;
}

bool DelayLine::sounds(std::int64_t first, std::int64_t last) const noexcept {
  for (std::int64_t q = std::max<std::int64_t>(first, 0) / quantum_; q * quantum_ <= last; ++q)
    if (holds(q) && !slot(q).silent) return true;
  return false;
}

const float* DelayLine::mixed(std::int64_t quantum, std::uint32_t channel, std::uint32_t channels) noexcept {
  if (!holds(quantum)) return nullptr;
  const Slot& from = slot(quantum);
  if (from.silent) return nullptr;
  if (from.channels == channels) return plane(quantum, channel);
  if (mixedQuantum_ != quantum || mixedChannels_ != channels) {
    for (std::uint32_t c = 0; c < from.channels; ++c) std::memcpy(gathered_.data() + std::size_t{c} * quantum_, plane(quantum, c), quantum_ * sizeof(float));
    mixTo({gathered_.data(), from.channels, quantum_}, {mixed_.data(), channels, quantum_}, MixRule::speakers);
    mixedQuantum_ = quantum;
    mixedChannels_ = channels;
  }
  return mixed_.data() + std::size_t{channel} * quantum_;
}

float DelayLine::at(std::int64_t frame, std::uint32_t channel, std::uint32_t channels) noexcept {
  if (frame < 0) return 0;
  const float* samples = mixed(frame / quantum_, channel, channels);
  return samples == nullptr ? 0.0f : samples[frame % quantum_];
}

void DelayLine::read(std::int64_t frame, Planes out) noexcept {
  for (std::uint32_t done = 0; done < out.frames;) {
    const std::int64_t at = frame + done;
    const std::int64_t quantum = at < 0 ? -1 : at / quantum_;
    const std::uint32_t first = at < 0 ? 0 : static_cast<std::uint32_t>(at % quantum_);
    const std::int64_t untilNext = at < 0 ? -at : quantum_ - first;
    const auto count = static_cast<std::uint32_t>(std::min<std::int64_t>(out.frames - done, untilNext));
    for (std::uint32_t c = 0; c < out.channels; ++c) {
      const float* samples = quantum < 0 ? nullptr : mixed(quantum, c, out.channels);
      float* to = out.channel(c) + done;
      if (samples == nullptr) {
        std::fill_n(to, count, 0.0f);
      } else {
        std::memcpy(to, samples + first, count * sizeof(float));
      }
    }
    done += count;
  }
}

}  // namespace backline::dsp

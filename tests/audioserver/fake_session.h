#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <vector>

#include "audioserver/mixer.h"
#include "audioserver/voice.h"

namespace backline::audioserver::test {

inline constexpr double kRate = 48000;           // Hz, of the fake device
inline constexpr std::uint32_t kCallback = 256;  // frames

/// A session as its host sees it, with the voice that plays it: no process, no device.
struct FakeSession {
  /// The new output of a session that leaves `before`.
  explicit FakeSession(const FakeSession& before);
  explicit FakeSession(std::uint32_t channels = 2, double rate = kRate, double deviceRate = kRate, std::uint32_t callback = kCallback);

  /// Writes all of it and says that it is running.
  void write(const std::vector<float>& interleaved);
  ipc::OutputStatus status() const;

  transport::RingWriter writer;
  transport::NotifyFd refill;
  transport::PageReader<ipc::OutputStatus> page;
  std::unique_ptr<Voice> voice;
};

/// What the mixer gives in callbacks of `callback` frames, interleaved.
std::vector<float> render(Mixer& mixer, std::uint32_t frames, std::uint32_t callback = kCallback);

/// Samples in ±0.5, of which some are negative zeros.
std::vector<float> noise(std::mt19937_64& random, std::size_t samples);

/// Every channel the same sine of amplitude 0.5.
std::vector<float> sine(double hertz, double rate, std::uint32_t frames, std::uint32_t channels);

/// Fails naming the first frame at which the two differ in any bit.
void expectSameBits(const std::vector<float>& actual, const std::vector<float>& expected, std::uint32_t channels);

}  // namespace backline::audioserver::test

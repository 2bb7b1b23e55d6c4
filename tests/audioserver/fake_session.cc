#include "fake_session.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>

namespace backline::audioserver::test {
namespace {

transport::SharedMemory again(const transport::SharedMemory& memory) {
  return transport::SharedMemory::map(memory.fd().duplicate());
}

}  // namespace

FakeSession::FakeSession(std::uint32_t channels, double rate, double deviceRate, std::uint32_t callback)
    : writer(transport::createRingStream("fake", {channels, static_cast<float>(rate), 1 << 16, transport::Overflow::refuse})),
      refill(transport::NotifyFd::create()),
      page(transport::createPage<ipc::OutputStatus>("fake")),
      voice(std::make_unique<Voice>(Voice::Ends{again(writer.memory()), transport::NotifyFd::adopt(refill.fd().duplicate()), again(page.memory())},
                                    deviceRate, Voice::sessionFrames(callback, rate, deviceRate))) {}

FakeSession::FakeSession(const FakeSession& before)
    : writer(transport::createRingStream("fake", before.writer.format())),
      refill(transport::NotifyFd::adopt(before.refill.fd().duplicate())),
      page(again(before.page.memory())),
      voice(std::make_unique<Voice>(Voice::Ends{again(writer.memory()), transport::NotifyFd::adopt(refill.fd().duplicate()), again(page.memory()), true},
                                    kRate, kCallback)) {}

void FakeSession::write(const std::vector<float>& interleaved) {
  const auto frames = static_cast<std::uint32_t>(interleaved.size() / writer.format().channels);
  ASSERT_EQ(writer.write(interleaved.data(), frames), frames) << "the test's ring is too small";
  writer.setState(transport::WriterState::running);
}

ipc::OutputStatus FakeSession::status() const {
  ipc::OutputStatus status;
  EXPECT_TRUE(page.read(status));
  return status;
}

std::vector<float> render(Mixer& mixer, std::uint32_t frames, std::uint32_t callback) {
  std::vector<float> out(std::size_t{frames} * mixer.channels());
  for (std::uint32_t done = 0; done < frames; done += callback) {
    mixer.render(out.data() + std::size_t{done} * mixer.channels(), std::min(callback, frames - done));
  }
  return out;
}

std::vector<float> noise(std::mt19937_64& random, std::size_t samples) {
  std::uniform_real_distribution<float> amplitude(-0.5f, 0.5f);
  std::vector<float> result(samples);
  for (float& sample : result) sample = random() % 16 == 0 ? -0.0f : amplitude(random);
  return result;
}

std::vector<float> sine(double hertz, double rate, std::uint32_t frames, std::uint32_t channels) {
  std::vector<float> result;
  for (std::uint32_t i = 0; i < frames; ++i) {
    result.insert(result.end(), channels, static_cast<float>(0.5 * std::sin(2 * std::numbers::pi * hertz * i / rate)));
  }
  return result;
}

void expectSameBits(const std::vector<float>& actual, const std::vector<float>& expected, std::uint32_t channels) {
  ASSERT_EQ(actual.size() / channels, expected.size() / channels) << "frames";
  for (std::size_t i = 0; i < actual.size(); ++i) {
    ASSERT_EQ(std::bit_cast<std::uint32_t>(actual[i]), std::bit_cast<std::uint32_t>(expected[i]))
        << "frame " << i / channels << " channel " << i % channels << ": " << actual[i] << ", not " << expected[i];
  }
}

}  // namespace backline::audioserver::test

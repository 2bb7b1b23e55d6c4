#include "host/mapped_buffer.h"

#include <gtest/gtest.h>

#include <limits>

namespace backline::host {
namespace {

using transport::SharedMemory;
using transport::TransportError;

MappedBuffer map(std::uint32_t channels, std::uint64_t length, float sampleRate) {
  return MappedBuffer(SharedMemory::create("backline-test", 4096), channels, length, sampleRate);
}

TEST(MappedBuffer, HoldsWhatFitsItsMemory) {
  const MappedBuffer buffer = map(2, 512, 44100);
  EXPECT_EQ(buffer.channel(1) - buffer.channel(0), 512);
  EXPECT_THROW(map(2, 513, 44100), TransportError);
  EXPECT_THROW(map(4, std::numeric_limits<std::uint64_t>::max() / 4 + 1, 44100), TransportError) << "a product that wraps round";
}

TEST(MappedBuffer, HasChannelsAndARateThatExist) {
  EXPECT_THROW(map(0, 1, 44100), TransportError);
  EXPECT_THROW(map(33, 1, 44100), TransportError);
  for (const float rate : {0.0f, -1.0f, 1e-40f, 1e30f, std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()})
    EXPECT_THROW(map(1, 1, rate), TransportError) << rate << " Hz";
}

}  // namespace
}  // namespace backline::host

#include "render/nodes/buffer_player.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/render/nodes/node_harness.h"
#include "tests/support/seed.h"

namespace backline::test {
namespace {

using render::Block;
using render::BufferPlayer;

constexpr float kRate = 48000;

/// Its frames; none once nothing is left to play.
std::vector<float> played(BufferPlayer& player, const BufferPlayer::Settings& settings, std::uint32_t frames) {
  std::vector<float> out(frames);
  Block block;
  block.data = out.data();
  block.frames = frames;
  block.channels = block.capacity = 1;
  return player.play(settings, block, 0, frames) ? out : std::vector<float>();
}

TEST(BufferPlayer, SkippingComesToWherePlayingDoes) {
  const auto seed = static_cast<std::uint32_t>(test::seed());
  std::mt19937 random(seed);
  const auto pick = [&](std::uint32_t count) { return random() % count; };
  const auto number = [&](double low, double high) { return std::uniform_real_distribution<>(low, high)(random); };
  constexpr double kSteps[] = {1, 0.5, -1, 0, 2, 44100.0 / 48000, 1e-9, 400};
  for (int round = 0; round < 3000; ++round) {
    SCOPED_TRACE("seed " + std::to_string(seed) + ", round " + std::to_string(round));
    const auto buffer = MemoryBuffer::ramp(1 + pick(2000), pick(2) ? kRate : 44100);
    const double length = static_cast<double>(buffer.length()) / buffer.sampleRate();
    BufferPlayer::Settings settings{buffer, pick(2) ? kSteps[pick(8)] : number(-3, 3), pick(3) > 0, pick(2) * number(-0.1, 1.1) * length, pick(2) * number(-0.1, 1.1) * length};
    const double offset = pick(2) * number(0, 1.2) * length, duration = pick(2) ? number(0, 3) * length : 1e10, lead = pick(2) * number(0, 0.999);
    BufferPlayer heard, skipped;
    heard.start(settings, offset, duration, lead);
    skipped.start(settings, offset, duration, 0);
    skipped.skip(settings, lead);
    for (int stretch = 0; stretch < 3; ++stretch) {
      const std::uint32_t frames = pick(2) ? pick(300) : pick(5000);
      const bool over = frames > 0 && played(heard, settings, frames).empty();
      skipped.skip(settings, frames);
      if (over) break;
      if (pick(2)) settings.step = number(-2, 2);
    }
    ASSERT_EQ(played(heard, settings, 300), played(skipped, settings, 300));
  }
}

TEST(BufferPlayer, SkippingADayTakesNoTime) {
  const auto buffer = MemoryBuffer::ramp(100, kRate);
  BufferPlayer player;
  const BufferPlayer::Settings settings{buffer, 1, true, 0, 0};
  player.start(settings, 0, 1e10, 0);
  player.skip(settings, 86400.0 * kRate + 7);
  EXPECT_EQ(played(player, settings, 1)[0], 8);
}

}  // namespace
}  // namespace backline::test

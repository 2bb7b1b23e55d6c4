#include "dsp/frames.h"

#include <gtest/gtest.h>

#include <limits>

namespace backline::dsp {
namespace {

TEST(Frames, ATimeThatMeansAWholeFrameIsThatFrame) {
  for (std::uint64_t frame = 0; frame < 400'000'000; frame += 1'234'567) {
    EXPECT_EQ(framesOf(static_cast<double>(frame) / 44100.0, 44100), static_cast<double>(frame));
  }
}

TEST(Frames, FractionsSurviveAShiftByWholeFrames) {
  for (int shift = 0; shift < 480000; shift += 4801) {
    const double time = 1598.4 / 48000;
    EXPECT_EQ(framesOf(time + shift / 48000.0, 48000) - shift, framesOf(time, 48000)) << "shifted by " << shift;
  }
}

TEST(Frames, FractionsAreKeptToABillionth) {
  EXPECT_NEAR(framesOf(17.8 / 32768, 32768), 17.8, 2e-9);
  EXPECT_EQ(framesOf(std::numeric_limits<double>::infinity(), 48000), std::numeric_limits<double>::infinity());
}

}  // namespace
}  // namespace backline::dsp

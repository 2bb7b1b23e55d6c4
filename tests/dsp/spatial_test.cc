#include "dsp/spatial.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>

#include "tests/support/seed.h"

namespace backline::dsp {
namespace {

constexpr double kPi = std::numbers::pi;
const Head kAhead({}, {0, 0, -1}, {0, 1, 0});

Point cross(const Point& a, const Point& b) { return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x}; }
Point unit(const Point& a) { return length(a) == 0 ? a : a * (1 / length(a)); }

/// The specification's algorithm "azimuth and elevation", as it is written there.
struct Angles {
  double azimuth = 0, elevation = 0;
};
Angles specified(const Point& source, const Point& listener, const Point& forward, const Point& up) {
  const Point towards = unit(source - listener), right = cross(forward, up);
  if (length(towards) == 0 || length(right) == 0) return {};
  const Point rightNorm = unit(right), forwardNorm = unit(forward), above = cross(rightNorm, forwardNorm);
  const Point projected = unit(towards - above * dot(towards, above));
  double azimuth = 180 * std::acos(std::clamp(dot(projected, rightNorm), -1.0, 1.0)) / kPi;
  if (dot(projected, forwardNorm) < 0) azimuth = 360 - azimuth;
  azimuth = azimuth <= 270 ? 90 - azimuth : 450 - azimuth;
  return {azimuth, 90 - 180 * std::acos(std::clamp(dot(towards, above), -1.0, 1.0)) / kPi};
}
/// … and its "equalpower panning", up to the gains.
PanGains specifiedGains(double azimuth, bool mono) {
  if (azimuth < -90) azimuth = -180 - azimuth;
  if (azimuth > 90) azimuth = 180 - azimuth;
  const double x = mono ? (azimuth + 90) / 180 : azimuth <= 0 ? (azimuth + 90) / 90 : azimuth / 90;
  return {std::cos(x * kPi / 2), std::sin(x * kPi / 2)};
}

TEST(Spatial, AgreesWithTheSpecificationForAnySourceAndListener) {
  std::mt19937_64 random(test::seed());
  std::uniform_real_distribution<float> uniform(-5, 5);
  const auto point = [&] { return Point{uniform(random), uniform(random), uniform(random)}; };
  for (int i = 0; i < 2000; ++i) {
    const Point source = point(), listener = point(), forward = point(), up = point();
    const Head head(listener, forward, up);
    const Angles expected = specified(source, listener, forward, up);
    const Head::Direction direction = head.direction(source - listener);
    ASSERT_NEAR(direction.azimuth, expected.azimuth, 1e-5);
    ASSERT_NEAR(direction.elevation, expected.elevation, 1e-5);
    const double side = head.side(source - listener);
    for (const bool mono : {true, false}) {
      const PanGains wanted = specifiedGains(expected.azimuth, mono), got = mono ? panMono(side) : panStereo(side);
      ASSERT_NEAR(got.left, wanted.left, 1e-7) << "azimuth " << expected.azimuth << (mono ? ", mono" : ", stereo");
      ASSERT_NEAR(got.right, wanted.right, 1e-7) << "azimuth " << expected.azimuth << (mono ? ", mono" : ", stereo");
    }
  }
}

TEST(Spatial, HearsFromTheFrontWhatHasNoDirection) {
  EXPECT_EQ(kAhead.side({}), 0);
  EXPECT_EQ(kAhead.direction({}).azimuth, 0);
  EXPECT_EQ(kAhead.side({0, 7, 0}), 0) << "straight above";
  EXPECT_EQ(kAhead.direction({0, 7, 0}).azimuth, 0);
  EXPECT_NEAR(kAhead.direction({0, 7, 0}).elevation, 90, 1e-9);
  const Head dizzy({}, {1, 2, 3}, {2, 4, 6});
  EXPECT_EQ(dizzy.side({5, 0, 0}), 0) << "up and forward depend on one another";
  EXPECT_EQ(dizzy.direction({0, 5, 0}).elevation, 0);
  const Head tilted({}, {0.1, 0.2, -0.7}, {0.3, 0.9, 0.2});
  const Point above = cross(cross({0.1, 0.2, -0.7}, {0.3, 0.9, 0.2}), {0.1, 0.2, -0.7});
  EXPECT_EQ(tilted.side(above), 0) << "above, but for rounding";
}

TEST(Spatial, LosesLevelWithDistanceAsTheModelSays) {
  const auto decibels = [](const DistanceLaw& law, double distance) { return 20 * std::log10(law.gain(distance)); };
  const DistanceLaw inverse{DistanceLaw::inverse, 1, 10000, 1};
  EXPECT_NEAR(decibels(inverse, 0.2), 0, 1e-9);
  EXPECT_NEAR(decibels(inverse, 2), -6.0206, 1e-4);
  EXPECT_NEAR(decibels(inverse, 20), -26.0206, 1e-4);
  EXPECT_NEAR(decibels({DistanceLaw::inverse, 2, 1, 3}, 4), 20 * std::log10(2.0 / (2 + 3 * 2)), 1e-9) << "maxDistance does not matter";
  EXPECT_NEAR(decibels({DistanceLaw::exponential, 2, 1, 1.5}, 8), -1.5 * 20 * std::log10(4), 1e-9);
  const DistanceLaw linear{DistanceLaw::linear, 1, 11, 0.5};
  EXPECT_NEAR(linear.gain(6), 0.75, 1e-12);
  EXPECT_NEAR(linear.gain(0), 1, 1e-12);
  EXPECT_NEAR(linear.gain(100), 0.5, 1e-12) << "clamped to maxDistance";
}

TEST(Spatial, ClampsWhatTheModelsCannotTake) {
  EXPECT_EQ((DistanceLaw{DistanceLaw::linear, 1, 11, 5}).gain(100), 0) << "a rolloff above 1 counts as 1";
  EXPECT_EQ((DistanceLaw{DistanceLaw::linear, 11, 1, 1}).gain(6), 0.5) << "refDistance and maxDistance change places";
  EXPECT_EQ((DistanceLaw{DistanceLaw::linear, 3, 3, 0.25}).gain(1), 0.75);
  EXPECT_EQ((DistanceLaw{DistanceLaw::inverse, 0, 10, 1}).gain(1), 0);
  EXPECT_EQ((DistanceLaw{DistanceLaw::exponential, 0, 10, 0}).gain(1), 0);
  EXPECT_EQ((DistanceLaw{DistanceLaw::inverse, 1, 10, 0}).gain(1e30), 1);
}

TEST(Spatial, HearsASourceFullyWithinItsConeAndFadesToTheOuterGain) {
  const Cone cone{60, 120, 0.25};
  const Point offset{0, 0, -2};   // in front
  const auto turned = [](double degrees) { return Point{std::sin(degrees * kPi / 180) * 3, 0, std::cos(degrees * kPi / 180) * 3}; };   // 0: at the listener
  EXPECT_EQ(cone.gain(turned(0), offset), 1);
  EXPECT_EQ(cone.gain(turned(29.9), offset), 1);
  EXPECT_NEAR(cone.gain(turned(45), offset), (1 + 0.25) / 2, 1e-9);
  EXPECT_EQ(cone.gain(turned(60.1), offset), 0.25);
  EXPECT_EQ(cone.gain(turned(180), offset), 0.25);
  EXPECT_EQ(cone.gain({}, offset), 1) << "no orientation, no cone";
  EXPECT_EQ((Cone{360, 360, 0}).gain(turned(180), offset), 1);
}

}  // namespace
}  // namespace backline::dsp

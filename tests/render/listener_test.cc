// How an AudioListener stands in a graph: before every panner, in no panner's way.

#include <gtest/gtest.h>

#include <cmath>

#include "tests/render/render_side.h"

namespace backline {
namespace {

using namespace render;
using test::Batch;
using test::RenderSide;

enum { kListenerX, kListenerUpZ = 8 };
constexpr NodeId kOut = 1, kEars = 2;

class ListenerTest : public testing::Test {
 protected:
  ListenerTest() { batch.node(kOut, kDestination).node(kEars, kAudioListener); }

  void constant(NodeId id, float value) { batch.node(id, kConstantSource).setValue(id, 0, value, 0).start(id, 0); }
  /// A panner at (x, 0, 0) that hears the listener, to the destination.
  void panner(NodeId id, float x) {
    batch.node(id, kPanner).setValue(id, 0, x, 0).add(kEars, Connect{{0, id, 1}}).connect(id, kOut);
  }
  float left() { return side.quantum()[0]; }
  float right() { return side.quantum()[1]; }

  Batch batch;
  RenderSide side;
};

TEST_F(ListenerTest, IsHeardByEveryPannerWhicheverWasMadeFirst) {
  constant(3, 1);
  panner(4, 2);
  panner(5, -2);
  side.apply(batch.connect(3, 4).connect(3, 5));
  EXPECT_NEAR(left(), 0.5f, 1e-6f);
  EXPECT_NEAR(right(), 0.5f, 1e-6f);
  side.apply(batch.setValue(kEars, kListenerX, 4, 0));   // both are to the left now, two and six away
  EXPECT_NEAR(left(), 0.5f + 1 / 6.0f, 1e-6f);
  EXPECT_NEAR(right(), 0, 1e-6f);
}

TEST_F(ListenerTest, TakesWhatIsConnectedToItsParametersFrameByFrame) {
  constant(3, 1);
  panner(4, 2);
  batch.node(6, kConstantSource).start(6, 0).setValue(6, 0, 0, 0);
  ParamEvent ramp{.param = 0, .kind = dsp::EventKind::linearRamp, .time = 128 / 48000.0, .value = -128};
  side.apply(batch.add(6, ramp).connect(3, 4).add(6, ConnectParam{{0, kEars, kListenerX}}));
  const std::vector<float> out = side.quantum();
  for (std::size_t i = 0; i < 128; ++i) ASSERT_NEAR(out[2 * i + 1], 1 / (2 + static_cast<float>(i)), 1e-5f) << i;
}

TEST_F(ListenerTest, ThatAPannerLeadsToMutesThatPannerAndIsHeardByTheOthersAsIfNothingLedToIt) {
  constant(3, 1);
  panner(4, 2);
  panner(5, 4);
  batch.setValue(kEars, kListenerX, 1, 0);
  constant(6, 1);   // of a connection from outside the cycle, the values count
  side.apply(batch.connect(3, 4).connect(3, 5).add(4, ConnectParam{{0, kEars, kListenerX}}).add(6, ConnectParam{{0, kEars, kListenerX}}));
  for (int i = 0; i < 3; ++i) EXPECT_NEAR(right(), 0.5f, 1e-6f) << "the panner at 4, two away";
  side.apply(batch.add(4, DisconnectParam{{0, kEars, kListenerX}}));
  EXPECT_NEAR(right(), std::sqrt(0.5f) + 0.5f, 1e-6f) << "both, one of them where the listener is";
}

TEST_F(ListenerTest, MayBeMovedByWhatItHearsThroughADelay) {
  constant(3, 1);
  panner(4, 2);
  batch.add(7, CreateNode{numberOf(kDelay), kDelay.channelRules, {1}}).setValue(7, 0, 128 / 48000.0f, 0);
  side.apply(batch.connect(3, 4).connect(4, 7).add(7, ConnectParam{{0, kEars, kListenerUpZ}}));
  EXPECT_NEAR(right(), 0.5f, 1e-6f);
  EXPECT_NEAR(right(), 0.5f, 1e-6f);
}

TEST_F(ListenerTest, KeepsNoPannerAliveThatTheProgramLetGoOf) {
  batch.node(3, kConstantSource).start(3, 0, 3 * 128 / 48000.0);
  panner(4, 2);
  side.apply(batch.connect(3, 4));
  left();
  const std::size_t before = side.nodes();
  side.apply(batch.add(4, ReleaseNode{}).add(3, ReleaseNode{}));
  EXPECT_NEAR(right(), 0.5f, 1e-6f);
  EXPECT_EQ(side.nodes(), before) << "something still plays through it";
  for (int i = 0; i < 4; ++i) {
    left();
    side.compiler().lookForTails();
  }
  left();
  EXPECT_EQ(side.nodes(), before - 2);
  constant(3 + 100, 1);
  panner(8, 1);
  side.apply(batch.connect(3 + 100, 8));
  EXPECT_NEAR(right(), 1, 1e-6f) << "the listener is still there";
}

}  // namespace
}  // namespace backline

#include "render/nodes/media_element_source.h"

#include <gtest/gtest.h>

#include <limits>

#include "render/records.h"
#include "tests/render/nodes/media_stream.h"
#include "tests/render/nodes/node_harness.h"

namespace backline::test {
namespace {

using namespace render;
using transport::Overflow;
using transport::WriterState;

constexpr std::uint32_t kQuantum = 128;

struct Rig {
  explicit Rig(std::uint32_t channels = 1) : stream({channels, 48000, 4096, Overflow::refuse}, false, {48000, kQuantum}, kMediaElementAudioSource),
                                             node(kMediaElementAudioSource, 48000, kQuantum) {
    node.field(kElementStream, stream.prepared.get()).field(kElementPlaying, 1.0);
    stream.writer.setState(WriterState::running);
  }
  void write(std::uint32_t frames) {
    stream.writer.write(numbered(written, frames, stream.writer.format().channels).data(), frames);
    written += frames;
  }
  const Block& step() {
    activity = node.step();
    return node.output();
  }
  transport::RingReader& reader() { return stream.reader(); }

  std::uint64_t written = 1;
  StreamIn stream;
  NodeHarness node;
  Activity activity = Activity::idle;
};

TEST(MediaElementSource, PlaysTheFramesAsTheyAreFromTheFirstOn) {
  for (const std::uint32_t channels : {1u, 2u, 6u}) {
    Rig rig(channels);
    rig.write(1024);
    for (std::uint32_t quantum = 0; quantum < 8; ++quantum) {
      const Block& out = rig.step();
      ASSERT_EQ(rig.activity, Activity::active);
      ASSERT_EQ(out.channels, channels);
      for (std::uint32_t c = 0; c < channels; ++c)
        for (std::uint32_t i = 0; i < kQuantum; ++i) ASSERT_EQ(out.channel(c)[i], static_cast<float>(1 + quantum * kQuantum + i) + static_cast<float>(c) / 4);
    }
    EXPECT_EQ(rig.reader().underruns(), 0u);
  }
}

TEST(MediaElementSource, HoldsStillWhileItDoesNotPlay) {
  Rig rig;
  rig.write(1024);
  rig.node.field(kElementPlaying, 0.0);
  rig.step();
  EXPECT_EQ(rig.activity, Activity::idle);
  EXPECT_EQ(rig.reader().consumed(), 0u);
  rig.node.field(kElementPlaying, 1.0);
  EXPECT_EQ(rig.step().channel(0)[0], 1);
}

TEST(MediaElementSource, SkipsWhatIsBeforeItsPlaceEvenIfThatComesLater) {
  Rig rig;
  rig.write(300);
  rig.node.field(kElementPlaying, 0.0).field(kElementFrom, 1000.0);
  rig.step();
  EXPECT_EQ(rig.reader().consumed(), 300u) << "there is room for what is to come";
  rig.node.field(kElementPlaying, 1.0);
  rig.write(500);
  rig.step();
  EXPECT_EQ(rig.activity, Activity::idle) << "not yet there";
  rig.write(500);
  EXPECT_EQ(rig.step().channel(0)[0], 1001);
}

TEST(MediaElementSource, StopsAtTheVeryFrame) {
  Rig rig;
  rig.write(1024);
  rig.node.field(kElementUntil, 200.0);
  rig.step();
  const Block& out = rig.step();
  EXPECT_EQ(out.channel(0)[71], 200);
  EXPECT_EQ(out.channel(0)[72], 0);
  rig.step();
  EXPECT_EQ(rig.activity, Activity::idle);
  EXPECT_EQ(rig.reader().consumed(), 200u);
}

TEST(MediaElementSource, PlaysThePartThatIsThereAndCountsWhatIsMissing) {
  Rig rig;
  rig.write(100);
  const Block& out = rig.step();
  EXPECT_EQ(out.channel(0)[99], 100);
  EXPECT_EQ(out.channel(0)[100], 0);
  EXPECT_EQ(rig.reader().underrunFrames(), 28u);
  rig.write(50);
  rig.stream.writer.setState(WriterState::ended);
  EXPECT_EQ(rig.step().channel(0)[49], 150);
  EXPECT_EQ(rig.reader().underrunFrames(), 28u) << "the end is no underrun";
}

TEST(MediaElementSource, ChangesItsVolumeWithoutAStep) {
  Rig rig;
  rig.stream.writer.write(std::vector<float>(1024, 1.0f).data(), 1024);
  rig.node.field(kElementVolume, 0.5);
  EXPECT_EQ(rig.step().channel(0)[0], 0.5f) << "the first is as loud as it is to be";
  rig.node.field(kElementVolume, 1.0);
  const Block& out = rig.step();
  float before = 0.5f;
  for (std::uint32_t i = 0; i < kQuantum; ++i) {
    EXPECT_NEAR(out.channel(0)[i] - before, 0.5f / kQuantum, 1e-6f);
    before = out.channel(0)[i];
  }
  EXPECT_EQ(rig.step().channel(0)[0], 1.0f);
}

TEST(MediaElementSource, ReplacesWhatIsNoSoundBySilence) {
  Rig rig;
  std::vector<float> samples(kQuantum, 0.25f);
  samples[3] = std::numeric_limits<float>::quiet_NaN();
  samples[4] = std::numeric_limits<float>::infinity();
  rig.stream.writer.write(samples.data(), kQuantum);
  const Block& out = rig.step();
  EXPECT_EQ(out.channel(0)[2], 0.25f);
  EXPECT_EQ(out.channel(0)[3], 0);
  EXPECT_EQ(out.channel(0)[4], 0);
}

TEST(MediaElementSource, RefusesAStreamOfAnotherRate) {
  EXPECT_THROW(StreamIn({1, 44100, 4096, Overflow::refuse}, false, {48000, kQuantum}, kMediaElementAudioSource), RecordError);
}

}  // namespace
}  // namespace backline::test

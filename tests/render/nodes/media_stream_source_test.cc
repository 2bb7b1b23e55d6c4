#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <optional>
#include <random>

#include "render/records.h"
#include "tests/render/nodes/media_stream.h"
#include "tests/render/nodes/node_harness.h"
#include "tests/support/seed.h"
#include "transport/ring_layout.h"

namespace backline::test {
namespace {

using render::Activity;
using transport::Overflow;
using transport::WriterState;

constexpr std::uint32_t kQuantum = 128;

// A writer in step with the node: `burst` frames whenever the quanta have made so many due, from frame 0 of the session on.
struct Rig {
  explicit Rig(std::uint32_t burst_, std::uint32_t channels_ = 1, std::uint32_t quantum_ = kQuantum, std::uint32_t capacity = 1 << 14)
      : burst(burst_), channels(channels_), quantum(quantum_), stream({channels_, 48000, capacity, Overflow::dropOldest}, false, {48000, quantum_}),
        node(render::kMediaStreamAudioSource, 48000, quantum_) {
    node.field(0, stream.prepared.get()).field(1, 1.0);
  }
  void write(std::uint32_t frames) {
    stream.writer.write(numbered(written, frames, channels).data(), frames);
    written += frames;
  }
  // One quantum; gives the number of its first frame, or nothing for silence.
  std::optional<std::uint64_t> step() {
    due += quantum;
    while (writing && due >= burst) {
      due -= burst;
      write(burst);
    }
    activity = node.step();
    const render::Block& out = node.output();
    if (out.silent) return {};
    for (std::uint32_t c = 0; c < channels; ++c) {
      for (std::uint32_t i = 0; i < quantum; ++i) {
        const float expected = out.channel(0)[0] + static_cast<float>(i) + static_cast<float>(c) / 4;
        EXPECT_EQ(out.channel(c)[i], expected) << "channel " << c << ", frame " << i;
      }
    }
    return static_cast<std::uint64_t>(out.channel(0)[0]);
  }
  // Steps until it plays.
  std::uint64_t begin() {
    for (int i = 0; i < 1000; ++i)
      if (const auto first = step()) return *first;
    ADD_FAILURE() << "it never began";
    return 0;
  }

  std::uint32_t burst, channels, quantum;
  std::uint64_t written = 1, due = 0;
  bool writing = true;
  StreamIn stream;
  NodeHarness node;
  Activity activity = Activity::idle;
};

TEST(MediaStreamSource, PlaysEveryFrameOnceAndExactlyWhereTheClocksAreOne) {
  for (const auto& [burst, quantum, channels] : {std::tuple(480u, 128u, 2u), std::tuple(128u, 128u, 1u), std::tuple(100u, 128u, 3u), std::tuple(200u, 128u, 1u),
                                                 std::tuple(1024u, 64u, 2u), std::tuple(128u, 1000u, 1u)}) {
    Rig rig(burst, channels, quantum);
    std::uint64_t expected = rig.begin();
    for (std::uint32_t i = 0; i < 2'000'000 / quantum; ++i) {
      const auto first = rig.step();
      ASSERT_TRUE(first.has_value()) << "silence in quantum " << i << ", bursts of " << burst << " against " << quantum;
      ASSERT_EQ(*first, expected += quantum) << "frames, bursts of " << burst << " against " << quantum;
    }
    EXPECT_EQ(rig.node.output().channels, channels);
    EXPECT_EQ(rig.stream.reader().underruns(), 0u);
    EXPECT_LE(rig.stream.writer.fill(), burst + quantum) << "frames of latency";
  }
}

TEST(MediaStreamSource, HoldsNoMoreThanWhatTheWriterDeliversAtOnceAndAQuantum) {
  Rig rig(480);
  rig.begin();
  std::uint32_t most = 0;
  for (int i = 0; i < 4000; ++i) {
    rig.step();
    most = std::max(most, rig.stream.writer.fill());
  }
  EXPECT_LE(most, 480u + kQuantum) << "frames left after a quantum";
}

TEST(MediaStreamSource, AWriterThatFallsSilentIsCountedOnceAndWaitedFor) {
  Rig rig(480);
  rig.begin();
  for (int i = 0; i < 100; ++i) rig.step();
  rig.writing = false;
  for (int i = 0; i < 50; ++i) rig.step();
  EXPECT_FALSE(rig.step().has_value());
  EXPECT_EQ(rig.node.output().channels, 1u);
  EXPECT_EQ(rig.activity, Activity::active);
  EXPECT_EQ(rig.stream.reader().underruns(), 1u);
  rig.writing = true;
  rig.due = 0;
  std::uint64_t expected = rig.begin();
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(rig.step().value_or(0), expected += kQuantum);
  EXPECT_EQ(rig.stream.reader().underruns(), 1u);
}

TEST(MediaStreamSource, AWriterThatPausesIsNoUnderrun) {
  Rig rig(128);
  rig.begin();
  rig.writing = false;
  rig.stream.writer.setState(WriterState::paused);
  for (int i = 0; i < 50; ++i) rig.step();
  EXPECT_EQ(rig.stream.reader().underruns(), 0u);
}

TEST(MediaStreamSource, GoesOnWithTheNewestAfterItsSessionSlept) {
  Rig rig(480);
  rig.begin();
  for (int i = 0; i < 100; ++i) rig.step();
  rig.node.pause();
  rig.write(30000);
  std::uint64_t expected = rig.begin();
  EXPECT_GE(expected + 480 + kQuantum + 480, rig.written) << "frames of latency remained";
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(rig.step().value_or(0), expected += kQuantum) << "a second discontinuity";
}

TEST(MediaStreamSource, SkipsOnceWhatGatheredWhileItsSessionStalled) {
  for (const std::uint32_t gathered : {4800u, 40000u}) {
    Rig rig(480);
    rig.begin();
    for (int i = 0; i < 100; ++i) rig.step();
    rig.write(gathered);
    int discontinuities = 0;
    std::uint64_t before = *rig.step();
    for (int i = 0; i < 4000; ++i) {
      const auto first = rig.step();
      ASSERT_TRUE(first.has_value());
      discontinuities += *first != before + kQuantum;
      before = *first;
    }
    EXPECT_LE(discontinuities, 1);
    EXPECT_LE(rig.stream.writer.fill(), 480u + kQuantum) << "frames of latency";
    EXPECT_EQ(rig.stream.reader().underruns(), 0u);
  }
}

TEST(MediaStreamSource, LosesLatencyThatIsNeverNeeded) {
  Rig rig(480);
  rig.begin();
  rig.write(700);   // less than a standstill would bring
  std::uint64_t before = *rig.step();
  int discontinuities = 0;
  for (int i = 0; i < 48000 * 12 / 128; ++i) {
    const auto first = rig.step();
    ASSERT_TRUE(first.has_value());
    discontinuities += *first != before + kQuantum;
    before = *first;
  }
  EXPECT_EQ(discontinuities, 1);
  EXPECT_LE(rig.stream.writer.fill(), 480u + kQuantum) << "frames of latency";
}

TEST(MediaStreamSource, PlaysAnEndedStreamToItsLastFrameAndIsIdleThen) {
  Rig rig(128);
  std::uint64_t first = rig.begin();
  rig.writing = false;
  rig.write(50);
  rig.stream.writer.setState(WriterState::ended);
  std::uint64_t last = 0;
  while (rig.node.step() == Activity::active) {
    for (std::uint32_t i = 0; i < kQuantum; ++i)
      if (const float sample = rig.node.output().data[i]) last = static_cast<std::uint64_t>(sample);
  }
  EXPECT_GT(last, first);
  EXPECT_EQ(last, rig.written - 1);
  EXPECT_EQ(rig.node.output().channels, 1u);
  EXPECT_FALSE(rig.node.output().active);
}

TEST(MediaStreamSource, ADisabledTrackIsSilentAndKeepsItsPlace) {
  Rig rig(128, 2);
  const std::uint64_t first = rig.begin();
  rig.node.field(1, 0.0);
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(rig.step().has_value());
  EXPECT_EQ(rig.node.output().channels, 2u);
  rig.node.field(1, 1.0);
  EXPECT_EQ(rig.step().value_or(0), first + 11 * kQuantum);
}

TEST(MediaStreamSource, WithoutAStreamItIsIdle) {
  NodeHarness node(render::kMediaStreamTrackAudioSource, 48000);
  EXPECT_EQ(node.field(1, 1.0).step(), Activity::idle);
}

TEST(MediaStreamSource, NumbersThatAreNoSoundBecomeSilence) {
  for (const bool ownClock : {false, true}) {
    StreamIn stream({1, 48000, 1 << 14, Overflow::dropOldest}, ownClock, {48000, kQuantum});
    NodeHarness node(render::kMediaStreamAudioSource, 48000);
    node.field(0, stream.prepared.get()).field(1, 1.0);
    const float nonsense[] = {NAN, INFINITY, -INFINITY, std::numeric_limits<float>::max(), 0.25f};
    std::vector<float> burst(kQuantum);
    for (std::uint32_t i = 0; i < kQuantum; ++i) burst[i] = nonsense[i % std::size(nonsense)];
    bool heard = false;
    for (int i = 0; i < 200; ++i) {
      stream.writer.write(burst.data(), kQuantum);
      node.step();
      for (std::uint32_t f = 0; f < kQuantum; ++f) {
        ASSERT_LE(std::abs(node.output().data[f]), 1.0f) << "frame " << f;
        heard |= node.output().data[f] != 0;
      }
    }
    EXPECT_TRUE(heard);
  }
}

TEST(MediaStreamSource, SurvivesAnyCountersAndStatesOfItsWriter) {
  std::mt19937_64 random(seed());
  for (const Overflow overflow : {Overflow::refuse, Overflow::dropOldest}) {
    for (const bool ownClock : {false, true}) {
      StreamIn stream({2, 44100, 1 << 12, overflow}, ownClock, {48000, kQuantum});
      NodeHarness node(render::kMediaStreamAudioSource, 48000);
      node.field(0, stream.prepared.get()).field(1, 1.0);
      auto& line = transport::ringHeader(stream.writer.memory()).writer;
      for (int i = 0; i < 3000; ++i) {
        const std::uint64_t wild = random() % 3 == 0 ? random() : line.written.load() + random() % 2000;
        line.written.store(wild);
        line.claimed.store(random() % 4 == 0 ? random() : wild);
        line.state.store(static_cast<std::uint32_t>(random() % 5));
        node.step();
        ASSERT_LE(node.output().channels, 2);
      }
    }
  }
}

TEST(MediaStreamSource, RefusesRatesTooFarApart) {
  EXPECT_THROW(StreamIn({1, 100, 1024}, true, {48000, kQuantum}), render::RecordError);
  EXPECT_THROW(StreamIn({32, 1e6, 1024}, true, {3000, 18000}), render::RecordError);
}

}  // namespace
}  // namespace backline::test

// A captured device in a graph: the audio server of one program writes the ring, the render host of another reads it. Either of them is
// slow, stopped, gone; the other goes on, and of what was captured nothing is heard twice, and what is missing has been counted.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/session/rig.h"
#include "transport/ring_layout.h"

namespace backline {
namespace {

using namespace render;
using namespace test;
using session::Engine;
using transport::Overflow;

constexpr std::size_t kRampFrames = 60 * 48000;
constexpr float kFirstFrames = -1;   // what the sink plays in its first quantum

/// A program that plays a ramp on a stepped device, and captures what that plays.
struct Source {
  Source() : engine(options("stepped")), session(engine.open({.sampleRate = kRate, .channels = 1})), notices(*session) {
    shareRamp(*session, 9, kRampFrames);
    Batch batch;
    batch.node(1, kDestination).node(2, kAudioBufferSource).connect(2, 1).add(2, SetField{0, 9}).start(2, 0);
    capture = engine.openCapture({.device = "stepped", .channels = 1, .capacityFrames = 4096, .overflow = Overflow::dropOldest});
    session->commit(batch.run().takeBytes());
    EXPECT_TRUE(goesOn());
  }
  bool goesOn() {
    const std::uint64_t from = session->timing().playedFrame;
    return comesTrue([&] { return session->timing().playedFrame > from + 4800; });
  }

  Engine engine;
  std::unique_ptr<session::Session> session;
  Notices notices;
  std::unique_ptr<session::Capture> capture;
};

/// Another program, which plays the capture on a stepped device of its own. That waits for whoever captures it in turn: the test, which
/// thereby sees every frame and sets the pace.
class Sink {
 public:
  explicit Sink(const session::Capture& capture)
      : counters_(transport::SharedMemory::map(capture.ring().duplicate())), engine(options("stepped")),
        session(engine.open({.sampleRate = kRate, .channels = 1})), notices(*session),
        probe_(engine.openCapture({.device = "stepped", .channels = 1, .capacityFrames = 1024, .overflow = Overflow::refuse})),
        reader_(transport::SharedMemory::map(probe_->ring().duplicate())) {
    session->bindStream(10, ResourceKind::inputStream, {.memory = capture.ring().duplicate()});
    batch.node(1, kDestination).node(2, kMediaStreamAudioSource).connect(2, 1).add(2, SetField{0, 10});
    batch.node(3, kConstantSource).connect(3, 1).setValue(3, 0, kFirstFrames, 0).start(3, 0, session->info().quantum / kRate);
    session->commit(batch.run().takeBytes());
  }

  /// Takes what the device has played, up to so many frames.
  std::size_t take(std::uint32_t most = 1024) {
    std::vector<float> frames(most);
    const std::uint32_t got = reader_.read(frames.data(), most);
    for (std::uint32_t i = 0; i < got; ++i)
      if (!played_.empty() || frames[i] == kFirstFrames) played_.push_back(frames[i]);
    return got;
  }
  /// Plays until the capture is heard for as long as this.
  [[nodiscard]] bool hears(std::size_t frames) {
    const std::size_t from = played_.size();
    return comesTrue([&] {
      while (take() > 0) {
      }
      return played_.size() > from + frames && sounds(played_.size() - frames, played_.size());
    });
  }
  /// Plays until nothing has been heard for as long as this.
  [[nodiscard]] bool hearsNothing(std::size_t frames) {
    return comesTrue([&] {
      while (take() > 0) {
      }
      return played_.size() > frames && std::all_of(played_.end() - static_cast<std::ptrdiff_t>(frames), played_.end(), [](float sample) { return sample == 0; });
    });
  }

  struct Place {
    std::uint64_t frame = 0;      // of the capture's ring, consumed so far
    std::uint64_t value = 0;      // of the ramp, heard last
  };
  /// Where it stands with its device waiting, so that nobody reads.
  Place stand() {
    std::uint64_t frame = ~0ull, consumed = ~0ull;
    EXPECT_TRUE(comesTrue([&] {
      const std::uint64_t now = session->timing().frame, read = this->consumed();
      return std::exchange(frame, now) == now && std::exchange(consumed, read) == read && std::exchange(still_, still_ + 1) > 10;
    }));
    still_ = 0;
    EXPECT_TRUE(comesTrue([&] {
      take();
      return played_.size() >= frame;
    }));
    return {consumed, static_cast<std::uint64_t>(played_.at(frame - 1))};
  }

  struct Hearing {
    std::uint64_t frames = 0, missing = 0, again = 0, silent = 0;
  };
  /// Of all that was played: frames of the ramp, those missing between them, those heard again, and those without sound between them.
  Hearing hearing() const {
    Hearing hearing;
    float last = 0;
    std::uint64_t silence = 0;
    for (const float sample : played_) {
      if (sample == kFirstFrames) continue;
      if (sample == 0) {
        ++silence;
        continue;
      }
      EXPECT_EQ(sample, std::floor(sample)) << "after " << last;
      if (last != 0) {
        hearing.silent += silence;
        (sample > last ? hearing.missing : hearing.again) += sample > last ? static_cast<std::uint64_t>(sample - last) - 1 : 1;
      }
      silence = 0;
      last = sample;
      ++hearing.frames;
    }
    return hearing;
  }
  float last() const {
    const auto heard = std::find_if(played_.rbegin(), played_.rend(), [](float sample) { return sample > 0; });
    return heard == played_.rend() ? 0 : *heard;
  }
  float first() const {
    const auto heard = std::find_if(played_.begin(), played_.end(), [](float sample) { return sample > 0; });
    return heard == played_.end() ? 0 : *heard;
  }
  std::uint64_t consumed() const { return transport::ringHeader(counters_).reader.consumed; }

 private:
  bool sounds(std::size_t begin, std::size_t end) const {
    return std::all_of(played_.begin() + static_cast<std::ptrdiff_t>(begin), played_.begin() + static_cast<std::ptrdiff_t>(end), [](float sample) { return sample > 0; });
  }
  const transport::SharedMemory counters_;
  int still_ = 0;

 public:
  Engine engine;
  std::unique_ptr<session::Session> session;
  Notices notices;
  Batch batch;

 private:
  std::unique_ptr<session::Capture> probe_;
  transport::RingReader reader_;
  std::vector<float> played_;   // from the session's first frame on
};

constexpr std::size_t kAWhile = 2400;   // frames

/// What was heard from one place to another is what was read, but for what was skipped: to the frame.
void expectCounted(const Sink::Place& from, const Sink::Place& to) {
  ASSERT_GT(from.value, 0u) << "it was silent where it stood";
  ASSERT_GT(to.value, from.value);
  EXPECT_EQ(to.value - from.value, to.frame - from.frame) << "frames by the ramp, and by the ring's counter";
}

TEST(CaptureNodePeers, ARenderHostInStepHearsEveryFrameOnce) {
  Source source;
  Sink sink(*source.capture);
  ASSERT_TRUE(sink.hears(kAWhile));
  const Sink::Place from = sink.stand();
  ASSERT_TRUE(sink.hears(kAWhile));
  expectCounted(from, sink.stand());
  EXPECT_EQ(sink.hearing().again, 0u);
}

TEST(CaptureNodePeers, ASlowRenderHostSkipsCountedFramesAndTheDevicePlaysOn) {
  Source source;
  Sink sink(*source.capture);
  ASSERT_TRUE(sink.hears(kAWhile));
  const Sink::Place from = sink.stand();
  // A callback of the sink's for every twenty of the source's.
  for (int i = 0; i < 60; ++i) {
    const std::uint64_t played = source.session->timing().playedFrame;
    ASSERT_TRUE(comesTrue([&] { return source.session->timing().playedFrame >= played + 20 * 128; }));
    sink.take(128);
  }
  ASSERT_TRUE(sink.hears(kAWhile));
  expectCounted(from, sink.stand());
  const Sink::Hearing heard = sink.hearing();
  EXPECT_EQ(heard.again, 0u);
  EXPECT_GT(heard.missing, 60u * 128) << "it was not slow";
  EXPECT_GT(source.capture->lostFrames(), 0u);
  EXPECT_EQ(source.session->timing().underruns, 0u);
}

TEST(CaptureNodePeers, AStoppedRenderHostGoesOnWithTheNewestAndTheDevicePlaysOn) {
  Source source;
  Sink sink(*source.capture);
  ASSERT_TRUE(sink.hears(kAWhile));
  const Sink::Place from = sink.stand();
  {
    const Stopped host(sink.engine.helpers().renderPid);
    const std::uint64_t lost = source.capture->lostFrames();
    ASSERT_TRUE(comesTrue([&] { return source.capture->lostFrames() > lost + 10'000; })) << "what the stopped one does not read is not counted";
  }
  ASSERT_TRUE(sink.hears(kAWhile));
  expectCounted(from, sink.stand());
  const Sink::Hearing heard = sink.hearing();
  EXPECT_EQ(heard.again, 0u);
  EXPECT_GT(heard.missing, 10'000u);
  EXPECT_TRUE(source.goesOn());
  EXPECT_EQ(source.session->timing().underruns, 0u);
}

TEST(CaptureNodePeers, WhereARenderHostWasKilledTheNextOneGoesOn) {
  Source source;
  float last = 0;
  std::uint64_t consumed = 0;
  for (int round = 0; round < 3; ++round) {
    Sink sink(*source.capture);
    ASSERT_TRUE(sink.hears(kAWhile));
    EXPECT_GT(sink.first(), last) << "heard again in round " << round;
    EXPECT_EQ(sink.hearing().again, 0u);
    EXPECT_GT(sink.consumed(), consumed);
    last = sink.last();
    consumed = sink.consumed();
    kill(sink.engine.helpers().renderPid, SIGKILL);
    EXPECT_TRUE(source.goesOn()) << "the device stands still after round " << round;
    EXPECT_EQ(source.session->timing().underruns, 0u);
  }
}

TEST(CaptureNodePeers, ASlowAudioServerIsSilenceBetweenAndNoFrameIsLost) {
  Source source;
  const auto brake = source.engine.openCapture({.device = "stepped", .channels = 1, .capacityFrames = 128, .overflow = Overflow::refuse});
  transport::RingReader braked(transport::SharedMemory::map(brake->ring().duplicate()));
  Sink sink(*source.capture);
  std::vector<float> frames(128);
  const auto sourceSteps = [&](int steps) {
    for (int i = 0; i < steps; ++i)
      if (!comesTrue([&] { return braked.read(frames.data(), 128) > 0; })) return false;
    return true;
  };
  // In step until it is heard, then a callback of the source's for every ten of the sink's.
  ASSERT_TRUE(comesTrue([&] { return sourceSteps(1) && sink.take() > 0 && sink.last() > 0; }));
  const std::uint64_t lost = source.capture->lostFrames();
  for (int i = 0; i < 40; ++i) {
    ASSERT_TRUE(sourceSteps(1));
    for (int taken = 0; taken < 10 * 128;) {
      const auto got = static_cast<int>(sink.take(128));
      taken += got;
      if (got == 0) std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
  }
  const Sink::Hearing heard = sink.hearing();
  EXPECT_EQ(heard.again, 0u);
  EXPECT_GT(heard.silent, 0u) << "it was not slow";
  EXPECT_EQ(source.capture->lostFrames(), lost);
  EXPECT_EQ(sink.session->timing().underruns, 0u) << "a slow stream is no reason to be late";
}

TEST(CaptureNodePeers, AStoppedAudioServerIsSilenceAndItsStreamGoesOnWhereItStood) {
  Source source;
  Sink sink(*source.capture);
  ASSERT_TRUE(sink.hears(kAWhile));
  const Sink::Place from = sink.stand();
  {
    const Stopped server(source.engine.helpers().audioPid);
    ASSERT_TRUE(sink.hearsNothing(kAWhile)) << "a stopped device is heard";
  }
  ASSERT_TRUE(sink.hears(kAWhile));
  expectCounted(from, sink.stand());
  const Sink::Hearing heard = sink.hearing();
  EXPECT_EQ(heard.again, 0u);
  EXPECT_GE(heard.silent, kAWhile);
  EXPECT_EQ(sink.session->timing().underruns, 0u);
}

TEST(CaptureNodePeers, AfterTheDeathOfTheAudioServerTheGraphHearsWhatTheNextOneCaptures) {
  Source source;
  Sink sink(*source.capture);
  ASSERT_TRUE(sink.hears(kAWhile));
  const std::uint64_t lost = source.capture->lostFrames();
  kill(source.engine.helpers().audioPid, SIGKILL);
  ASSERT_TRUE(comesTrue([&] {
    sink.take();
    return source.capture->lostFrames() > lost;
  })) << "no other server went on";
  ASSERT_TRUE(sink.hears(kAWhile));
  EXPECT_EQ(sink.session->timing().underruns, 0u);
  sink.batch.node(5, kConstantSource).connect(5, 1).setValue(5, 0, 0.5f, 0).start(5, 0);
  sink.session->commit(sink.batch.takeBytes());
  EXPECT_TRUE(sink.hears(kAWhile)) << "the graph went with the stream";
}

}  // namespace
}  // namespace backline

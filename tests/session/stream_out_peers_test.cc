// What a MediaStreamAudioDestinationNode gives to the program: the render host writes the ring, the program reads it. Either of them is slow,
// stopped, gone; the other goes on, and every frame that was not read has been counted.

#include <gtest/gtest.h>

#include <map>

#include "render/nodes/media_stream_destination.h"
#include "tests/session/rig.h"
#include "tests/support/child_process.h"
#include "transport/ring_layout.h"

namespace backline {
namespace {

using namespace render;
using namespace test;
using session::Engine;
using transport::Overflow;
using transport::TimelineMark;

constexpr std::size_t kRampFrames = 60 * 48000;
constexpr std::uint32_t kCapacity = 2048;

transport::SharedMemory again(const transport::SharedMemory& memory) { return transport::SharedMemory::map(memory.fd().duplicate()); }

/// Reads a stream whose frames tell their context frame, and believes nothing.
class Listener {
 public:
  explicit Listener(const transport::SharedMemory& ring) : reader_(again(ring)) {}

  std::uint32_t take(std::uint32_t most = kCapacity) {
    TimelineMark mark;
    if (reader_.mark(mark)) marks_[mark.frame] = mark;
    std::vector<float> frames(most);
    const std::uint32_t got = reader_.read(frames.data(), most);
    std::uint64_t place = reader_.consumed() - got;
    for (std::uint32_t i = 0; i < got; ++i, ++place) {
      const auto frame = static_cast<std::uint64_t>(frames[i]);
      again_ += frame <= last_;
      missing_ += frame > last_ ? frame - last_ - 1 : 0;
      last_ = frame;
      // The ramp's first frame, 1, is the context's frame 0.
      if (const auto told = marks_.find(place); told != marks_.end()) {
        ++compared_;
        wrong_ += told->second.sourceFrame + 1 != frame;
      }
    }
    marks_.erase(marks_.begin(), marks_.lower_bound(place));
    heard_ += got;
    return got;
  }
  bool hears(std::uint64_t frames) {
    const std::uint64_t from = heard_;
    return comesTrue([&] {
      while (take() > 0) {
      }
      return heard_ >= from + frames;
    });
  }
  std::uint64_t heard() const { return heard_; }
  std::uint64_t repeated() const { return again_; }        ///< frames that were not later than the one before
  std::uint64_t missing() const { return missing_; }       ///< between those heard, and before the first
  std::uint64_t last() const { return last_; }
  std::uint64_t marksCompared() const { return compared_; }
  std::uint64_t marksWrong() const { return wrong_; }
  const transport::RingReader& reader() const { return reader_; }

 private:
  transport::RingReader reader_;
  std::map<std::uint64_t, TimelineMark> marks_;   // by their place in the stream
  std::uint64_t heard_ = 0, again_ = 0, missing_ = 0, last_ = 0, compared_ = 0, wrong_ = 0;
};

transport::SharedMemory ringOf(Overflow overflow) { return transport::createRingStream("test", {1, kRate, kCapacity, overflow}); }

/// A session that plays a ramp into a stream for the program.
struct Streaming {
  explicit Streaming(const transport::SharedMemory& stream) : engine(options("stepped")), session(engine.open({.sampleRate = kRate, .channels = 1})), notices(*session) {
    shareRamp(*session, 9, kRampFrames);
    session->bindStream(10, ResourceKind::outputStream, {.memory = stream.fd().duplicate()});
    batch.node(1, kDestination).node(2, kAudioBufferSource).add(2, SetField{0, 9}).start(2, 0);
    batch.node(3, kMediaStreamAudioDestination).connect(2, 3).add(3, SetField{0, 10});
    session->commit(batch.run().takeBytes());
  }
  bool goesOn() {
    const std::uint64_t from = session->timing().playedFrame;
    return comesTrue([&] { return session->timing().playedFrame > from + 4800; });
  }
  /// How many frames it has rendered, none after.
  std::uint64_t suspend() {
    session->commit(batch.add(0, SetRunning{0, 2}).takeBytes());
    EXPECT_TRUE(notices.awaitState(2));
    return session->timing().frame;
  }

  Engine engine;
  std::unique_ptr<session::Session> session;
  Notices notices;
  Batch batch;
};

/// Takes a quarter of what is rendered, thirty times.
void listenSlowly(Listener& listener, const Streaming& playing) {
  for (int i = 0; i < 30; ++i) {
    const std::uint64_t frame = playing.session->timing().frame;
    ASSERT_TRUE(comesTrue([&] { return playing.session->timing().frame > frame + 1024; })) << "the host waits for a slow reader";
    listener.take(256);
  }
}

TEST(StreamOutPeers, AProgramInStepHearsEveryFrameAndItsMarkIsTheContextsFrame) {
  const auto ring = ringOf(Overflow::refuse);
  Listener listener(ring);
  Streaming playing(ring);
  // A reader of 5 ms looks far more often than the ring fills; what it misses all the same is counted below.
  ASSERT_TRUE(listener.hears(24000));
  const std::uint64_t rendered = playing.suspend();
  while (listener.take() > 0) {
  }
  EXPECT_EQ(listener.repeated(), 0u);
  EXPECT_EQ(listener.heard() + transport::ringHeader(ring).writer.refused, rendered);
  EXPECT_GT(listener.marksCompared(), 0u);
  EXPECT_EQ(listener.marksWrong(), 0u);
  EXPECT_EQ(listener.reader().writerState(), transport::WriterState::paused);
}

TEST(StreamOutPeers, ASlowProgramMissesTheNewestIfTheRingRefusesAndTheMarksTellHowMany) {
  const auto ring = ringOf(Overflow::refuse);
  Listener listener(ring);
  Streaming playing(ring);
  ASSERT_NO_FATAL_FAILURE(listenSlowly(listener, playing));
  const std::uint64_t rendered = playing.suspend();
  while (listener.take() > 0) {
  }
  const std::uint64_t refused = transport::ringHeader(ring).writer.refused;
  EXPECT_EQ(listener.repeated(), 0u);
  EXPECT_EQ(listener.heard() + refused, rendered);
  EXPECT_GT(refused, 30u * 512);
  EXPECT_EQ(listener.missing() + (rendered - listener.last()), refused) << "what is missing in the ramp is what was refused";
  EXPECT_GT(listener.marksCompared(), 0u);
  EXPECT_EQ(listener.marksWrong(), 0u);
  EXPECT_EQ(playing.session->timing().underruns, 0u);
}

TEST(StreamOutPeers, ASlowProgramFindsTheNewestIfTheRingDropsTheOldest) {
  const auto ring = ringOf(Overflow::dropOldest);
  Listener listener(ring);
  Streaming playing(ring);
  ASSERT_NO_FATAL_FAILURE(listenSlowly(listener, playing));
  const std::uint64_t rendered = playing.suspend();
  while (listener.take() > 0) {
  }
  EXPECT_EQ(listener.repeated(), 0u);
  EXPECT_EQ(listener.last(), rendered) << "the newest frame is not there";
  EXPECT_EQ(listener.missing(), listener.reader().dropped());
  EXPECT_EQ(listener.heard() + listener.missing(), rendered);
  EXPECT_GT(listener.missing(), 0u);
  EXPECT_EQ(listener.marksWrong(), 0u);
}

/// What a program in another process tells of what it hears.
struct Report {
  std::atomic<std::uint64_t> heard, again, missing, wrong;
};

int listenOn(const transport::SharedMemory& ring, const transport::SharedMemory& report) {
  Listener listener(ring);
  auto& told = *reinterpret_cast<Report*>(report.bytes().data());
  for (;;) {
    if (listener.take(300) == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    told.again = listener.repeated();
    told.missing = listener.missing();
    told.wrong = listener.marksWrong();
    told.heard = listener.heard();
  }
}

class StreamOutOtherProgram : public ::testing::TestWithParam<Overflow> {};
INSTANTIATE_TEST_SUITE_P(StreamOut, StreamOutOtherProgram, ::testing::Values(Overflow::refuse, Overflow::dropOldest),
                         [](const auto& info) { return info.param == Overflow::refuse ? "Refuse" : "DropOldest"; });

TEST_P(StreamOutOtherProgram, ThatIsStoppedHoldsNobodyUpAndGoesOn) {
  const auto ring = ringOf(GetParam());
  const auto memory = transport::SharedMemory::create("test", sizeof(Report));
  const auto& report = *reinterpret_cast<const Report*>(memory.bytes().data());
  const ChildProcess program([&] { return listenOn(ring, memory); });   // before there are threads
  Streaming playing(ring);
  ASSERT_TRUE(comesTrue([&] { return report.heard > 4800; }));
  {
    const Stopped stopped(program.pid());
    EXPECT_TRUE(playing.goesOn());
    EXPECT_TRUE(playing.goesOn());
  }
  const std::uint64_t heard = report.heard;
  ASSERT_TRUE(comesTrue([&] { return report.heard > heard + 4800; }));
  const std::uint64_t rendered = playing.suspend();
  auto& header = transport::ringHeader(ring);
  ASSERT_TRUE(comesTrue([&] { return header.reader.consumed == header.writer.written && report.heard + header.reader.overtaken == header.reader.consumed; }));
  EXPECT_EQ(report.again, 0u);
  EXPECT_EQ(report.wrong, 0u);
  EXPECT_GT(report.missing, 9600u - kCapacity - 2 * 128) << "it was not stopped";
  EXPECT_EQ(report.heard + header.reader.overtaken + header.writer.refused, rendered);
  EXPECT_EQ(playing.session->timing().underruns, 0u);
}

TEST_P(StreamOutOtherProgram, ThatIsKilledHoldsNobodyUpAndTheNextOneFindsWholeFrames) {
  const auto ring = ringOf(GetParam());
  const auto memory = transport::SharedMemory::create("test", sizeof(Report));
  const auto& report = *reinterpret_cast<const Report*>(memory.bytes().data());
  Streaming playing(ring);
  std::uint64_t heard = 0;
  for (int round = 0; round < 10; ++round) {
    ChildProcess program([&] { return listenOn(ring, memory); });
    ASSERT_TRUE(comesTrue([&] { return report.heard > 1200; })) << "round " << round;
    program.kill();
    ASSERT_EQ(program.wait(), -SIGKILL);
    EXPECT_EQ(report.again, 0u);
    EXPECT_EQ(report.wrong, 0u);
    heard += report.heard;
    new (memory.bytes().data()) Report{};
  }
  EXPECT_GT(heard, 12000u);
  EXPECT_TRUE(playing.goesOn());
  EXPECT_EQ(playing.session->timing().underruns, 0u);
}

TEST(StreamOutPeers, AStoppedRenderHostWritesNothingAndGoesOnWhereItStood) {
  const auto ring = ringOf(Overflow::dropOldest);
  Listener listener(ring);
  Streaming playing(ring);
  ASSERT_TRUE(listener.hears(4800));
  {
    const Stopped host(playing.engine.helpers().renderPid);
    while (listener.take() > 0) {
    }
    const std::uint64_t frame = playing.session->timing().frame;
    ASSERT_TRUE(comesTrue([&] { return playing.session->timing().playedFrame == frame; })) << "the device does not play what was ready";
    EXPECT_EQ(listener.take(), 0u);
  }
  ASSERT_TRUE(listener.hears(4800));
  const std::uint64_t rendered = playing.suspend();
  while (listener.take() > 0) {
  }
  EXPECT_EQ(listener.repeated(), 0u);
  EXPECT_EQ(listener.last(), rendered);
  EXPECT_EQ(listener.missing(), listener.reader().dropped());
}

TEST(StreamOutPeers, ARenderHostThatIsKilledLeavesWholeFramesAndTheNextOneWritesOn) {
  for (int round = 0; round < 3; ++round) {
    const auto ring = ringOf(Overflow::dropOldest);
    Listener listener(ring);
    Streaming playing(ring);
    ASSERT_TRUE(listener.hears(1200 + 111 * round));
    // What the host says comes in order: that the source has started has been heard when this is.
    playing.session->commit(playing.batch.add(0, SetRunning{1, 2}).takeBytes());
    ASSERT_TRUE(playing.notices.awaitState(2));
    kill(playing.engine.helpers().renderPid, SIGKILL);
    ASSERT_NE(playing.notices.await<SessionInterrupted>(), nullptr);
    const auto heard = listener.heard();
    ASSERT_TRUE(listener.hears(4800)) << "nothing came after " << heard << " frames";
    EXPECT_EQ(listener.repeated(), 0u);
  }
}

}  // namespace
}  // namespace backline

#include <gtest/gtest.h>

#include "render/nodes/media_stream_destination.h"
#include "tests/render/nodes/media_stream.h"
#include "tests/render/nodes/node_harness.h"

namespace backline::test {
namespace {

using transport::Overflow;
using transport::RingReader;
using transport::TimelineMark;
using transport::WriterState;

constexpr std::uint32_t kQuantum = 128;

struct StreamOut {
  explicit StreamOut(std::uint32_t channels, std::uint32_t capacity = 1024, Overflow overflow = Overflow::dropOldest)
      : written(transport::NotifyFd::create()), reader(transport::createRingStream("out", {channels, 48000, capacity, overflow})),
        output(std::make_unique<render::OutputStream>(mapAgain(reader.memory()), transport::NotifyFd::adopt(written.fd().duplicate()))) {}
  std::vector<float> read(std::uint32_t frames) {
    std::vector<float> samples(std::size_t{frames} * reader.format().channels);
    samples.resize(std::size_t{reader.read(samples.data(), frames)} * reader.format().channels);
    return samples;
  }
  transport::NotifyFd written;
  RingReader reader;
  std::unique_ptr<render::OutputStream> output;
};

float saw(std::uint32_t channel, double frame) { return static_cast<float>(frame / 100 + channel); }

TEST(MediaStreamDestination, WritesWhatItHearsToEveryReader) {
  NodeHarness node(render::kMediaStreamAudioDestination, 48000);
  StreamOut first(2), last(2);
  node.field(0, first.output.get()).field(render::kMostStreamReaders - 1, last.output.get()).input(2, saw);
  node.step();
  node.step();
  for (StreamOut* stream : {&first, &last}) {
    EXPECT_TRUE(stream->written.drain());
    const auto samples = stream->read(256);
    ASSERT_EQ(samples.size(), 512u);
    for (std::uint32_t i = 0; i < 256; ++i)
      for (std::uint32_t c = 0; c < 2; ++c) ASSERT_EQ(samples[i * 2 + c], saw(c, i)) << "frame " << i;
  }
}

TEST(MediaStreamDestination, MixesToTheChannelsOfTheStream) {
  NodeHarness node(render::kMediaStreamAudioDestination, 48000);
  StreamOut mono(1), stereo(2);
  node.field(0, mono.output.get()).field(1, stereo.output.get()).input(1, [](std::uint32_t, double) { return 0.5f; });
  node.step();
  EXPECT_EQ(mono.read(1), std::vector<float>({0.5f}));
  EXPECT_EQ(stereo.read(1), std::vector<float>({0.5f, 0.5f}));
}

TEST(MediaStreamDestination, SilenceIsWrittenToo) {
  NodeHarness node(render::kMediaStreamAudioDestination, 48000);
  StreamOut stream(2);
  node.field(0, stream.output.get());
  node.step();
  EXPECT_EQ(stream.read(kQuantum), std::vector<float>(2 * kQuantum));
}

TEST(MediaStreamDestination, MarksTellWhichContextFrameStandsWhereAndWhen) {
  NodeHarness node(render::kMediaStreamAudioDestination, 48000);
  node.skipTo(12800);
  StreamOut stream(1);
  node.field(0, stream.output.get()).step();
  TimelineMark one, two, three;
  ASSERT_TRUE(stream.reader.mark(one));
  EXPECT_EQ(one.frame, 0u);
  EXPECT_EQ(one.sourceFrame, 12800u);
  node.step();
  ASSERT_TRUE(stream.reader.mark(two));
  EXPECT_EQ(two.frame, kQuantum);
  EXPECT_EQ(two.sourceFrame, 12800u + kQuantum);
  EXPECT_GE(two.nanoseconds, one.nanoseconds);
  EXPECT_EQ(two.generation, one.generation);
  node.pause();
  node.step();
  ASSERT_TRUE(stream.reader.mark(three));
  EXPECT_NE(three.generation, two.generation) << "time passed in between";
}

TEST(MediaStreamDestination, AReaderThatIsTooSlowIsToldThatFramesAreMissing) {
  NodeHarness node(render::kMediaStreamAudioDestination, 48000);
  StreamOut stream(1, 256, Overflow::refuse);
  node.field(0, stream.output.get());
  TimelineMark before, after;
  for (int i = 0; i < 3; ++i) node.step();
  ASSERT_TRUE(stream.reader.mark(before));
  EXPECT_EQ(stream.reader.dropped(), kQuantum);
  EXPECT_EQ(before.frame, kQuantum) << "the mark of frames that found no room would be that of those which come to their place later";
  stream.read(256);
  node.step();
  ASSERT_TRUE(stream.reader.mark(after));
  EXPECT_NE(after.generation, before.generation);
  EXPECT_EQ(after.frame, 2 * kQuantum);
  EXPECT_EQ(after.sourceFrame - before.sourceFrame, 2 * kQuantum);
}

TEST(MediaStreamDestination, SaysWhetherItRunsSleepsOrHasEnded) {
  StreamOut stream(1);
  EXPECT_EQ(stream.reader.writerState(), WriterState::starting);
  NodeHarness node(render::kMediaStreamAudioDestination, 48000);
  node.field(0, stream.output.get()).step();
  EXPECT_EQ(stream.reader.writerState(), WriterState::running);
  stream.written.drain();
  node.pause();
  EXPECT_EQ(stream.reader.writerState(), WriterState::paused);
  EXPECT_TRUE(stream.written.drain());
  node.field(0, static_cast<render::Resource*>(nullptr));
  stream.output.reset();
  EXPECT_EQ(stream.reader.writerState(), WriterState::ended);
  EXPECT_TRUE(stream.written.drain());
}

}  // namespace
}  // namespace backline::test

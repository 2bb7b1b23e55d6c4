#include <gtest/gtest.h>

#include "control/media_stream_reader.h"
#include "tests/control/fake_session.h"
#include "transport/error.h"

namespace backline {
namespace {

using test::errorOf;
using test::FakeContext;
using transport::RingWriter;
using transport::SharedMemory;
using transport::WriterState;

// A source whose rings the test writes.
class TestSource final : public MediaSource {
 public:
  struct Ring {
    RingWriter writer;
    transport::NotifyFd written = transport::NotifyFd::create();
    bool open = true;
  };
  explicit TestSource(std::string clock = "") : info_{"a test", "device 1", std::move(clock), 48000, 2, 0.01} {}

  MediaSourceInfo info() const override { return info_; }
  std::unique_ptr<MediaFeed> open(const MediaFeedOptions& options) override {
    auto ring = std::make_shared<Ring>();
    ring->writer = RingWriter(transport::createRingStream("test", {2, 48000, options.capacityFrames ? options.capacityFrames : 4096, options.overflow}));
    rings.push_back(ring);
    struct Feed final : MediaFeed {
      explicit Feed(std::shared_ptr<Ring> its) : ring_(std::move(its)) {}
      ~Feed() override { ring_->open = false; }
      const transport::Fd& ring() const override { return ring_->writer.memory().fd(); }
      const transport::Fd& written() const override { return ring_->written.fd(); }
      std::shared_ptr<Ring> ring_;
    };
    return std::make_unique<Feed>(ring);
  }
  std::vector<std::shared_ptr<Ring>> rings;

 private:
  MediaSourceInfo info_;
};

struct TestTrack {
  explicit TestTrack(std::string clock = "") : source(std::make_shared<TestSource>(std::move(clock))), track(std::make_shared<MediaStreamTrack>(source)) {}
  std::shared_ptr<TestSource> source;
  std::shared_ptr<MediaStreamTrack> track;
  MediaStreamTrack* operator->() { return track.get(); }
};

// The last value that a node's field was set to.
double fieldOf(FakeContext& fake, const AudioNode& node, std::string_view name) {
  double value = -1;
  for (const auto& [target, set] : fake.record->all<render::SetField>())
    if (target == node.id() && node.declaration().fields[set.field].name == name) value = set.value;
  return value;
}

TEST(MediaStreamTrack, TellsWhatItsSourceIs) {
  TestTrack track;
  EXPECT_STREQ(track->kind(), "audio");
  EXPECT_EQ(track->label(), "a test");
  EXPECT_EQ(track->id().size(), 36u);
  EXPECT_EQ(track->readyState(), MediaStreamTrackState::live);
  EXPECT_TRUE(track->enabled());
  track->stop();
  EXPECT_EQ(track->settings().deviceId, "device 1") << "after its end too";
}

TEST(MediaStreamTrack, StopsBySelfAndWithoutAnEvent) {
  TestTrack track;
  const auto clone = track->clone();
  EXPECT_NE(clone->id(), track->id());
  int ended = 0;
  track->onended = clone->onended = [&] { ++ended; };
  std::weak_ptr<TestSource> source = std::exchange(track.source, nullptr);
  track->stop();
  track->dispatch();
  EXPECT_EQ(track->readyState(), MediaStreamTrackState::ended);
  EXPECT_EQ(clone->readyState(), MediaStreamTrackState::live);
  EXPECT_EQ(ended, 0);
  EXPECT_EQ(errorOf([&] { track->open(); }), "InvalidStateError");
  EXPECT_FALSE(source.expired());
  clone->stop();
  EXPECT_TRUE(source.expired()) << "the last track's end closes the source";
  EXPECT_EQ(clone->clone()->readyState(), MediaStreamTrackState::ended);
}

TEST(MediaStreamTrack, FiresEndedOnceWhenItsSourceGoes) {
  TestTrack track;
  int ended = 0, woken = 0;
  track->onended = [&] { ++ended; };
  track->onWake([&] { ++woken; });
  track.source->end()->reach();
  EXPECT_EQ(woken, 1);
  EXPECT_EQ(ended, 0) << "events wait for dispatch()";
  EXPECT_EQ(errorOf([&] { track->open(); }), "InvalidStateError");
  track->dispatch();
  track->dispatch();
  EXPECT_EQ(ended, 1);
  EXPECT_EQ(track->readyState(), MediaStreamTrackState::ended);
}

TEST(MediaStream, HoldsEveryTrackOnceAndIsActiveWhileOneIsLive) {
  TestTrack one, two;
  MediaStream stream({one.track, one.track});
  stream.addTrack(two.track);
  stream.addTrack(one.track);
  EXPECT_EQ(stream.getTracks(), (MediaStream::Tracks{one.track, two.track}));
  EXPECT_EQ(stream.getTrackById(two->id()), two.track);
  EXPECT_EQ(stream.getTrackById("none"), nullptr);
  one->stop();
  EXPECT_TRUE(stream.active());
  const auto clone = stream.clone();
  two->stop();
  EXPECT_FALSE(stream.active());
  EXPECT_TRUE(clone->active());
  stream.removeTrack(one.track);
  EXPECT_EQ(stream.getAudioTracks().size(), 1u);
}

TEST(MediaStreamAudioSourceNode, PlaysTheTrackWhoseIdComesFirst) {
  FakeContext fake;
  EXPECT_EQ(errorOf([&] { fake->createMediaStreamSource(std::make_shared<MediaStream>()); }), "InvalidStateError");
  TestTrack one, two;
  const auto stream = std::make_shared<MediaStream>(MediaStream::Tracks{one.track, two.track});
  const auto node = fake->createMediaStreamSource(stream);
  EXPECT_EQ(node->track(), one->id() < two->id() ? one.track : two.track);
  EXPECT_EQ(node->mediaStream(), stream);
  stream->removeTrack(node->track());
  EXPECT_EQ(node->track()->readyState(), MediaStreamTrackState::live);
  EXPECT_EQ(node->numberOfInputs(), 0u);
}

TEST(MediaStreamAudioSourceNode, TellsTheRenderSideWhetherTheClocksAreOne) {
  FakeContext ownClock, named("card 1");
  TestTrack unnamed, same("card 1"), other("card 2");
  const auto owns = [](FakeContext& fake, TestTrack& track) {
    const auto node = fake->createMediaStreamTrackSource(track.track);
    fake->commit();
    const auto& [kind, ends] = fake.record->streams.at(static_cast<std::uint32_t>(fieldOf(fake, *node, "stream")));
    EXPECT_EQ(kind, render::ResourceKind::inputStream);
    return ends.ownClock;
  };
  EXPECT_TRUE(owns(ownClock, unnamed));
  EXPECT_FALSE(owns(named, same));
  EXPECT_TRUE(owns(named, other));
}

TEST(MediaStreamAudioSourceNode, IsKeptUntilItsTrackEndsAndGivesItsRingBackThen) {
  FakeContext fake;
  TestTrack track;
  auto node = fake->createMediaStreamTrackSource(track.track);
  std::weak_ptr<AudioNode> watched = node;
  const auto& declared = *node;
  fake->commit();
  EXPECT_GT(fieldOf(fake, declared, "stream"), 0);
  track->setEnabled(false);
  fake->commit();
  EXPECT_EQ(fieldOf(fake, declared, "enabled"), 0);
  node.reset();
  fake->dispatch();
  EXPECT_FALSE(watched.expired()) << "a stream that plays fell silent";
  EXPECT_TRUE(track.source->rings.at(0)->open);
  // On whatever thread the source learns of its end, the context's dispatch carries it out.
  track.source->end()->reach();
  EXPECT_FALSE(watched.expired());
  fake->dispatch();
  EXPECT_TRUE(watched.expired());
  EXPECT_FALSE(track.source->rings.at(0)->open);
  EXPECT_EQ(track->readyState(), MediaStreamTrackState::ended);
}

TEST(MediaStreamAudioSourceNode, StopSilencesItAndAnEndedTrackGivesNothing) {
  FakeContext fake;
  TestTrack track;
  const auto node = fake->createMediaStreamTrackSource(track.track);
  track->stop();
  fake->commit();
  EXPECT_EQ(fieldOf(fake, *node, "stream"), 0);
  EXPECT_FALSE(track.source->rings.at(0)->open);
  const auto late = fake->createMediaStreamTrackSource(track.track);
  fake->commit();
  EXPECT_EQ(fieldOf(fake, *late, "stream"), -1);
  EXPECT_EQ(track.source->rings.size(), 1u);
}

TEST(MediaStreamAudioSourceNode, TheEndOfTheContextGivesTheRingBack) {
  TestTrack track;
  FakeContext fake;
  const auto node = fake->createMediaStreamTrackSource(track.track);
  fake.owner.reset();
  EXPECT_FALSE(track.source->rings.at(0)->open);
  EXPECT_EQ(track->readyState(), MediaStreamTrackState::live);
  track->setEnabled(false);
  track->stop();
}

TEST(MediaStreamAudioDestinationNode, HasAStreamOfOneTrackWithItsChannels) {
  FakeContext fake;
  MediaStreamAudioDestinationNode node(fake.context(), {.channelCount = 7});
  ASSERT_EQ(node.stream()->getAudioTracks().size(), 1u);
  const auto track = node.stream()->getAudioTracks()[0];
  EXPECT_EQ(track->settings().channelCount, 7u);
  EXPECT_EQ(track->settings().sampleRate, 48000);
  EXPECT_EQ(node.numberOfOutputs(), 0u);
  EXPECT_EQ(node.channelCountMode(), ChannelCountMode::explicitCount);
  node.setChannelCount(3);
  MediaStreamReader reader(track);
  EXPECT_EQ(reader.channels(), 3u);
}

TEST(MediaStreamAudioDestinationNode, ServesEightReadersAndRefusesTheNinth) {
  FakeContext fake;
  const auto node = fake->createMediaStreamDestination();
  const auto track = node->stream()->getTracks()[0];
  std::vector<std::unique_ptr<MediaStreamReader>> readers;
  for (int i = 0; i < 8; ++i) readers.push_back(std::make_unique<MediaStreamReader>(track));
  EXPECT_EQ(errorOf([&] { MediaStreamReader ninth(track); }), "NotSupportedError");
  readers[3].reset();
  fake->commit();
  EXPECT_EQ(fieldOf(fake, *node, "stream3"), 0);
  EXPECT_GT(fieldOf(fake, *node, "stream4"), 0);
  EXPECT_EQ(errorOf([&] { MediaStreamReader again(track); }), "");
}

TEST(MediaStreamAudioDestinationNode, FeedsItsOwnContextInStepAndOthersByTheirClocks) {
  FakeContext fake, other;
  const auto node = fake->createMediaStreamDestination();
  const auto here = fake->createMediaStreamSource(node->stream());
  const auto there = other->createMediaStreamSource(node->stream());
  fake->commit();
  other->commit();
  EXPECT_FALSE(fake.record->streams.at(static_cast<std::uint32_t>(fieldOf(fake, *here, "stream"))).second.ownClock);
  EXPECT_TRUE(other.record->streams.at(static_cast<std::uint32_t>(fieldOf(other, *there, "stream"))).second.ownClock);
}

TEST(MediaStreamAudioDestinationNode, ItsStreamOutlivesItAndEndsWithTheContext) {
  FakeContext fake;
  auto node = fake->createMediaStreamDestination();
  const auto id = node->id();
  const auto stream = node->stream();
  const auto track = stream->getTracks()[0];
  node.reset();
  fake->dispatch();
  for (const auto& [target, released] : fake.record->all<render::ReleaseNode>()) EXPECT_NE(target, id) << "while its stream is held";
  int ended = 0, woken = 0;
  track->onended = [&] { ++ended; };
  track->onWake([&] { ++woken; });
  EXPECT_TRUE(stream->active());
  fake.owner.reset();
  EXPECT_EQ(woken, 1);
  track->dispatch();
  EXPECT_EQ(ended, 1);
  EXPECT_FALSE(stream->active());
}

TEST(MediaStreamReader, ReadsFramesWithTheirMarksUntilTheTrackEnds) {
  TestTrack track;
  MediaStreamReader reader(track.track, {.capacityFrames = 64});
  RingWriter& writer = track.source->rings.at(0)->writer;
  float out[8] = {};
  transport::TimelineMark mark;
  EXPECT_FALSE(reader.mark(mark));
  EXPECT_EQ(reader.read(out, 4), 0u);
  const float in[] = {1, 2, 3, 4, 5, 6, 7, 8};
  writer.mark({0, 480, 123, 1});
  writer.write(in, 4);
  track.source->rings[0]->written.signal();
  EXPECT_TRUE(reader.wait(0));
  ASSERT_EQ(reader.read(out, 2), 2u);
  EXPECT_EQ(out[3], 4);
  EXPECT_EQ(reader.position(), 2u);
  ASSERT_TRUE(reader.mark(mark));
  EXPECT_EQ(mark.sourceFrame, 480u);
  track->setEnabled(false);
  ASSERT_EQ(reader.read(out, 2), 2u);
  EXPECT_EQ(out[0], 0) << "a disabled track is silent";
  EXPECT_FALSE(reader.ended());
  track->stop();
  EXPECT_TRUE(reader.ended());
  EXPECT_TRUE(reader.wait(0)) << "told of the end";
  EXPECT_FALSE(track.source->rings[0]->open);
}

}  // namespace
}  // namespace backline

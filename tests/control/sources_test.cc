#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/control/fake_session.h"

namespace backline {
namespace {

using test::errorOf;
using test::FakeContext;

TEST(AudioScheduledSourceNode, StartsOnceAndStopsOnlyAfterThat) {
  FakeContext fake;
  auto source = fake->createConstantSource();
  EXPECT_EQ(errorOf([&] { source->stop(); }), "InvalidStateError");
  EXPECT_EQ(errorOf([&] { source->start(-1); }), "RangeError");
  source->start(0.5);
  EXPECT_EQ(errorOf([&] { source->start(); }), "InvalidStateError");
  EXPECT_EQ(errorOf([&] { source->stop(-1); }), "RangeError");
  source->stop(1);
  source->stop(2);
  fake->commit();
  const auto schedules = fake.record->all<render::SetSchedule>();
  ASSERT_EQ(schedules.size(), 3u);
  EXPECT_EQ(schedules[0].second.schedule.start, 0.5);
  EXPECT_TRUE(std::isinf(schedules[0].second.schedule.stop));
  EXPECT_EQ(schedules[2].second.schedule.start, 0.5);
  EXPECT_EQ(schedules[2].second.schedule.stop, 2.0) << "the last stop counts";
}

TEST(AudioScheduledSourceNode, IsKeptFromItsStartToItsEnd) {
  FakeContext fake;
  auto source = fake->createOscillator();
  std::weak_ptr<OscillatorNode> watched = source;
  int ended = 0;
  source->onended = [&] { ++ended; };
  const render::NodeId id = source->id();
  source->start();
  source.reset();
  fake->dispatch();
  EXPECT_FALSE(watched.expired()) << "a playing source was dropped";
  EXPECT_EQ(fake.record->count<render::ReleaseNode>(), 0u);

  fake.record->say(id, render::Ended{});
  EXPECT_EQ(ended, 0) << "events wait for dispatch()";
  fake->dispatch();
  EXPECT_EQ(ended, 1);
  EXPECT_TRUE(watched.expired());
  fake->dispatch();
  EXPECT_EQ(fake.record->count<render::ReleaseNode>(), 1u);
}

TEST(AudioBufferSourceNode, DetuneHasTheWholeRangeOfFloatsOtherThanThatOfAnOscillator) {
  FakeContext fake;
  constexpr float kMost = std::numeric_limits<float>::max();
  auto player = fake->createBufferSource();
  EXPECT_EQ(player->detune().minValue(), -kMost);
  EXPECT_EQ(player->detune().maxValue(), kMost);
  auto oscillator = fake->createOscillator();
  EXPECT_EQ(oscillator->detune().minValue(), -153600.0f);
  EXPECT_EQ(oscillator->detune().maxValue(), 153600.0f);
}

TEST(OscillatorNode, BecomesCustomByAWaveOnly) {
  FakeContext fake, other;
  auto source = fake->createOscillator();
  EXPECT_EQ(errorOf([&] { source->setType(OscillatorType::custom); }), "InvalidStateError");
  source->setType(OscillatorType::square);
  EXPECT_EQ(source->type(), OscillatorType::square);
  auto foreign = other->createPeriodicWave({0, 1}, {0, 0});
  EXPECT_EQ(errorOf([&] { source->setPeriodicWave(*foreign); }), "InvalidAccessError");
  source->setPeriodicWave(*fake->createPeriodicWave({0, 1}, {0, 0}));
  EXPECT_EQ(source->type(), OscillatorType::custom);
  EXPECT_EQ(errorOf([&] { source->setType(OscillatorType::custom); }), "") << "it is custom already";
  source->setType(OscillatorType::sine);
  EXPECT_EQ(errorOf([&] { OscillatorNode(fake.context(), {.type = OscillatorType::custom}); }), "InvalidStateError");
}

TEST(PeriodicWave, ChecksItsTerms) {
  FakeContext fake;
  EXPECT_EQ(errorOf([&] { fake->createPeriodicWave({0}, {0}); }), "IndexSizeError");
  EXPECT_EQ(errorOf([&] { fake->createPeriodicWave({0, 1}, {0, 1, 2}); }), "IndexSizeError");
  PeriodicWave onlyReal(fake.context(), {.real = std::vector<float>{5, 1, 2}});
  PeriodicWave sine(fake.context());
  fake->commit();
  const auto waves = fake.record->all<render::CreatePeriodicWave>();
  ASSERT_EQ(waves.size(), 2u);
  EXPECT_EQ(waves[0].second.real, (std::vector<float>{0, 1, 2})) << "no constant part";
  EXPECT_EQ(waves[0].second.imag, (std::vector<float>{0, 0, 0}));
  EXPECT_EQ(waves[1].second.imag, (std::vector<float>{0, 1}));
}

TEST(PeriodicWave, IsReleasedWhenNobodyCanNameItAnyMore) {
  FakeContext fake;
  fake->createPeriodicWave({0, 1}, {0, 0});
  fake->commit();
  EXPECT_EQ(fake.record->count<render::ReleaseResource>(), 1u);
}

TEST(AudioBuffer, RefusesWhatCannotBe) {
  EXPECT_EQ(errorOf([] { AudioBuffer({0, 1, 48000}); }), "NotSupportedError");
  EXPECT_EQ(errorOf([] { AudioBuffer({33, 1, 48000}); }), "NotSupportedError");
  EXPECT_EQ(errorOf([] { AudioBuffer({1, 0, 48000}); }), "NotSupportedError");
  EXPECT_EQ(errorOf([] { AudioBuffer({1, 1, 2999}); }), "NotSupportedError");
  EXPECT_EQ(errorOf([] { AudioBuffer({1, 1, 768001}); }), "NotSupportedError");
  EXPECT_EQ(errorOf([] { AudioBuffer({1, 1, 3000}); }), "");
  EXPECT_EQ(errorOf([] { AudioBuffer({1, std::uint64_t{1} << 60, 48000}); }), "RangeError");
}

TEST(AudioBuffer, CopiesWhatThereIs) {
  AudioBuffer buffer({.numberOfChannels = 2, .length = 4, .sampleRate = 48000});
  const std::vector<float> samples = {1, 2, 3, 4, 5};
  buffer.copyToChannel(samples, 1, 2);
  std::vector<float> out(5, -1);
  buffer.copyFromChannel(out, 1, 1);
  EXPECT_EQ(out, (std::vector<float>{0, 1, 2, -1, -1}));
  buffer.copyFromChannel(out, 1, 4);
  buffer.copyToChannel(samples, 1, 1000);
  EXPECT_EQ(errorOf([&] { buffer.copyFromChannel(out, 2); }), "IndexSizeError");
  EXPECT_EQ(errorOf([&] { buffer.copyToChannel(out, 2); }), "IndexSizeError");
  EXPECT_EQ(errorOf([&] { buffer.getChannelData(2); }), "IndexSizeError");
}

TEST(AudioBufferSourceNode, AcquiresTheContentWhenItStarts) {
  FakeContext fake;
  auto buffer = fake->createBuffer(1, 3, 48000);
  auto source = fake->createBufferSource();
  source->setBuffer(buffer);
  fake->commit();
  EXPECT_TRUE(fake.record->buffers.empty()) << "acquired before it started";
  buffer->getChannelData(0)[0] = 7;
  source->start();
  buffer->getChannelData(0)[0] = 9;
  fake->commit();
  ASSERT_EQ(fake.record->buffers.size(), 1u);
  EXPECT_EQ(fake.record->buffers.begin()->second[0][0], 7) << "changed after it was acquired";
}

TEST(AudioBufferSourceNode, SharesAContentThatCannotHaveChangedOnce) {
  FakeContext fake;
  auto buffer = fake->createBuffer(1, 3, 48000);
  buffer->copyToChannel(std::vector<float>{1, 2, 3}, 0);
  auto play = [&] {
    auto source = fake->createBufferSource();
    source->setBuffer(buffer);
    source->start();
  };
  play();
  play();
  EXPECT_EQ(fake.record->buffers.size(), 1u);
  buffer->copyToChannel(std::vector<float>{4}, 0);
  play();
  EXPECT_EQ(fake.record->buffers.size(), 2u) << "the new content was not shared";
}

TEST(AudioBufferSourceNode, TakesOneBufferOnly) {
  FakeContext fake;
  auto source = fake->createBufferSource();
  source->setBuffer(nullptr);
  source->setBuffer(fake->createBuffer(1, 1, 48000));
  EXPECT_EQ(errorOf([&] { source->setBuffer(fake->createBuffer(1, 1, 48000)); }), "InvalidStateError");
  EXPECT_EQ(errorOf([&] { source->setBuffer(nullptr); }), "");
  EXPECT_EQ(errorOf([&] { source->setBuffer(fake->createBuffer(1, 1, 48000)); }), "InvalidStateError");
}

TEST(AudioBufferSourceNode, PlaysNothingOfADetachedBuffer) {
  FakeContext fake;
  auto buffer = fake->createBuffer(1, 1, 48000);
  buffer->markDetached();
  auto source = fake->createBufferSource();
  source->setBuffer(buffer);
  source->start();
  fake->commit();
  EXPECT_TRUE(fake.record->buffers.empty());
  EXPECT_EQ(fake.record->count<render::SetField>(), 0u);
}

TEST(AudioBufferSourceNode, ChecksOffsetAndDuration) {
  FakeContext fake;
  auto source = fake->createBufferSource();
  EXPECT_EQ(errorOf([&] { source->start(0, -1); }), "RangeError");
  EXPECT_EQ(errorOf([&] { source->start(0, 0, -1); }), "RangeError");
  source->start(0.25, 0.5, 0.75);
  fake->commit();
  const render::Schedule schedule = fake.record->all<render::SetSchedule>().at(0).second.schedule;
  EXPECT_EQ(schedule.start, 0.25);
  EXPECT_EQ(schedule.offset, 0.5);
  EXPECT_EQ(schedule.duration, 0.75);
}

}  // namespace
}  // namespace backline

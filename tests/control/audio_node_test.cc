#include <gtest/gtest.h>

#include "tests/control/fake_session.h"

namespace backline {
namespace {

using test::errorOf;
using test::FakeContext;

TEST(AudioNode, ConnectsOnceHoweverOftenItIsAsked) {
  FakeContext fake;
  auto a = fake->createGain(), b = fake->createGain();
  EXPECT_EQ(&a->connect(*b), b.get());
  a->connect(*b);
  a->connect(b->gain());
  a->connect(b->gain());
  fake->commit();
  EXPECT_EQ(fake.record->count<render::Connect>(), 1u);
  EXPECT_EQ(fake.record->count<render::ConnectParam>(), 1u);
}

TEST(AudioNode, RefusesConnectionsThatCannotBe) {
  FakeContext fake, other;
  auto a = fake->createGain(), b = fake->createGain(), foreign = other->createGain();
  auto source = fake->createOscillator();
  EXPECT_EQ(errorOf([&] { a->connect(*foreign); }), "InvalidAccessError");
  EXPECT_EQ(errorOf([&] { a->connect(foreign->gain()); }), "InvalidAccessError");
  EXPECT_EQ(errorOf([&] { a->connect(*b, 1); }), "IndexSizeError");
  EXPECT_EQ(errorOf([&] { a->connect(*b, 0, 1); }), "IndexSizeError");
  EXPECT_EQ(errorOf([&] { a->connect(*source); }), "IndexSizeError") << "a source has no input";
  EXPECT_EQ(errorOf([&] { a->connect(b->gain(), 1); }), "IndexSizeError");
  fake->commit();
  EXPECT_EQ(fake.record->count<render::Connect>() + fake.record->count<render::ConnectParam>(), 0u);
}

TEST(AudioNode, DisconnectsWhatIsNamedAndRefusesWhatIsNotThere) {
  FakeContext fake;
  auto a = fake->createGain(), b = fake->createGain(), c = fake->createGain();
  EXPECT_EQ(errorOf([&] { a->disconnect(); }), "") << "nothing to disconnect is no error";
  EXPECT_EQ(errorOf([&] { a->disconnect(0u); }), "");
  EXPECT_EQ(errorOf([&] { a->disconnect(1u); }), "IndexSizeError");
  EXPECT_EQ(errorOf([&] { a->disconnect(*b); }), "InvalidAccessError");
  EXPECT_EQ(errorOf([&] { a->disconnect(*b, 0); }), "InvalidAccessError");
  EXPECT_EQ(errorOf([&] { a->disconnect(*b, 0, 0); }), "InvalidAccessError");
  EXPECT_EQ(errorOf([&] { a->disconnect(*b, 1); }), "IndexSizeError");
  EXPECT_EQ(errorOf([&] { a->disconnect(*b, 0, 1); }), "IndexSizeError");
  EXPECT_EQ(errorOf([&] { a->disconnect(b->gain()); }), "InvalidAccessError");
  EXPECT_EQ(errorOf([&] { a->disconnect(b->gain(), 1); }), "IndexSizeError");

  a->connect(*b);
  a->connect(*c);
  a->connect(b->gain());
  a->disconnect(*b);
  EXPECT_EQ(errorOf([&] { a->disconnect(*b); }), "InvalidAccessError") << "it was disconnected already";
  fake->commit();
  ASSERT_EQ(fake.record->count<render::Disconnect>(), 1u);
  EXPECT_EQ(fake.record->all<render::Disconnect>()[0].second.destination, b->id());
  EXPECT_EQ(fake.record->count<render::DisconnectParam>(), 0u) << "the param is another destination";
  a->disconnect();
  fake->commit();
  EXPECT_EQ(fake.record->count<render::Disconnect>(), 2u);
  EXPECT_EQ(fake.record->count<render::DisconnectParam>(), 1u);
}

TEST(AudioNode, ReleasesADestinationOnlyAfterItsConnectionsCanNoLongerBeNamed) {
  FakeContext fake;
  auto a = fake->createGain(), b = fake->createGain();
  const render::NodeId id = b->id();
  a->connect(*b);
  b.reset();
  fake->commit();
  EXPECT_EQ(fake.record->count<render::ReleaseNode>(), 0u);
  a->disconnect();
  fake->commit();
  const auto& last = fake.record->batches.back();
  ASSERT_GE(last.size(), 2u);
  EXPECT_TRUE(std::holds_alternative<render::Disconnect>(last[0].body));
  EXPECT_TRUE(std::holds_alternative<render::ReleaseNode>(last[1].body));
  EXPECT_EQ(last[1].target, id);
}

TEST(AudioNode, ReleasesTheNodesOfACycle) {
  FakeContext fake;
  auto a = fake->createGain(), b = fake->createGain();
  a->connect(*b).connect(*a);
  a.reset();
  b.reset();
  fake->commit();
  EXPECT_EQ(fake.record->count<render::ReleaseNode>(), 2u);
}

TEST(AudioNode, ChecksChannelCounts) {
  FakeContext fake;
  auto gain = fake->createGain();
  EXPECT_EQ(errorOf([&] { gain->setChannelCount(0); }), "NotSupportedError");
  EXPECT_EQ(errorOf([&] { gain->setChannelCount(33); }), "NotSupportedError");
  gain->setChannelCount(32);
  gain->setChannelCountMode(ChannelCountMode::explicitCount);
  gain->setChannelInterpretation(ChannelInterpretation::discrete);
  fake->commit();
  const auto rules = fake.record->all<render::SetChannelRules>();
  ASSERT_EQ(rules.size(), 3u);
  EXPECT_EQ(rules[2].second.rules.count, 32u);
  EXPECT_EQ(rules[2].second.rules.mode, ChannelCountMode::explicitCount);
  EXPECT_EQ(rules[2].second.rules.interpretation, ChannelInterpretation::discrete);
}

TEST(AudioNode, TakesItsChannelRulesFromTheOptions) {
  FakeContext fake;
  GainOptions options;
  options.channelCount = 1;
  options.channelCountMode = ChannelCountMode::clampedMax;
  options.gain = 0.5;
  auto gain = std::make_shared<GainNode>(fake.context(), options);
  EXPECT_EQ(gain->gain().value(), 0.5f);
  fake->commit();
  const auto rules = fake.record->all<render::SetChannelRules>();
  ASSERT_FALSE(rules.empty());
  EXPECT_EQ(rules.back().second.rules.count, 1u);
  EXPECT_EQ(rules.back().second.rules.mode, ChannelCountMode::clampedMax);
  options.channelCount = 0;
  EXPECT_EQ(errorOf([&] { std::make_shared<GainNode>(fake.context(), options); }), "NotSupportedError");
}

TEST(AudioDestinationNode, HasTheChannelsOfTheDevice) {
  FakeContext fake;
  auto& destination = fake->destination();
  EXPECT_EQ(destination.maxChannelCount(), 8u);
  EXPECT_EQ(destination.channelCount(), 2u);
  EXPECT_EQ(errorOf([&] { destination.setChannelCount(9); }), "IndexSizeError");
  EXPECT_EQ(errorOf([&] { destination.setChannelCount(0); }), "NotSupportedError");
  EXPECT_EQ(errorOf([&] { destination.setChannelCount(8); }), "");
}

TEST(AudioDestinationNode, OfAnOfflineContextIsFixed) {
  OfflineAudioContext context({.numberOfChannels = 3, .length = 128, .sampleRate = 48000});
  auto& destination = context.destination();
  EXPECT_EQ(destination.channelCount(), 3u);
  EXPECT_EQ(destination.maxChannelCount(), 3u);
  EXPECT_EQ(errorOf([&] { destination.setChannelCount(2); }), "InvalidStateError");
  EXPECT_EQ(errorOf([&] { destination.setChannelCount(3); }), "");
  EXPECT_EQ(errorOf([&] { destination.setChannelCountMode(ChannelCountMode::max); }), "InvalidStateError");
}

TEST(AudioNode, DoesNothingOnceItsContextIsGone) {
  auto fake = std::make_unique<FakeContext>();
  auto record = fake->record;
  auto a = (*fake)->createGain(), b = (*fake)->createGain();
  auto source = (*fake)->createOscillator();
  source->start();
  fake.reset();
  EXPECT_TRUE(record->ended);
  a->connect(*b);
  a->gain().setValue(0.5);
  EXPECT_EQ(a->gain().value(), 0.5f);
  source->stop();
}

}  // namespace
}  // namespace backline

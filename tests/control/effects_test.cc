#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/control/fake_session.h"
#include "tests/control/rendered.h"

namespace backline {
namespace {

using test::errorOf;
using test::FakeContext;

// Web Audio §1.5.3: the constraints that both node types have.
template <class Node>
void expectMonoOrStereo(Node& node) {
  EXPECT_EQ(node.channelCount(), 2u);
  EXPECT_EQ(node.channelCountMode(), ChannelCountMode::clampedMax);
  for (const std::uint32_t count : {0u, 3u, 32u, 99u}) EXPECT_EQ(errorOf([&] { node.setChannelCount(count); }), "NotSupportedError") << count;
  EXPECT_EQ(errorOf([&] { node.setChannelCountMode(ChannelCountMode::max); }), "NotSupportedError");
  node.setChannelCount(1);
  node.setChannelCountMode(ChannelCountMode::explicitCount);
  EXPECT_EQ(node.channelCount(), 1u);
  EXPECT_EQ(node.channelCountMode(), ChannelCountMode::explicitCount);
}

TEST(DynamicsCompressorNode, IsMonoOrStereo) {
  FakeContext fake;
  expectMonoOrStereo(*fake->createDynamicsCompressor());
  DynamicsCompressorOptions options;
  options.channelCount = 3;
  EXPECT_EQ(errorOf([&] { DynamicsCompressorNode(fake.context(), options); }), "NotSupportedError");
}

TEST(DynamicsCompressorNode, HasTheParametersOfTheSpecification) {
  FakeContext fake;
  auto node = fake->createDynamicsCompressor();
  struct Expected {
    AudioParam& param;
    float initial, least, most;
  };
  const Expected expected[] = {{node->threshold(), -24, -100, 0}, {node->knee(), 30, 0, 40}, {node->ratio(), 12, 1, 20},
                               {node->attack(), 0.003f, 0, 1}, {node->release(), 0.25f, 0, 1}};
  for (const auto& [param, initial, least, most] : expected) {
    EXPECT_EQ(param.value(), initial) << param.name();
    EXPECT_EQ(param.defaultValue(), initial) << param.name();
    EXPECT_EQ(param.minValue(), least) << param.name();
    EXPECT_EQ(param.maxValue(), most) << param.name();
    EXPECT_EQ(param.automationRate(), AutomationRate::kRate) << param.name();
    EXPECT_EQ(errorOf([&] { param.setAutomationRate(AutomationRate::aRate); }), "InvalidStateError") << param.name();
    EXPECT_EQ(errorOf([&] { param.setAutomationRate(AutomationRate::kRate); }), "") << param.name();
  }
}

TEST(DynamicsCompressorNode, TakesItsOptions) {
  FakeContext fake;
  DynamicsCompressorNode node(fake.context(), {{}, 0.1f, 20, 4, 0.5f, -200});
  EXPECT_EQ(node.attack().value(), 0.1f);
  EXPECT_EQ(node.knee().value(), 20);
  EXPECT_EQ(node.ratio().value(), 4);
  EXPECT_EQ(node.release().value(), 0.5f);
  EXPECT_EQ(node.threshold().value(), -100) << "clamped";
}

TEST(DynamicsCompressorNode, ReadsItsReductionFromTheMeterOfTheRenderSide) {
  FakeContext fake;
  auto node = fake->createDynamicsCompressor();
  EXPECT_EQ(node->reduction(), 0);
  fake->commit();
  ASSERT_EQ(fake.record->streams.size(), 1u);
  auto& [kind, ends] = fake.record->streams.begin()->second;
  ASSERT_EQ(kind, render::ResourceKind::meter);
  const auto meter = render::makeStream(kind, std::move(ends));
  static_cast<render::Meter&>(*meter).writer.publish({.frame = 128, .reduction = -7.5f});
  EXPECT_EQ(node->reduction(), -7.5f);
}

TEST(ConvolverNode, IsMonoOrStereo) {
  FakeContext fake;
  expectMonoOrStereo(*fake->createConvolver());
  ConvolverOptions options;
  options.channelCountMode = ChannelCountMode::max;
  EXPECT_EQ(errorOf([&] { ConvolverNode(fake.context(), options); }), "NotSupportedError");
}

TEST(ConvolverNode, TakesOneTwoOrFourChannelsAtTheRateOfTheContext) {
  FakeContext fake;
  auto node = fake->createConvolver();
  for (std::uint32_t channels = 1; channels <= 32; ++channels) {
    const bool fits = channels == 1 || channels == 2 || channels == 4;
    const auto buffer = fake->createBuffer(channels, 1, 48000);
    EXPECT_EQ(errorOf([&] { node->setBuffer(buffer); }), fits ? "" : "NotSupportedError") << channels << " channels";
    EXPECT_EQ(node->buffer() == buffer, fits) << channels << " channels";
  }
  EXPECT_EQ(errorOf([&] { node->setBuffer(fake->createBuffer(1, 1, 44100)); }), "NotSupportedError");
  EXPECT_EQ(node->buffer()->numberOfChannels(), 4u) << "a refused buffer replaced another";
  node->setBuffer(nullptr);
  EXPECT_EQ(node->buffer(), nullptr);
}

// What the render side gets: (normalized, buffer or 0) at each setting of the buffer.
std::vector<std::pair<bool, bool>> settings(const test::Record& record) {
  std::vector<std::pair<bool, bool>> found;
  bool normalized = true;
  for (const auto& [target, field] : record.all<render::SetField>()) {
    if (field.field == 0) normalized = field.value != 0;
    if (field.field == 1) found.emplace_back(normalized, field.value != 0);
  }
  return found;
}

TEST(ConvolverNode, LooksAtNormalizeWhenTheBufferIsSet) {
  FakeContext fake;
  auto node = fake->createConvolver();
  EXPECT_TRUE(node->normalize());
  const auto buffer = fake->createBuffer(1, 100, 48000);
  node->setBuffer(buffer);
  node->setNormalize(false);
  fake->commit();
  EXPECT_EQ(settings(*fake.record), (std::vector<std::pair<bool, bool>>{{true, true}}));
  node->setBuffer(buffer);
  fake->commit();
  EXPECT_EQ(settings(*fake.record), (std::vector<std::pair<bool, bool>>{{true, true}, {false, true}})) << "the same buffer, taken up anew";
  EXPECT_EQ(fake.record->buffers.size(), 1u) << "its content had not changed";
}

TEST(ConvolverNode, ItsOptionsDisableNormalizationForTheirBuffer) {
  FakeContext fake;
  ConvolverNode node(fake.context(), {{}, fake->createBuffer(2, 10, 48000), true});
  EXPECT_FALSE(node.normalize());
  fake->commit();
  EXPECT_EQ(settings(*fake.record), (std::vector<std::pair<bool, bool>>{{false, true}}));
}

TEST(ConvolverNode, AcquiresTheContentWhenItIsSetAndIsSilentOfADetachedBuffer) {
  FakeContext fake;
  auto node = fake->createConvolver();
  const auto buffer = fake->createBuffer(1, 3, 48000);
  buffer->getChannelData(0)[0] = 7;
  node->setBuffer(buffer);
  buffer->getChannelData(0)[0] = 9;
  ASSERT_EQ(fake.record->buffers.size(), 1u);
  EXPECT_EQ(fake.record->buffers.begin()->second[0][0], 7) << "changed after it was acquired";
  buffer->markDetached();
  node->setBuffer(buffer);
  fake->commit();
  EXPECT_EQ(settings(*fake.record), (std::vector<std::pair<bool, bool>>{{true, true}, {true, false}}));
}

// ------------------------------------------------------------------ rendered in process

TEST(EffectsOffline, AConvolverRendersItsResponseAndACompressorTellsItsReduction) {
  OfflineAudioContext context({.numberOfChannels = 2, .length = 48000, .sampleRate = 48000});
  auto response = context.createBuffer(2, 3000, 48000);
  response->getChannelData(0)[2999] = 0.5f;
  response->getChannelData(1)[10] = 0.25f;
  auto source = context.createConstantSource();
  auto convolver = context.createConvolver();
  convolver->setNormalize(false);
  convolver->setBuffer(response);
  auto compressor = context.createDynamicsCompressor();
  auto loud = context.createGain();
  loud->gain().setValue(4);
  source->connect(*convolver).connect(context.destination());
  source->connect(*loud).connect(*compressor);
  compressor->connect(context.destination());
  compressor->disconnect();
  auto mute = context.createGain();
  mute->gain().setValue(0);
  compressor->connect(*mute).connect(context.destination());
  source->start(1.0 / 48000);
  std::shared_ptr<AudioBuffer> rendered;
  context.startRendering([&](std::shared_ptr<AudioBuffer> buffer, std::optional<Error>) { rendered = std::move(buffer); });
  for (int i = 0; i < 1000 && !rendered; ++i) context.waitAndDispatch(0.1);
  ASSERT_TRUE(rendered);
  const auto left = rendered->channel(0), right = rendered->channel(1);
  for (std::size_t i = 0; i < left.size(); ++i) {
    ASSERT_NEAR(left[i], i >= 3000 ? 0.5f : 0.0f, 1e-5f) << "frame " << i;
    ASSERT_NEAR(right[i], i >= 11 ? 0.25f : 0.0f, 1e-5f) << "frame " << i;
  }
  EXPECT_LT(compressor->reduction(), -10) << "dB of 12 dB above full scale";
}

TEST(WaveShaperNode, TakesACurveOfTwoPointsOrMoreOnceOnly) {
  FakeContext fake;
  auto node = fake->createWaveShaper();
  EXPECT_TRUE(node->curve().empty());
  for (const std::vector<float>& few : {std::vector<float>{}, std::vector<float>{1}})
    EXPECT_EQ(errorOf([&] { node->setCurve(few); }), "InvalidStateError") << few.size();
  node->setCurve({-1, 1});
  EXPECT_EQ(node->curve(), (std::vector<float>{-1, 1}));
  EXPECT_EQ(errorOf([&] { node->setCurve({-1, 0, 1}); }), "InvalidStateError");
  node->clearCurve();
  EXPECT_TRUE(node->curve().empty());
  EXPECT_EQ(errorOf([&] { node->setCurve({-1, 0, 1}); }), "InvalidStateError") << "even after it was cleared";
  WaveShaperNode given(fake.context(), {{}, std::vector<float>{0, 1}});
  EXPECT_EQ(errorOf([&] { given.setCurve({-1, 0, 1}); }), "InvalidStateError");
  EXPECT_EQ(errorOf([&] { WaveShaperNode(fake.context(), {{}, std::vector<float>{1}}); }), "InvalidStateError");
}

TEST(WaveShaperNode, OversamplesACurveThatItHadBefore) {
  const auto latencyOf = [](OverSampleType before, OverSampleType after) {
    const auto out = test::rendered(1, 512, [&](OfflineAudioContext& context) {
      auto source = test::playing(context, {{0, 0, 0, 1}});
      auto node = std::make_shared<WaveShaperNode>(context, WaveShaperOptions{{}, std::vector<float>{-1, 0, 1}, before});
      node->setOversample(after);
      EXPECT_EQ(node->oversample(), after);
      source->connect(*node).connect(context.destination());
    })[0];
    return std::max_element(out.begin(), out.end()) - out.begin() - 3;
  };
  EXPECT_EQ(latencyOf(OverSampleType::none, OverSampleType::none), 0);
  EXPECT_EQ(latencyOf(OverSampleType::none, OverSampleType::twice), 128);
  EXPECT_EQ(latencyOf(OverSampleType::twice, OverSampleType::fourTimes), 192);
  EXPECT_EQ(latencyOf(OverSampleType::fourTimes, OverSampleType::none), 0);
}

TEST(WaveShaperNode, HumsWithoutAnInputIfItsCurveDoes) {
  std::shared_ptr<WaveShaperNode> node;
  const auto out = test::rendered(1, 512, [&](OfflineAudioContext& context) {
    node = std::make_shared<WaveShaperNode>(context, WaveShaperOptions{{}, std::vector<float>{0.5f, 0.5f}});
    node->connect(context.destination());
  })[0];
  EXPECT_EQ(out, std::vector<float>(512, 0.5f));
}

}  // namespace
}  // namespace backline

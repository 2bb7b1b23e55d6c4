#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "tests/control/fake_session.h"

namespace backline::test {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// An analyser over a session that renders nothing: the test writes the history.
struct Heard {
  FakeContext context;
  std::shared_ptr<AnalyserNode> node;
  transport::RingWriter history;

  explicit Heard(const AnalyserOptions& options = {}) : node(std::make_shared<AnalyserNode>(context.context(), options)) {
    const auto& [kind, ends] = context.record->streams.begin()->second;
    EXPECT_EQ(kind, render::ResourceKind::outputStream);
    history = transport::RingWriter(transport::SharedMemory::map(ends.memory.duplicate()));
  }
  void hear(const std::vector<float>& samples) { history.write(samples.data(), static_cast<std::uint32_t>(samples.size())); }
  void hear(std::uint32_t frames, float value) { hear(std::vector<float>(frames, value)); }
  std::vector<float> frequencies() {
    std::vector<float> out(node->frequencyBinCount());
    node->getFloatFrequencyData(out);
    return out;
  }
  std::vector<float> times() {
    std::vector<float> out(node->fftSize());
    node->getFloatTimeDomainData(out);
    return out;
  }
};

AnalyserOptions optionsOf(std::uint32_t size, double smoothing = 0.8) {
  AnalyserOptions options;
  options.fftSize = size;
  options.smoothingTimeConstant = smoothing;
  return options;
}

TEST(AnalyserNode, BindsADeepMonoHistoryBeforeARecordNamesIt) {
  Heard heard;
  heard.context->commit();
  EXPECT_EQ(heard.history.format().channels, 1u);
  EXPECT_GE(heard.history.format().capacityFrames, 2u * 32768);
  EXPECT_EQ(heard.history.format().overflow, transport::Overflow::dropOldest);
  const auto fields = heard.context.record->all<render::SetField>();
  ASSERT_EQ(fields.size(), 1u);
  EXPECT_EQ(fields[0].second.value, static_cast<double>(heard.context.record->streams.begin()->first));
}

TEST(AnalyserNode, ItsStreamIsReleasedWithIt) {
  Heard heard;
  heard.node.reset();
  heard.context->dispatch();
  EXPECT_EQ(heard.context.record->count<render::ReleaseResource>(), 1u);
  EXPECT_EQ(heard.context.record->count<render::ReleaseNode>(), 1u);
}

TEST(AnalyserNode, HasTheSpecificationsDefaults) {
  FakeContext context;
  const auto node = context->createAnalyser();
  EXPECT_EQ(node->fftSize(), 2048u);
  EXPECT_EQ(node->frequencyBinCount(), 1024u);
  EXPECT_EQ(node->minDecibels(), -100);
  EXPECT_EQ(node->maxDecibels(), -30);
  EXPECT_EQ(node->smoothingTimeConstant(), 0.8);
  EXPECT_EQ(node->channelCount(), 2u);
  EXPECT_EQ(node->channelCountMode(), ChannelCountMode::max);
}

TEST(AnalyserNode, RefusesWhatIsOutOfRangeAndKeepsWhatItHad) {
  FakeContext context;
  const auto node = context->createAnalyser();
  for (const std::uint32_t size : {0u, 1u, 16u, 31u, 33u, 2047u, 65536u, 0xffffffffu})
    EXPECT_EQ(errorOf([&] { node->setFftSize(size); }), "IndexSizeError") << size;
  EXPECT_EQ(errorOf([&] { node->setMinDecibels(-30); }), "IndexSizeError");
  EXPECT_EQ(errorOf([&] { node->setMaxDecibels(-100); }), "IndexSizeError");
  EXPECT_EQ(errorOf([&] { node->setMaxDecibels(std::nan("")); }), "TypeError");
  EXPECT_EQ(errorOf([&] { node->setSmoothingTimeConstant(-0.1); }), "IndexSizeError");
  EXPECT_EQ(errorOf([&] { node->setSmoothingTimeConstant(1.1); }), "IndexSizeError");
  EXPECT_EQ(errorOf([&] { node->setSmoothingTimeConstant(std::nan("")); }), "TypeError");
  EXPECT_EQ(node->fftSize(), 2048u);
  EXPECT_EQ(node->minDecibels(), -100);
  EXPECT_EQ(node->maxDecibels(), -30);
  AnalyserOptions options;
  options.minDecibels = -10;
  EXPECT_EQ(errorOf([&] { AnalyserNode(context.context(), options); }), "IndexSizeError");
  options.maxDecibels = -5;
  EXPECT_EQ(errorOf([&] { AnalyserNode(context.context(), options); }), "");
}

TEST(AnalyserNode, TimeDomainDataAreTheNewestFramesWithSilenceBeforeTheBeginning) {
  Heard heard(optionsOf(64));
  EXPECT_EQ(heard.times(), std::vector<float>(64));
  heard.hear(40, 0.5f);
  auto expected = std::vector<float>(24);
  expected.resize(64, 0.5f);
  EXPECT_EQ(heard.times(), expected);
  heard.hear(30, -0.25f);
  expected.assign(34, 0.5f);
  expected.resize(64, -0.25f);
  EXPECT_EQ(heard.times(), expected);
  std::vector<std::uint8_t> bytes(70, 9);
  heard.node->getByteTimeDomainData(bytes);
  EXPECT_EQ(bytes[0], 192);
  EXPECT_EQ(bytes[63], 96);
  EXPECT_EQ(bytes[64], 9);
}

TEST(AnalyserNode, AGreaterSizeReachesFurtherBack) {
  Heard heard(optionsOf(32));
  for (int i = 0; i < 70'000; ++i) heard.hear(1, static_cast<float>(i));
  heard.node->setFftSize(32768);
  const auto times = heard.times();
  for (std::size_t i = 0; i < times.size(); ++i) ASSERT_EQ(times[i], static_cast<float>(70'000 - 32768 + i)) << "frame " << i;
}

TEST(AnalyserNode, FrequencyDataStayTheSameUntilAQuantumFollows) {
  Heard heard(optionsOf(128, 0.5));
  heard.hear(128, 1);
  const auto first = heard.frequencies();
  EXPECT_NEAR(first[0], 20 * std::log10(0.5 * 0.42), 1e-4) << "dB of a constant through the window, smoothed once";
  EXPECT_EQ(heard.frequencies(), first);
  std::vector<std::uint8_t> bytes(64);
  heard.node->getByteFrequencyData(bytes);
  EXPECT_EQ(heard.frequencies(), first);
  heard.hear(128, 1);
  EXPECT_NEAR(heard.frequencies()[0], 20 * std::log10(0.75 * 0.42), 1e-4) << "dB, smoothed twice";
}

TEST(AnalyserNode, AnotherSizeForgetsWhatWasSmoothed) {
  Heard heard(optionsOf(64, 0.5));
  heard.hear(256, 1);
  heard.frequencies();
  heard.node->setFftSize(128);
  EXPECT_NEAR(heard.frequencies()[0], 20 * std::log10(0.5 * 0.42), 1e-4) << "dB";
  heard.node->setFftSize(128);
  heard.hear(128, 1);
  EXPECT_NEAR(heard.frequencies()[0], 20 * std::log10(0.75 * 0.42), 1e-4) << "dB: the same size forgets nothing";
}

TEST(AnalyserNode, ArraysOfAnyLengthAreFilledAsFarAsTheyGo) {
  Heard heard(optionsOf(32));
  heard.hear(32, 1);
  std::vector<float> shorter(3, 9), longer(40, 9);
  heard.node->getFloatFrequencyData(shorter);
  heard.node->getFloatFrequencyData(longer);
  EXPECT_EQ(longer[2], shorter[2]);
  EXPECT_EQ(longer[16], 9);
  heard.node->getFloatTimeDomainData(longer);
  EXPECT_EQ(longer[31], 1);
  EXPECT_EQ(longer[32], 9);
  heard.node->getFloatTimeDomainData({});
  heard.node->getByteFrequencyData({});
}

TEST(AnalyserNode, AfterItsContextHasGoneItKeepsTheLastData) {
  Heard heard(optionsOf(32));
  heard.hear(32, 0.5f);
  const auto before = heard.frequencies();
  heard.context.owner.reset();
  EXPECT_EQ(heard.frequencies(), before);
  EXPECT_EQ(heard.times(), std::vector<float>(32, 0.5f));
}

TEST(AnalyserNode, OfAClosedContextItIsSilent) {
  FakeContext context;
  context->close();
  const auto node = context->createAnalyser();
  std::vector<float> out(4);
  node->getFloatFrequencyData(out);
  EXPECT_EQ(out, std::vector<float>(4, -kInfinity));
}

}  // namespace
}  // namespace backline::test

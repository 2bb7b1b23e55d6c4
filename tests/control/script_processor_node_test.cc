#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "tests/control/fake_session.h"

namespace backline::test {
namespace {

using render::ExchangeAnswer;
using render::ExchangeRequest;

/// A node over a session that renders nothing: the test asks and hears the answers.
struct Asked {
  FakeContext context;
  std::shared_ptr<ScriptProcessorNode> node;
  transport::BlockWriter requests;
  transport::BlockReader answers;

  Asked(std::uint32_t frames, std::uint32_t inputs, std::uint32_t outputs) : node(context->createScriptProcessor(frames, inputs, outputs)) {
    const auto& [kind, ends] = context.record->streams.begin()->second;
    EXPECT_EQ(kind, render::ResourceKind::exchange);
    requests = transport::BlockWriter(transport::SharedMemory::map(ends.memory.duplicate()));
    answers = transport::BlockReader(transport::SharedMemory::map(ends.answers.duplicate()));
  }
  void say(const ExchangeRequest& header, const std::vector<float>& samples = {}) {
    std::vector<std::byte> record(sizeof header + samples.size() * sizeof(float));
    std::memcpy(record.data(), &header, sizeof header);
    if (!samples.empty()) std::memcpy(record.data() + sizeof header, samples.data(), samples.size() * sizeof(float));
    ASSERT_TRUE(requests.tryWrite(record));
    if (context.record->wake) context.record->wake();
  }
  ExchangeRequest block(std::uint64_t sequence, std::uint32_t inputs, double time = 1) {
    return {.sequence = sequence, .playbackTime = time, .kind = ExchangeRequest::block, .channels = inputs, .frames = node->bufferSize()};
  }
  struct Answer {
    ExchangeAnswer header;
    std::vector<float> samples;
  };
  std::vector<Answer> takeAnswers() {
    std::vector<Answer> all;
    std::vector<std::byte> record;
    while (answers.read(record) == transport::BlockReader::Result::message) {
      Answer& answer = all.emplace_back();
      std::memcpy(&answer.header, record.data(), sizeof answer.header);
      answer.samples.resize((record.size() - sizeof answer.header) / sizeof(float));
      std::memcpy(answer.samples.data(), record.data() + sizeof answer.header, answer.samples.size() * sizeof(float));
    }
    return all;
  }
};

TEST(ScriptProcessorNode, IsMadeOfItsShapeWithTheExchangeLast) {
  Asked asked(512, 3, 4);
  asked.context->commit();
  EXPECT_EQ(asked.node->bufferSize(), 512u);
  EXPECT_EQ(asked.node->channelCount(), 3u);
  EXPECT_EQ(asked.node->channelCountMode(), ChannelCountMode::explicitCount);
  const auto fields = asked.context.record->all<render::SetField>();
  const auto& declared = render::kScriptProcessor.fields;
  ASSERT_FALSE(fields.empty());
  EXPECT_STREQ(declared[fields.back().second.field].name, "exchange");
  EXPECT_EQ(fields.back().second.value, static_cast<double>(asked.context.record->streams.begin()->first));
}

TEST(ScriptProcessorNode, RefusesImpossibleShapes) {
  FakeContext context;
  for (const std::uint32_t frames : {1u, 128u, 255u, 300u, 32768u, 0xffffffffu})
    EXPECT_EQ(errorOf([&] { context->createScriptProcessor(frames); }), "IndexSizeError") << frames;
  EXPECT_EQ(errorOf([&] { context->createScriptProcessor(256, 33, 1); }), "IndexSizeError");
  EXPECT_EQ(errorOf([&] { context->createScriptProcessor(256, 1, 33); }), "IndexSizeError");
  EXPECT_EQ(errorOf([&] { context->createScriptProcessor(256, 0, 0); }), "IndexSizeError");
  EXPECT_EQ(errorOf([&] { context->createScriptProcessor(16384, 32, 32); }), "");
  context->dispatch();
  EXPECT_EQ(context.record->count<render::CreateNode>(), context.record->count<render::ReleaseNode>() + 1) << "all but the destination have gone";
}

TEST(ScriptProcessorNode, ChoosesAPowerOfTwoByItself) {
  FakeContext context;
  const auto node = context->createScriptProcessor();
  EXPECT_EQ(node->bufferSize() & (node->bufferSize() - 1), 0u);
  EXPECT_GE(node->bufferSize(), 256u);
  EXPECT_LE(node->bufferSize(), 16384u);
}

TEST(ScriptProcessorNode, ItsChannelsCannotBeChanged) {
  FakeContext context;
  const auto node = context->createScriptProcessor(256, 0, 1);
  EXPECT_EQ(node->channelCount(), 0u);
  EXPECT_EQ(errorOf([&] { node->setChannelCount(2); }), "NotSupportedError");
  EXPECT_EQ(errorOf([&] { node->setChannelCountMode(ChannelCountMode::max); }), "NotSupportedError");
  EXPECT_EQ(errorOf([&] { node->setChannelCount(0); }), "");
  node->setChannelInterpretation(ChannelInterpretation::discrete);
  context->commit();
  EXPECT_EQ(context.record->all<render::SetChannelRules>().at(0).second.rules.count, 1u) << "the render side has no input without channels";
}

TEST(ScriptProcessorNode, AnswersEveryBlockWithWhatTheHandlerWrites) {
  Asked asked(256, 2, 2);
  std::vector<double> times;
  asked.node->onaudioprocess = [&](AudioProcessingEvent& event) {
    times.push_back(event.playbackTime);
    ASSERT_EQ(event.inputBuffer->numberOfChannels(), 2u);
    ASSERT_EQ(event.inputBuffer->length(), 256u);
    EXPECT_EQ(event.inputBuffer->sampleRate(), 48000);
    for (std::uint32_t c = 0; c < 2; ++c) {
      const auto in = event.inputBuffer->channel(c);
      auto out = event.outputBuffer->getChannelData(1 - c);
      for (std::size_t i = 0; i < in.size(); ++i) out[i] = 2 * in[i];
    }
  };
  std::vector<float> samples(512);
  for (std::size_t i = 0; i < samples.size(); ++i) samples[i] = static_cast<float>(i);
  asked.say(asked.block(1, 2, 0.25), samples);
  asked.say(asked.block(2, 2, 0.5), samples);
  asked.context->dispatch();
  EXPECT_EQ(times, (std::vector<double>{0.25, 0.5}));
  const auto answers = asked.takeAnswers();
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_EQ(answers[0].header.sequence, 1u);
  EXPECT_EQ(answers[1].header.sequence, 2u);
  ASSERT_EQ(answers[1].samples.size(), 512u);
  EXPECT_EQ(answers[1].samples[0], 512.0f);
  EXPECT_EQ(answers[1].samples[256 + 3], 6.0f);
}

TEST(ScriptProcessorNode, WithoutAHandlerItAnswersSilence) {
  Asked asked(256, 1, 1);
  asked.say(asked.block(1, 1), std::vector<float>(256));
  asked.context->dispatch();
  const auto answers = asked.takeAnswers();
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers[0].header.channels, 0u);
}

TEST(ScriptProcessorNode, AHandlerThatThrowsStillAnswers) {
  Asked asked(256, 0, 1);
  asked.node->onaudioprocess = [](AudioProcessingEvent& event) {
    event.outputBuffer->getChannelData(0)[7] = 3;
    throw std::runtime_error("no");
  };
  asked.say(asked.block(1, 0));
  EXPECT_THROW(asked.context->dispatch(), std::runtime_error);
  EXPECT_EQ(asked.takeAnswers().at(0).samples.at(7), 3);
}

TEST(ScriptProcessorNode, WhatTheHandlerChangesIsCommittedBeforeItsAnswer) {
  Asked asked(256, 0, 1);
  asked.node->onaudioprocess = [&](AudioProcessingEvent&) { asked.context->createGain(); };
  asked.context->dispatch();
  const std::size_t before = asked.context.record->count<render::CreateNode>();
  asked.say(asked.block(1, 0));
  asked.context->dispatchOne();
  EXPECT_EQ(asked.context.record->count<render::CreateNode>(), before + 1);
}

TEST(ScriptProcessorNode, RefusesRequestsThatMakeNoSense) {
  Asked asked(256, 1, 1);
  std::uint32_t heard = 0;
  asked.node->onaudioprocess = [&](AudioProcessingEvent&) { ++heard; };
  const std::vector<float> samples(256);
  asked.say(asked.block(5, 1), samples);
  asked.say(asked.block(5, 1), samples);
  asked.say(asked.block(4, 1), samples);
  asked.say(asked.block(6, 2), samples);
  asked.say(asked.block(6, 1), std::vector<float>(255));
  asked.say(asked.block(6, 1), std::vector<float>(512));
  asked.say(asked.block(6, 1, -1), samples);
  asked.say(asked.block(6, 1, std::nan("")), samples);
  asked.say(asked.block(6, 1, std::numeric_limits<double>::infinity()), samples);
  ExchangeRequest other = asked.block(6, 1);
  other.kind = 77;
  asked.say(other, samples);
  other = asked.block(6, 1);
  other.frames = 0xffffffff;
  asked.say(other, samples);
  const std::byte one[1] = {};
  asked.requests.tryWrite(one);
  asked.context->dispatch();
  EXPECT_EQ(heard, 1u);
  EXPECT_EQ(asked.node->refusedRequests(), 11u);
  asked.say(asked.block(6, 1), samples);
  asked.context->dispatch();
  EXPECT_EQ(heard, 2u);
  EXPECT_EQ(asked.takeAnswers().size(), 2u);
}

TEST(ScriptProcessorNode, TellsHowManyBlocksWereMissed) {
  Asked asked(256, 0, 1);
  ExchangeRequest request = asked.block(1, 0);
  request.missed = 17;
  asked.say(request);
  asked.context->dispatch();
  EXPECT_EQ(asked.node->missedBlocks(), 17u);
}

TEST(ScriptProcessorNode, IsKeptWhileItIsConnected) {
  Asked asked(256, 0, 1);
  std::uint32_t heard = 0;
  asked.node->onaudioprocess = [&](AudioProcessingEvent&) { ++heard; };
  const std::weak_ptr<ScriptProcessorNode> weak = asked.node;
  asked.node->connect(asked.context->destination());
  asked.say(asked.block(1, 0));
  asked.node.reset();
  asked.context->dispatch();
  EXPECT_EQ(heard, 1u);
  ASSERT_FALSE(weak.expired());
  asked.say({.sequence = 1, .kind = ExchangeRequest::unconnected});
  asked.context->dispatch();
  EXPECT_TRUE(weak.expired());
  asked.context->dispatch();
  EXPECT_EQ(asked.context.record->all<render::SetField>().back().second.value, 0) << "nobody is asked any more";
  EXPECT_EQ(asked.context.record->count<render::ReleaseResource>(), 1u);
}

TEST(ScriptProcessorNode, IsNotKeptForNobody) {
  Asked asked(256, 0, 1);
  const std::weak_ptr<ScriptProcessorNode> weak = asked.node;
  asked.node->connect(asked.context->destination());
  asked.node->setHeard(false);
  asked.node.reset();
  EXPECT_TRUE(weak.expired());
}

TEST(ScriptProcessorNode, GoesWithItsContext) {
  Asked asked(256, 1, 1);
  asked.node->connect(asked.context->destination());
  asked.context.owner.reset();
  EXPECT_EQ(asked.node.use_count(), 1);
}

}  // namespace
}  // namespace backline::test

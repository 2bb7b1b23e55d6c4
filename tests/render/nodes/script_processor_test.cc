#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "render/nodes/list.h"
#include "render/nodes/script_blocks.h"
#include "render/records.h"
#include "tests/render/nodes/node_harness.h"

namespace backline::test {
namespace {

using namespace render;

constexpr float kRate = 48000;
constexpr std::uint32_t kExchangeField = 3;

float ramp(std::uint32_t channel, double frame) { return static_cast<float>(frame + 1) + static_cast<float>(channel) * 100'000; }

struct Asked {
  ExchangeRequest header;
  std::vector<float> samples;
};

/// A node, its exchange, and the program's ends of it.
struct Script {
  Script(std::uint32_t frames, std::uint32_t inputs, std::uint32_t outputs, std::uint32_t quantum = 128, std::uint32_t ringBytes = 1 << 20)
      : shape{frames, inputs, outputs, quantum, kRate},
        requestMemory(transport::createBlockStream("test", ringBytes)),
        answerMemory(transport::createBlockStream("test", 1 << 20)),
        exchange(std::make_shared<Exchange>(again(requestMemory), again(answerMemory), transport::NotifyFd())),
        requests(again(requestMemory)),
        answers(again(answerMemory)),
        node(kScriptProcessor, kRate, quantum, 32) {
    const std::array<Field, 4> fields{{{static_cast<double>(frames)}, {static_cast<double>(inputs)}, {static_cast<double>(outputs)}, {1, exchange.get()}}};
    prepared = kScriptProcessor.prepare({kRate, quantum}, kExchangeField, fields);
    node.field(kExchangeField, prepared.get());
  }
  static transport::SharedMemory again(const transport::SharedMemory& memory) { return transport::SharedMemory::map(memory.fd().duplicate()); }

  std::vector<Asked> takeRequests() {
    std::vector<Asked> all;
    std::vector<std::byte> record;
    while (requests.read(record) == transport::BlockReader::Result::message) {
      Asked& asked = all.emplace_back();
      std::memcpy(&asked.header, record.data(), sizeof asked.header);
      asked.samples.resize((record.size() - sizeof asked.header) / sizeof(float));
      std::memcpy(asked.samples.data(), record.data() + sizeof asked.header, asked.samples.size() * sizeof(float));
    }
    return all;
  }
  bool answer(ExchangeAnswer header, const std::vector<float>& samples) {
    std::vector<std::byte> record(sizeof header + samples.size() * sizeof(float));
    std::memcpy(record.data(), &header, sizeof header);
    if (!samples.empty()) std::memcpy(record.data() + sizeof header, samples.data(), samples.size() * sizeof(float));
    return answers.tryWrite(record);
  }
  /// The program: plays back what was heard, in as many channels as are played.
  void echo(float gain = 1) {
    for (const Asked& asked : takeRequests()) {
      if (asked.header.kind != ExchangeRequest::block) continue;
      std::vector<float> samples(std::size_t{shape.outputs} * shape.frames);
      for (std::size_t i = 0; i < std::min(samples.size(), asked.samples.size()); ++i) samples[i] = gain * asked.samples[i];
      ASSERT_TRUE(answer({asked.header.sequence, shape.outputs, shape.frames}, samples));
    }
  }
  ScriptBlocks& blocks() { return static_cast<ScriptBlocks&>(*prepared); }
  /// `count` frames of a channel, the program answering between quanta.
  std::vector<float> play(std::size_t count, std::uint32_t channel = 0) {
    std::vector<float> all;
    while (all.size() < count) {
      node.step();
      const float* samples = node.output().channel(channel);
      all.insert(all.end(), samples, samples + shape.quantum);
      echo();
    }
    all.resize(count);
    return all;
  }

  const ScriptShape shape;
  transport::SharedMemory requestMemory, answerMemory;
  std::shared_ptr<Exchange> exchange;
  transport::BlockReader requests;
  transport::BlockWriter answers;
  std::shared_ptr<Resource> prepared;
  NodeHarness node;
};

TEST(ScriptProcessor, WhatIsHeardIsPlayedTwoBlocksLaterWhateverTheQuantum) {
  for (const std::uint32_t quantum : {128u, 64u, 256u, 1u, 137u}) {
    Script script(256, 2, 2, quantum);
    script.node.input(2, ramp);
    const auto out = script.play(4000, 1);
    for (std::size_t i = 0; i < out.size(); ++i) {
      const float expected = i < 512 ? 0 : ramp(1, static_cast<double>(i - 512));
      ASSERT_EQ(out[i], expected) << "frame " << i << ", quantum " << quantum;
    }
    EXPECT_EQ(script.blocks().missed(), 0u);
  }
}

TEST(ScriptProcessor, AQuantumLongerThanABlockDelaysByItsBlocks) {
  Script script(256, 1, 1, 1000);
  script.node.input(1, ramp);
  const std::size_t latency = 256 + 4 * 256;
  const auto out = script.play(8000);
  for (std::size_t i = 0; i < out.size(); ++i)
    ASSERT_EQ(out[i], i < latency ? 0 : ramp(0, static_cast<double>(i - latency))) << "frame " << i;
  EXPECT_EQ(script.blocks().missed(), 0u);
}

TEST(ScriptProcessor, AsksForEveryBlockWithTheTimeItWillBePlayedAt) {
  Script script(512, 2, 1);
  script.node.input(2, ramp);
  for (int i = 0; i < 12; ++i) script.node.step();
  const auto asked = script.takeRequests();
  ASSERT_EQ(asked.size(), 3u);
  for (std::uint32_t n = 0; n < 3; ++n) {
    const ExchangeRequest& header = asked[n].header;
    EXPECT_EQ(header.sequence, n + 1);
    EXPECT_EQ(header.kind, ExchangeRequest::block);
    EXPECT_EQ(header.channels, 2u);
    EXPECT_EQ(header.frames, 512u);
    EXPECT_DOUBLE_EQ(header.playbackTime, (n + 2) * 512 / static_cast<double>(kRate)) << "seconds";
    ASSERT_EQ(asked[n].samples.size(), 1024u);
    for (std::size_t i = 0; i < 512; ++i) {
      ASSERT_EQ(asked[n].samples[i], ramp(0, static_cast<double>(n * 512 + i)));
      ASSERT_EQ(asked[n].samples[512 + i], ramp(1, static_cast<double>(n * 512 + i)));
    }
  }
}

TEST(ScriptProcessor, AsksAndPlaysWithoutChannelsOnOneSide) {
  Script source(256, 0, 2);
  std::vector<float> samples(512, 0.5f);
  for (int i = 0; i < 8; ++i) {
    source.node.step();
    for (const Asked& asked : source.takeRequests()) {
      EXPECT_EQ(asked.header.channels, 0u);
      EXPECT_TRUE(asked.samples.empty());
      source.answer({asked.header.sequence, 2, 256}, samples);
    }
  }
  EXPECT_EQ(source.node.output().channels, 2);
  EXPECT_EQ(source.node.output().channel(1)[0], 0.5f);

  Script sink(256, 1, 0);
  sink.node.input(1, ramp);
  sink.play(2000);
  EXPECT_EQ(sink.node.output().channels, 1);
  EXPECT_TRUE(sink.node.output().silent);
  EXPECT_EQ(sink.blocks().refused(), 0u);
  EXPECT_EQ(sink.blocks().missed(), 0u);
}

TEST(ScriptProcessor, ALateAnswerIsSilenceIsCountedAndTheNextOnesPlayOnTime) {
  Script script(256, 1, 1);
  script.node.input(1, ramp);
  script.play(1024);
  // The program sleeps for five blocks, then answers all of them.
  std::vector<float> asleep;
  for (int i = 0; i < 10; ++i) {
    script.node.step();
    asleep.insert(asleep.end(), script.node.output().channel(0), script.node.output().channel(0) + 128);
  }
  EXPECT_EQ(std::count(asleep.begin(), asleep.begin() + 512, 0.0f), 0) << "frames of silence while there are answers";
  EXPECT_EQ(std::count(asleep.begin() + 512, asleep.end(), 0.0f), 768) << "frames of silence";
  EXPECT_EQ(script.blocks().missed(), 3u);
  script.echo();
  const std::uint64_t from = script.node.frame();
  const auto out = script.play(2000);
  for (std::size_t i = 0; i < out.size(); ++i)
    ASSERT_EQ(out[i], ramp(0, static_cast<double>(from + i) - 512)) << "frame " << i << " after it woke";
  EXPECT_EQ(script.blocks().refused(), 3u) << "the late ones";
  EXPECT_EQ(script.blocks().missed(), 3u);
}

TEST(ScriptProcessor, TheProgramIsToldHowManyBlocksWereMissed) {
  Script script(256, 1, 1);
  for (int i = 0; i < 10; ++i) script.node.step();
  const auto asked = script.takeRequests();
  ASSERT_EQ(asked.size(), 5u);
  EXPECT_EQ(asked[1].header.missed, 0u);
  EXPECT_EQ(asked[4].header.missed, 3u);
}

TEST(ScriptProcessor, AProgramThatNeverComesLosesBlocksAndNothingElse) {
  Script script(256, 1, 1, 128, 4096);
  script.node.input(1, ramp);
  for (int i = 0; i < 200; ++i) script.node.step();
  EXPECT_GT(script.blocks().unasked(), 90u);
  EXPECT_TRUE(script.node.output().silent);
  const auto asked = script.takeRequests();
  ASSERT_FALSE(asked.empty());
  EXPECT_EQ(asked[0].header.sequence, 1u);
  for (int i = 0; i < 2; ++i) script.node.step();
  EXPECT_EQ(script.takeRequests().at(0).header.sequence, 101u) << "the blocks that were dropped keep their numbers";
}

TEST(ScriptProcessor, RefusesAnswersThatMakeNoSense) {
  const auto refusedOf = [](ExchangeAnswer header, std::size_t samples) {
    Script script(256, 1, 1);
    script.node.step();
    script.node.step();
    script.answer(header, std::vector<float>(samples, 9));
    script.node.step();
    for (int i = 0; i < 8; ++i) {
      script.node.step();
      EXPECT_TRUE(script.node.output().silent);
    }
    EXPECT_FALSE(script.exchange->answers.corrupt());
    return script.blocks().refused();
  };
  EXPECT_EQ(refusedOf({0, 1, 256}, 256), 1u) << "no sequence";
  EXPECT_EQ(refusedOf({2, 1, 256}, 256), 1u) << "not asked yet";
  EXPECT_EQ(refusedOf({~0ull, 1, 256}, 256), 1u);
  EXPECT_EQ(refusedOf({1, 2, 128}, 256), 1u) << "channels";
  EXPECT_EQ(refusedOf({1, 1, 255}, 255), 1u) << "frames";
  EXPECT_EQ(refusedOf({1, 1, 256}, 255), 1u) << "length";
  EXPECT_EQ(refusedOf({1, 0, 256}, 1), 1u) << "silence with samples";
  EXPECT_EQ(refusedOf({1, 0, 0}, 0), 0u) << "silence";
}

TEST(ScriptProcessor, ARecordLongerThanAnyAnswerEndsTheListeningAndTheRestGoesOn) {
  Script script(256, 1, 1);
  script.node.input(1, ramp);
  script.answer({1, 1, 256}, std::vector<float>(4000));
  for (int i = 0; i < 10; ++i) script.node.step();
  EXPECT_TRUE(script.exchange->answers.corrupt());
  EXPECT_TRUE(script.node.output().silent);
  EXPECT_EQ(script.takeRequests().size(), 5u);
}

TEST(ScriptProcessor, AnAnswerGivenTwiceCountsOnce) {
  Script script(256, 1, 1);
  script.node.input(1, ramp);
  script.node.step();
  script.node.step();
  script.answer({1, 1, 256}, std::vector<float>(256, 0.5f));
  script.answer({1, 1, 256}, std::vector<float>(256, 7));
  for (int i = 0; i < 3; ++i) script.node.step();
  EXPECT_EQ(script.node.output().channel(0)[0], 0.5f);
  EXPECT_EQ(script.blocks().refused(), 1u);
}

TEST(ScriptProcessor, TellsOnceThatNothingIsConnectedAndBeginsAnewWhenSomethingIs) {
  Script script(256, 1, 1);
  script.node.input(1, ramp);
  script.play(1280);
  script.node.connected(false);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(script.node.step(), Activity::idle);
  const auto told = script.takeRequests();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].header.kind, ExchangeRequest::unconnected);
  script.node.connected(true);
  const std::uint64_t from = script.node.frame();
  const auto out = script.play(1500);
  for (std::size_t i = 0; i < out.size(); ++i)
    ASSERT_EQ(out[i], i < 512 ? 0 : ramp(0, static_cast<double>(from + i - 512))) << "frame " << i << " after it was connected again";
  EXPECT_EQ(script.blocks().missed(), 0u);
}

TEST(ScriptProcessor, IsIdleWithoutAnExchange) {
  NodeHarness node(kScriptProcessor, kRate);
  EXPECT_EQ(node.input(1, ramp).step(), Activity::idle);
}

TEST(ScriptProcessor, AnExchangeWithoutRoomForABlockIsRefused) { EXPECT_THROW(Script(1024, 2, 2, 128, 4096), RecordError); }

}  // namespace
}  // namespace backline::test

#include "render/records.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>

#include "tests/support/seed.h"

namespace backline::render {
namespace {

std::vector<std::byte> everyCommand() {
  ParamEvent curve;
  curve.kind = dsp::EventKind::setValueCurve;
  curve.curve = {1, 2, 3};
  CreateWorkletNode worklet;
  worklet.processor.name = "echo";
  worklet.processor.outputChannelCount = std::vector<std::uint32_t>{1, 2};
  worklet.processor.options = Message(5, std::byte{7});
  worklet.params = {{"amount", 0.5f, 0, 1, AutomationRate::kRate}, {"time"}};
  const Command all[] = {CreateNode{1, {2}},
                         worklet,
                         ReleaseNode{},
                         Connect{0, 4, 1},
                         Disconnect{0, 4, 1},
                         ConnectParam{0, 4, 2},
                         DisconnectParam{0, 4, 2},
                         SetChannelRules{{5, ChannelCountMode::clampedMax, ChannelInterpretation::discrete}},
                         SetField{2, 0.25},
                         SetSchedule{{1, 2, 3, 4}},
                         curve,
                         ParamCancel{1, 2.5, 1},
                         ParamRate{1, AutomationRate::kRate},
                         CreatePeriodicWave{{0, 1}, {0, 0.5f}, 1},
                         ReleaseResource{},
                         AddModule{{{"file:///a.js", "import 'b'", {{"b", "file:///b.js"}}}, {"file:///b.js", "", {}}}, 1},
                         PortMessage{Message(1000, std::byte{3})},
                         SetRunning{1, 9},
                         CloseSession{10},
                         StartRendering{48000, 2},
                         SuspendAt{256, 3},
                         SetParamValue{1, 0.75f},
                         CreateCurve{{-1, 0.5f}},
                         ResumePlaying{0, {12345, {0.25, 300}, {1, -0.5}}}};
  std::vector<std::byte> bytes;
  std::uint32_t target = 0;
  for (const Command& command : all) encode(bytes, CommandRecord{++target, 42, command});
  encode(bytes, CommandRecord{0, 42, Commit{target}});
  return bytes;
}

TEST(Records, EveryCommandComesBackAsItWas) {
  const std::vector<std::byte> bytes = everyCommand();
  const std::vector<CommandRecord> records = decodeCommands(bytes);
  EXPECT_EQ(records.size(), std::variant_size_v<Command>) << "a command is missing from this test";
  std::vector<std::byte> again;
  for (const CommandRecord& record : records) {
    EXPECT_EQ(record.sequence, 42u);
    encode(again, record);
  }
  EXPECT_EQ(again, bytes);
  EXPECT_EQ(std::get<AddModule>(records[15].body).modules[0].imports[0].second, "file:///b.js");
  EXPECT_EQ(std::get<ParamEvent>(records[10].body).curve, (std::vector<float>{1, 2, 3}));
}

TEST(Records, AnAbsentListIsNotAnEmptyOne) {
  for (const std::optional<std::vector<std::uint32_t>>& counts : {std::optional<std::vector<std::uint32_t>>(), {{}}, {{3, 4}}}) {
    CreateWorkletNode worklet;
    worklet.processor.outputChannelCount = counts;
    std::vector<std::byte> bytes;
    encode(bytes, CommandRecord{1, 1, worklet});
    EXPECT_EQ(std::get<CreateWorkletNode>(decodeCommands(bytes)[0].body).processor.outputChannelCount, counts);
    // After the header, the name's count and the numbers of inputs and outputs.
    const std::uint32_t neither = 2;
    std::memcpy(bytes.data() + 24 + 12, &neither, sizeof neither);
    EXPECT_THROW(decodeCommands(bytes), RecordError);
  }
}

TEST(Records, WhatAModuleDidComesBackAsItWas) {
  std::vector<std::byte> bytes;
  encode(bytes, NoticeRecord{7, 1, ProcessorRegistered{"echo", {{"amount", 0.5f, 0, 1, AutomationRate::kRate}}, 3}});
  encode(bytes, NoticeRecord{7, 2, ModuleEvaluated{0, {"TypeError", "no", "file:///a.js", 2, 5, "at a"}, {{"x", "why"}, {"", ""}}}});
  const std::vector<NoticeRecord> records = decodeNotices(bytes);
  EXPECT_EQ(std::get<ProcessorRegistered>(records.at(0).body).generation, 3u);
  EXPECT_EQ(std::get<ModuleEvaluated>(records.at(1).body).failures.at(0).reason, "why");
  std::vector<std::byte> again;
  for (const NoticeRecord& record : records) encode(again, record);
  EXPECT_EQ(again, bytes);
  bytes.pop_back();
  EXPECT_THROW(decodeNotices(bytes), RecordError);
}

TEST(Records, OneConnectionWithItsCommitStaysUnder256Bytes) {
  std::vector<std::byte> bytes;
  encode(bytes, CommandRecord{1, 1, Connect{0, 2, 0}});
  encode(bytes, CommandRecord{0, 1, Commit{1}});
  EXPECT_LT(bytes.size(), 256u);
}

TEST(Records, ATruncatedMessageIsRefusedWhereverItIsCut) {
  const std::vector<std::byte> bytes = everyCommand();
  std::size_t boundaries = 0;
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    try {
      decodeCommands(std::span(bytes).first(size));
      ++boundaries;   // cut between two records: the missing Commit is the compiler's to notice
    } catch (const RecordError& error) {
      ASSERT_NE(std::string(error.what()).find("record at byte"), std::string::npos);
    }
  }
  EXPECT_EQ(boundaries, std::variant_size_v<Command> - 1);
}

TEST(Records, AnySingleWrongByteIsRefusedOrReadWithoutHarm) {
  const std::vector<std::byte> bytes = everyCommand();
  std::mt19937 random(static_cast<std::uint32_t>(test::seed()));
  std::size_t refused = 0;
  for (int round = 0; round < 20000; ++round) {
    std::vector<std::byte> wrong = bytes;
    wrong[random() % wrong.size()] = static_cast<std::byte>(random());
    try {
      decodeCommands(wrong);
    } catch (const RecordError&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 1000u);
}

TEST(Records, ACountLargerThanTheRecordAllocatesNothing) {
  std::vector<std::byte> bytes;
  encode(bytes, CommandRecord{1, 1, PortMessage{Message(4)}});
  const std::uint32_t huge = 0xfffffff0;
  std::memcpy(bytes.data() + 24, &huge, sizeof huge);
  EXPECT_THROW(decodeCommands(bytes), RecordError);
}

}  // namespace
}  // namespace backline::render

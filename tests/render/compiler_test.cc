// What the compile side refuses, and how the two sides share the work.

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/render/render_side.h"

namespace backline {
namespace {

using namespace render;
using test::Batch;
using test::RenderSide;

std::string refusal(std::vector<CommandRecord> batch) {
  RenderSide side;
  try {
    side.compiler().takeBatch(batch);
  } catch (const RecordError& error) {
    return error.what();
  }
  return "";
}

TEST(Compiler, RefusesWhatNamesNothing) {
  Batch batch;
  EXPECT_NE(refusal(batch.connect(5, 6).take()), "");
  EXPECT_NE(refusal(batch.node(1, kGain).add(1, Connect{3, 1, 0}).take()), "");
  EXPECT_NE(refusal(batch.node(1, kGain).add(1, Connect{0, 1, 2}).take()), "");
  EXPECT_NE(refusal(batch.node(1, kGain).add(1, ConnectParam{0, 1, 1}).take()), "");
  EXPECT_NE(refusal(batch.node(1, kGain).node(1, kGain).take()), "");
  EXPECT_NE(refusal(batch.add(1, CreateNode{9999, {}}).take()), "");
  EXPECT_NE(refusal(batch.node(1, kAudioBufferSource).add(1, SetField{0, 12}).take()), "");
}

TEST(Compiler, RefusesImpossibleValues) {
  Batch batch;
  EXPECT_NE(refusal(batch.node(1, kOscillator).add(1, SetField{0, 17}).take()), "");
  EXPECT_NE(refusal(batch.node(1, kOscillator).add(1, SetField{0, 0.5}).take()), "");
  EXPECT_NE(refusal(batch.node(1, kGain).add(1, SetChannelRules{{33}}).take()), "");
  EXPECT_NE(refusal(batch.node(1, kGain).start(1, 0).take()), "");
  EXPECT_NE(refusal(batch.node(1, kOscillator).start(1, std::nan("")).take()), "");
  EXPECT_NE(refusal(batch.node(1, kGain).setValue(1, 0, 1, std::nan("")).take()), "");
}

TEST(Compiler, RefusesAutomationWithoutAnEnd) {
  constexpr double kNever = std::numeric_limits<double>::infinity();
  Batch batch;
  ParamEvent target, curve;
  target.kind = dsp::EventKind::setTarget;
  target.timeConstant = kNever;
  curve.kind = dsp::EventKind::setValueCurve;
  curve.duration = 1;
  curve.curve = {0, std::numeric_limits<float>::quiet_NaN()};
  EXPECT_NE(refusal(batch.node(1, kGain).add(1, target).take()), "");
  EXPECT_NE(refusal(batch.node(1, kGain).add(1, curve).take()), "");
  EXPECT_NE(refusal(batch.node(1, kGain).add(1, ParamCancel{0, kNever, 0}).take()), "");
  EXPECT_NE(refusal(batch.node(1, kGain).add(1, ParamCancel{0, kNever, 1}).take()), "");
}

TEST(Compiler, RefusesAGraphWhoseBlocksNoMemoryHolds) {
  NoticeQueue queue;
  Executor executor({48000, 65536, 2}, queue);
  Compiler compiler({48000, 65536, nullptr}, executor, queue, [](std::uint32_t, Notice) {});
  CreateWorkletNode wide;
  wide.processor.outputs = 1024;
  wide.processor.outputChannelCount.emplace(1024, kMaxChannels);
  Batch batch;
  compiler.takeBatch(batch.node(1, kDestination).add(2, wide).add(3, wide).take());
  EXPECT_THROW(compiler.submit(), RecordError);
}

TEST(Compiler, ABuffersFieldTakesNoPeriodicWave) {
  Batch batch;
  EXPECT_NE(refusal(batch.add(4, CreatePeriodicWave{{0, 1}, {0, 0}, 0}).node(1, kAudioBufferSource).add(1, SetField{0, 4}).take()), "");
  EXPECT_EQ(refusal(batch.add(4, CreatePeriodicWave{{0, 1}, {0, 0}, 0}).node(1, kOscillator).add(1, SetField{1, 4}).take()), "");
}

TEST(Compiler, ABatchIsOneSequenceEndedByItsCommit) {
  Batch batch;
  auto records = batch.node(1, kGain).node(2, kGain).take();
  auto without = records;
  without.pop_back();
  EXPECT_NE(refusal(without), "");
  auto miscounted = records;
  miscounted.erase(miscounted.begin());
  EXPECT_NE(refusal(miscounted), "");
  auto mixed = records;
  mixed[0].sequence = 77;
  EXPECT_NE(refusal(mixed), "");
  RenderSide side;
  side.compiler().takeBatch(records);
  EXPECT_THROW(side.compiler().takeBatch(records), RecordError) << "the same sequence twice";
}

TEST(Compiler, ABatchReachesTheRenderThreadWhole) {
  RenderSide side;
  Batch batch;
  batch.node(1, kDestination).node(2, kConstantSource).connect(2, 1).start(2, 0);
  side.compiler().takeBatch(batch.take());
  EXPECT_EQ(side.output().silent, true) << "before it is submitted nothing of it may be heard";
  side.settle();
  EXPECT_EQ(side.quantum()[0], 1.0f);
}

TEST(Compiler, AStateSurvivesPlansThatComeAndGo) {
  RenderSide undisturbed(1), disturbed(1);
  Batch first, second;
  for (auto [side, batch] : {std::pair{&undisturbed, &first}, std::pair{&disturbed, &second}})
    side->apply(batch->node(1, kDestination).node(2, kOscillator).connect(2, 1).start(2, 0));
  for (NodeId id = 3; id < 103; ++id) {
    disturbed.apply(second.node(id, kGain).connect(2, id));
    ASSERT_EQ(disturbed.quantum(), undisturbed.quantum()) << "quantum " << id - 3;
  }
}

TEST(Compiler, RetiredAutomationGoesBackToTheThreadThatMadeIt) {
  RenderSide side;
  Batch batch;
  side.apply(batch.node(1, kDestination).node(2, kGain).connect(2, 1));
  for (int i = 0; i < 2000; ++i) {   // leaks are the sanitizer's to find, allocations the guard's
    side.apply(batch.setValue(2, 0, static_cast<float>(i), i * 0.001));
    side.quantum();
  }
}

}  // namespace
}  // namespace backline

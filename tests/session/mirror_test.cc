#include "session/mirror.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <map>
#include <random>
#include <thread>

#include "session/session.h"
#include "tests/session/rig.h"
#include "tests/support/batch.h"
#include "tests/support/seed.h"

namespace backline {
namespace {

using namespace render;
using test::Batch;
using test::kRate;

constexpr std::uint64_t kLength = 9600;

/// Renders one batch of bytes offline, mono.
std::vector<float> render(std::vector<std::byte> bytes, std::uint64_t sequence) {
  const auto session = session::openOffline({.sampleRate = kRate, .channels = 1});
  session->commit(std::move(bytes));
  std::vector<std::byte> start;
  encode(start, CommandRecord{0, sequence, StartRendering{kLength, 1}});
  encode(start, CommandRecord{0, sequence, Commit{1}});
  session->commit(std::move(start));
  for (;;) {
    for (const NoticeRecord& notice : session->takeNotices()) {
      if (const auto* failed = std::get_if<SessionFailed>(&notice.body)) throw std::runtime_error(failed->reason);
      if (!std::holds_alternative<RenderingComplete>(notice.body)) continue;
      const transport::Samples samples = session->takeResult()[0];
      return {samples.get(), samples.get() + kLength};
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

/// A random but legal run of edits.
class Editor {
 public:
  explicit Editor(std::uint32_t seed) : random_(seed) { batch_.node(1, kDestination); }

  void edit() {
    const std::uint32_t kind = pick(9);
    if (kind == 0 || nodes_.size() < 3) {
      const NodeId id = next_++;
      const bool source = pick(2) == 0;
      batch_.node(id, source ? kOscillator : kGain);
      if (source) batch_.start(id, time(), 0.1 + time());
      nodes_.push_back({id, source});
      return;
    }
    const auto& [id, source] = nodes_[pick(static_cast<std::uint32_t>(nodes_.size()))];
    const auto& [other, otherSource] = nodes_[pick(static_cast<std::uint32_t>(nodes_.size()))];
    ParamEvent event;
    event.time = time();
    event.value = 0.1f + static_cast<float>(pick(100)) / 100;
    if (source) event.value *= 900;
    switch (kind) {
      case 1:
        batch_.connect(id, 1);
        break;
      case 2:
        if (!otherSource && id < other) batch_.connect(id, other);
        break;
      case 3:
        batch_.add(id, Disconnect{0, 1, 0});
        break;
      case 4:
        event.kind = dsp::EventKind::setValue;
        batch_.add(id, event);
        break;
      case 5:
        event.kind = pick(2) ? dsp::EventKind::linearRamp : dsp::EventKind::exponentialRamp;
        batch_.add(id, event);
        break;
      case 6:
        event.kind = dsp::EventKind::setTarget;
        event.timeConstant = 0.02;
        batch_.add(id, event);
        break;
      case 7:
        batch_.add(id, ParamCancel{0, time(), 0});
        break;
      case 8:
        if (source) batch_.add(id, SetField{0, static_cast<double>(pick(4))});
        break;
    }
  }
  std::vector<CommandRecord> take() { return batch_.take(); }

 private:
  std::uint32_t pick(std::uint32_t count) { return random_() % count; }
  double time() { return pick(1000) / 10000.0; }

  std::mt19937 random_;
  Batch batch_;
  std::vector<std::pair<NodeId, bool>> nodes_;
  NodeId next_ = 2;
};

TEST(Mirror, WhatItRebuildsSoundsLikeWhatEveryBatchMade) {
  const auto seed = static_cast<std::uint32_t>(test::seed());
  for (std::uint32_t round = 0; round < 40; ++round) {
    SCOPED_TRACE("seed " + std::to_string(seed) + ", round " + std::to_string(round));
    Editor editor(seed + round);
    session::Mirror mirror(kRate);
    for (int i = 0; i < 60; ++i) editor.edit();
    const std::vector<CommandRecord> batch = editor.take();
    mirror.take(batch);
    std::vector<std::byte> bytes;
    for (const CommandRecord& record : batch) encode(bytes, record);
    ASSERT_EQ(render(bytes, 100), render(mirror.rebuild({}, 0), 100));
  }
}

TEST(Mirror, KeepsFieldsThatAreNumbersNoIdCouldBe) {
  constexpr std::uint32_t kLoopStart = 2, kLoopEnd = 3;
  session::Mirror mirror(kRate);
  Batch batch;
  batch.node(1, kDestination).node(2, kAudioBufferSource).add(2, SetField{kLoopStart, -1}).add(2, SetField{kLoopEnd, std::numeric_limits<double>::infinity()});
  mirror.take(batch.take());
  std::map<std::uint32_t, double> fields;
  for (const CommandRecord& record : decodeCommands(mirror.rebuild({}, 0)))
    if (const auto* set = std::get_if<SetField>(&record.body)) fields[set->field] = set->value;
  EXPECT_EQ(fields, (std::map<std::uint32_t, double>{{kLoopStart, -1}, {kLoopEnd, std::numeric_limits<double>::infinity()}}));
}

TEST(Mirror, ForgetsNodesThatNobodyCanHearAnyMore) {
  session::Mirror mirror(kRate);
  Batch batch;
  mirror.take(batch.node(1, kDestination).take());
  for (NodeId id = 2; id < 1002; ++id) {
    mirror.take(batch.node(id, kOscillator).connect(id, 1).start(id, 0, 0.1).add(id, ReleaseNode{}).take());
    mirror.hear({id, 0, Ended{}});
  }
  mirror.take(batch.take());
  EXPECT_LE(mirror.nodes(), 2u);
}

TEST(Mirror, WhatANodeWasSentBeforeItWasLetGoOfComesBeforeItIs) {
  session::Mirror mirror(kRate);
  Batch batch;
  mirror.take(batch.node(1, kDestination).node(2, kOscillator).connect(2, 1).start(2, 0).add(2, PortMessage{Message(3)}).take());
  mirror.take(batch.add(2, ReleaseNode{}).take());
  const std::vector<CommandRecord> rebuilt = decodeCommands(mirror.rebuild({}, 0));
  const auto place = [&]<class T>(T) { return std::find_if(rebuilt.begin(), rebuilt.end(), [](const auto& record) { return std::holds_alternative<T>(record.body); }); };
  ASSERT_NE(place(PortMessage{}), rebuilt.end());
  ASSERT_NE(place(ReleaseNode{}), rebuilt.end());
  EXPECT_LT(place(PortMessage{}), place(ReleaseNode{}));
}

TEST(Mirror, ForgetsWavesThatNoNodeHoldsAnyMoreHoweverTheyWereReleased) {
  session::Mirror mirror(kRate);
  Batch batch;
  mirror.take(batch.node(1, kDestination).node(2, kOscillator).connect(2, 1).start(2, 0).take());
  const std::uint32_t wave = 1;   // the oscillator's field
  for (ResourceId id = 10; id < 1010; ++id) {
    mirror.take(batch.add(id, CreatePeriodicWave{{0, 1}, {0, 0}, 0}).add(2, SetField{wave, static_cast<double>(id)}).add(id, ReleaseResource{}).take());
    ASSERT_LE(mirror.recorded(), 1u) << "one is held, the others were let go";
  }
  mirror.take(batch.add(2, ReleaseNode{}).take());
  EXPECT_EQ(mirror.recorded(), 1u) << "the node plays on";
  mirror.hear({2, 0, Ended{}});
  mirror.take(batch.take());
  EXPECT_EQ(mirror.recorded(), 0u);
}

TEST(Mirror, KeepsTheCurveOfAWaveShaper) {
  constexpr std::uint32_t kCurve = 0, kOversample = 1;
  session::Mirror mirror(kRate);
  Batch batch;
  batch.node(1, kDestination).node(2, kConstantSource).node(3, kWaveShaper).connect(2, 3).connect(3, 1).start(2, 0).add(9, CreateCurve{{0, 0.25f, 0.5f}});
  batch.add(3, SetField{kCurve, 9}).add(3, SetField{kOversample, 2}).add(9, ReleaseResource{});
  mirror.take(batch.take());
  EXPECT_EQ(mirror.recorded(), 1u);
  EXPECT_TRUE(mirror.resources().empty());
  const std::vector<float> out = render(mirror.rebuild({}, 0), 100);
  EXPECT_EQ(out[0], 0) << "oversampled: there is latency";
  EXPECT_NEAR(out[kLength - 1], 0.5f, 1e-6f);
  mirror.take(batch.add(3, SetField{kCurve, 0}).take());
  EXPECT_EQ(mirror.recorded(), 0u);
}

TEST(Mirror, SaysWhichBuffersItsNodesNeedAndLeavesOutThoseThatAreNotThere) {
  session::Mirror mirror(kRate);
  Batch batch;
  batch.node(1, kDestination).node(2, kAudioBufferSource).node(3, kConstantSource).connect(2, 1).connect(3, 1);
  batch.add(2, SetField{0, 77}).start(2, 0).start(3, 0).setValue(3, 0, 0.25f, 0).add(77, ReleaseResource{});
  mirror.take(batch.take());
  const std::map<ResourceId, ResourceKind> expected{{77, ResourceKind::audioBuffer}};
  EXPECT_EQ(mirror.resources(), expected);
  // Without the buffer the rest still plays.
  EXPECT_EQ(render(mirror.rebuild({}, 0), 100), std::vector<float>(kLength, 0.25f));
  EXPECT_GT(mirror.rebuild({77}, 0).size(), mirror.rebuild({}, 0).size());
  mirror.take(batch.add(2, SetField{0, 0}).take());
  EXPECT_TRUE(mirror.resources().empty());
}

TEST(Mirror, NamesTheNodeThatARecordSpeaksOfInVain) {
  session::Mirror mirror(kRate);
  Batch batch;
  mirror.take(batch.node(1, kDestination).take());
  for (const Command& command : {Command(SetField{0, 1}), Command(SetSchedule{}), Command(ParamEvent{}), Command(ParamRate{}), Command(SetChannelRules{})}) {
    try {
      mirror.take(batch.add(4711, command).take());
      ADD_FAILURE() << "it was taken";
    } catch (const RecordError& error) {
      EXPECT_NE(std::string(error.what()).find("4711"), std::string::npos) << error.what();
    }
  }
}

/// The sources of the modules that a mirror would have evaluated, in order.
std::vector<std::string> modulesOf(session::Mirror& mirror) {
  std::vector<std::string> sources;
  for (const CommandRecord& record : decodeCommands(mirror.rebuild({}, 0)))
    if (const auto* module = std::get_if<AddModule>(&record.body)) sources.push_back(module->modules[0].source);
  return sources;
}

TEST(Mirror, HasAReplacedModuleInThePlaceOfTheOneBeforeOnceItHasSucceeded) {
  session::Mirror mirror(kRate);
  Batch batch;
  const auto add = [&](std::uint32_t request, const char* url, const char* source, std::uint32_t replace) {
    mirror.take(batch.add(request, AddModule{{{url, source, {}}}, replace}).take());
  };
  const auto answer = [&](std::uint32_t request, std::uint32_t succeeded) { mirror.hear({request, 0, ModuleEvaluated{succeeded, {}, {}}}); };
  add(1, "file:///a.js", "a1", 0);
  add(2, "file:///b.js", "b1", 0);
  answer(1, 1);
  answer(2, 1);
  add(3, "file:///a.js", "a2", 1);
  EXPECT_EQ(modulesOf(mirror), (std::vector<std::string>{"a1", "b1", "a2"})) << "not answered yet: it is evaluated again";
  answer(3, 1);
  EXPECT_EQ(modulesOf(mirror), (std::vector<std::string>{"a2", "b1"}));
  add(4, "file:///b.js", "typo(", 1);
  answer(4, 0);
  add(5, "file:///c.js", "c1", 1);
  answer(5, 1);
  EXPECT_EQ(modulesOf(mirror), (std::vector<std::string>{"a2", "b1", "c1"}));
}

TEST(Mirror, StaysClosed) {
  session::Mirror mirror(kRate);
  Batch batch;
  mirror.take(batch.node(1, kDestination).run(3).take());
  mirror.take(batch.add(0, CloseSession{4}).take());
  const std::vector<CommandRecord> rebuilt = decodeCommands(mirror.rebuild({}, 0));
  EXPECT_TRUE(std::any_of(rebuilt.begin(), rebuilt.end(), [](const auto& record) { return std::holds_alternative<CloseSession>(record.body); }));
  EXPECT_TRUE(std::none_of(rebuilt.begin(), rebuilt.end(), [](const auto& record) { return std::holds_alternative<SetRunning>(record.body); }));
}

TEST(Mirror, FoldsAutomationThatHasPassedWithoutChangingWhatIsToCome) {
  for (const dsp::EventKind last : {dsp::EventKind::setValue, dsp::EventKind::linearRamp, dsp::EventKind::exponentialRamp, dsp::EventKind::setTarget}) {
    session::Mirror mirror(kRate);
    Batch batch;
    batch.node(1, kDestination).node(2, kConstantSource).connect(2, 1).start(2, 0);
    for (int i = 0; i < 100; ++i) batch.setValue(2, 0, 0.2f + 0.001f * static_cast<float>(i), i * 0.0005);
    ParamEvent event;
    event.kind = last;
    event.time = last == dsp::EventKind::setTarget ? 0.05 : 0.18;
    event.value = 0.9f;
    event.timeConstant = 0.05;
    const std::vector<CommandRecord> records = batch.add(2, event).take();
    mirror.take(records);
    const std::vector<float> whole = render(mirror.rebuild({}, 0), 100);
    const std::size_t before = mirror.rebuild({}, 0).size();
    mirror.forgetBefore(4800);
    EXPECT_LT(mirror.rebuild({}, 0).size(), before / 4) << "nothing was folded";
    const std::vector<float> folded = render(mirror.rebuild({}, 0), 100);
    for (std::size_t i = 4800; i < kLength; ++i) ASSERT_NEAR(folded[i], whole[i], 1e-5) << "frame " << i;
  }
}

}  // namespace
}  // namespace backline

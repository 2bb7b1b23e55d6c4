// A render side that is built anew from the mirror goes on where the one before was.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>

#include "session/mirror.h"
#include "tests/render/nodes/node_harness.h"
#include "tests/render/render_side.h"
#include "tests/support/seed.h"

namespace backline {
namespace {

using namespace render;
using test::Batch;
using test::MemoryBuffer;
using test::RenderSide;

constexpr std::uint32_t kQuantum = RenderSide::kQuantum;
constexpr ResourceId kSound = 500;
enum Field { kBuffer, kLoop, kLoopStart, kLoopEnd };
enum Param { kFirst, kDetune };

/// A render side with the mirror that follows it.
class Followed {
 public:
  Followed() { side_->compiler().bind(kSound, sound_); }

  void apply(Batch& batch) {
    const std::vector<CommandRecord> records = batch.take();
    side_->apply(records);
    mirror.take(records, frame);
  }
  std::vector<float> quantum() {
    const std::vector<float> out = side_->quantum();
    frame += kQuantum;
    listen();
    return out;
  }
  std::vector<float> quanta(int count) {
    std::vector<float> all;
    for (int i = 0; i < count; ++i) {
      const std::vector<float> out = quantum();
      all.insert(all.end(), out.begin(), out.end());
    }
    return all;
  }
  /// As after the death of a render host. `at`: the first frame of the one that takes its place.
  void replace(std::uint64_t at) {
    side_ = std::make_unique<RenderSide>(2, nullptr, nullptr, at);
    side_->compiler().bind(kSound, sound_);
    side_->apply(decodeCommands(mirror.rebuild({kSound}, at)));
    frame = at;
    listen();
  }
  void replace() { replace(frame); }

  session::Mirror mirror{RenderSide::kRate, kQuantum};
  std::uint64_t frame = 0;
  std::vector<NodeId> ended;

 private:
  void listen() {
    for (const NoticeRecord& notice : side_->notices) {
      if (std::holds_alternative<Ended>(notice.body)) ended.push_back(notice.target);
      mirror.hear(notice);
    }
    side_->notices.clear();
  }

  const std::shared_ptr<MemoryBuffer> sound_ = std::make_shared<MemoryBuffer>(noise());
  std::unique_ptr<RenderSide> side_ = std::make_unique<RenderSide>();

  static MemoryBuffer noise() {
    std::mt19937 random(1);
    std::vector<float> samples(20000);
    for (float& sample : samples) sample = static_cast<float>(static_cast<std::int32_t>(random())) * 0x1p-33f;
    return MemoryBuffer({samples}, 44100);
  }
};

double decibels(const std::vector<float>& difference, const std::vector<float>& signal) {
  double error = 0, power = 1e-20;
  for (std::size_t i = 0; i < signal.size(); ++i) error += std::pow(difference[i] - signal[i], 2), power += std::pow(signal[i], 2);
  return 10 * std::log10(error / power + 1e-30);
}

ParamEvent event(std::uint32_t param, dsp::EventKind kind, double time, float value) {
  ParamEvent event{.param = param, .kind = kind, .time = time, .value = value, .timeConstant = 0.01, .duration = 0.02};
  if (kind == dsp::EventKind::setValueCurve) event.curve = {value, value * 0.5f, value * 1.5f};
  return event;
}

/// Sources, gains and automation of all kinds, in batches over time, as a program could have made them.
class Program {
 public:
  explicit Program(std::uint32_t seed) : random_(seed) {}

  Batch& begin() { return batch_.node(1, kDestination); }
  Batch& edit(std::uint64_t frame) {
    now_ = static_cast<double>(frame) / RenderSide::kRate;
    const std::uint32_t kind = pick(6);
    if (kind < 3 || nodes_.empty()) {
      source();
    } else if (kind == 3) {
      const NodeId id = one();
      const float value = 0.5f + number(0, 1);
      batch_.add(id, SetParamValue{kFirst, value}).add(id, event(kFirst, dsp::EventKind::setValue, now_, value));
    } else if (kind == 4) {
      const auto [id, schedule] = schedules_[pick(static_cast<std::uint32_t>(schedules_.size()))];
      Schedule stopped = schedule;
      stopped.stop = std::max(0.0, now_ + number(-0.01f, 0.05f));
      batch_.add(id, SetSchedule{stopped});
    } else {
      batch_.add(one(), ParamCancel{kFirst, now_ + number(0, 0.04f), pick(2)});
    }
    return batch_;
  }

 private:
  std::uint32_t pick(std::uint32_t count) { return random_() % count; }
  float number(float low, float high) { return std::uniform_real_distribution<float>(low, high)(random_); }
  NodeId one() { return nodes_[pick(static_cast<std::uint32_t>(nodes_.size()))]; }

  void source() {
    const NodeDeclaration* const types[] = {&kOscillator, &kAudioBufferSource, &kConstantSource};
    const NodeDeclaration& type = *types[pick(3)];
    const NodeId id = next_++, gain = next_++;
    batch_.node(id, type).node(gain, kGain).connect(id, gain).connect(gain, 1);
    Schedule schedule;
    if (pick(2)) schedule.start = pick(2) ? 0 : now_ + number(0, 0.03f);
    else schedule.start = now_;
    if (pick(3) == 0) schedule.stop = now_ + number(0, 0.1f);
    if (&type == &kOscillator) batch_.add(id, SetField{0, static_cast<double>(pick(4))});
    if (&type == &kAudioBufferSource) {
      batch_.add(id, SetField{kBuffer, kSound}).add(id, SetField{kLoop, static_cast<double>(pick(2))});
      if (pick(2)) batch_.add(id, SetField{kLoopStart, 0.01}).add(id, SetField{kLoopEnd, number(0.02f, 0.4f)});
      if (pick(2)) schedule.offset = number(0, 0.3f);
      if (pick(3) == 0) schedule.duration = number(0, 0.2f);
    }
    const float base = &type == &kOscillator ? 500 : 1;
    automate(id, kFirst, base);
    if (&type != &kConstantSource && pick(2)) automate(id, kDetune, 300);
    automate(gain, kFirst, 0.25f);
    batch_.add(id, SetSchedule{schedule});
    nodes_.insert(nodes_.end(), {id, gain});
    schedules_.push_back({id, schedule});
  }

  void automate(NodeId id, std::uint32_t param, float base) {
    double time = now_;
    batch_.add(id, event(param, dsp::EventKind::setValue, time, base * number(0.5f, 1.5f)));
    if (pick(4) == 0) batch_.add(id, event(param, dsp::EventKind::setTarget, time, base * number(0.5f, 1.5f)));
    for (std::uint32_t i = pick(5); i > 0; --i) {
      time += 0.021 + number(0, 0.03f);   // longer than a curve
      batch_.add(id, event(param, static_cast<dsp::EventKind>(pick(5)), time, base * number(0.5f, 1.5f)));
    }
  }

  std::mt19937 random_;
  Batch batch_;
  double now_ = 0;
  NodeId next_ = 2;
  std::vector<NodeId> nodes_;
  std::vector<std::pair<NodeId, Schedule>> schedules_;
};

TEST(MirrorResume, FromAnyQuantumOnTheSamplesAreThoseOfAnUndisturbedRender) {
  const auto seed = static_cast<std::uint32_t>(test::seed());
  for (std::uint32_t round = 0; round < 150; ++round) {
    SCOPED_TRACE("seed " + std::to_string(seed) + ", round " + std::to_string(round));
    Program programs[] = {Program(seed + round), Program(seed + round)};
    std::mt19937 random(seed + round);
    Followed undisturbed, replaced;
    undisturbed.apply(programs[0].begin());
    replaced.apply(programs[1].begin());
    const std::uint32_t at = 1 + random() % 40, again = random() % 60;
    for (std::uint32_t quantum = 0; quantum < 60; ++quantum) {
      if (quantum < 50 && random() % 3 == 0) {
        undisturbed.apply(programs[0].edit(undisturbed.frame));
        replaced.apply(programs[1].edit(replaced.frame));
      }
      if (random() % 8 == 0) replaced.mirror.forgetBefore(replaced.frame);
      if (quantum == at || quantum == again) replaced.replace();
      ASSERT_EQ(undisturbed.quantum(), replaced.quantum()) << "quantum " << quantum << ", replaced at " << at << " and " << again;
    }
    std::sort(undisturbed.ended.begin(), undisturbed.ended.end());
    std::sort(replaced.ended.begin(), replaced.ended.end());
    EXPECT_EQ(undisturbed.ended, replaced.ended);
  }
}

/// A source of each kind that plays on and on, at constant rates.
Batch& steady(Batch& batch) {
  batch.node(1, kDestination);
  for (NodeId id = 2; id < 4; ++id) batch.node(id, id == 2 ? kOscillator : kAudioBufferSource).connect(id, 1).start(id, 0.0003);
  return batch.add(3, SetField{kBuffer, kSound}).add(3, SetField{kLoop, 1}).setValue(3, kFirst, 0.77f, 0).setValue(3, kDetune, 40, 0);
}

TEST(MirrorResume, TheFirstFrameNeedNotBeAQuantums) {
  Batch batches[2];
  Followed undisturbed, replaced;
  undisturbed.apply(steady(batches[0]));
  replaced.apply(steady(batches[1]));
  const std::vector<float> whole = undisturbed.quanta(500);
  replaced.quanta(100);
  const std::uint64_t at = replaced.frame + 1003;
  replaced.replace(at);
  const std::vector<float> rest = replaced.quanta(300);
  for (std::size_t i = 0; i < rest.size(); ++i) ASSERT_EQ(rest[i], whole[2 * at + i]) << "sample " << i;
}

TEST(MirrorResume, ARateThatMovesLongerThanStretchesAreKeptIsFollowedWithinRounding) {
  Batch batches[2];
  Followed undisturbed, replaced;
  int place = 0;
  for (Followed* side : {&undisturbed, &replaced}) {
    Batch& batch = steady(batches[place++]);
    batch.add(3, event(kFirst, dsp::EventKind::linearRamp, 3, 1.5f)).add(3, event(kDetune, dsp::EventKind::linearRamp, 2, -200));
    side->apply(batch);
  }
  undisturbed.quanta(1000);
  replaced.quanta(600);
  replaced.mirror.forgetBefore(replaced.frame);
  replaced.quanta(400);
  replaced.replace();
  EXPECT_LT(decibels(replaced.quanta(100), undisturbed.quanta(100)), -100);
}

TEST(MirrorResume, ARampThatCameWhileASetTargetSoundedGoesOnFromThere) {
  Batch batches[2];
  Followed undisturbed, replaced;
  int place = 0;
  for (Followed* side : {&undisturbed, &replaced}) {
    Batch& batch = batches[place++];
    batch.node(1, kDestination).node(2, kConstantSource).connect(2, 1).start(2, 0).setValue(2, kFirst, 0, 0);
    side->apply(batch.add(2, event(kFirst, dsp::EventKind::setTarget, 0, 1)));
    side->quanta(3);
    side->apply(batch.add(2, event(kFirst, dsp::EventKind::linearRamp, 0.05, 0.25f)));
    side->quanta(4);
  }
  replaced.replace();
  EXPECT_LT(decibels(replaced.quanta(20), undisturbed.quanta(20)), -120);
}

TEST(MirrorResume, ASourceThatStartedLateGoesOnFromWhenItDid) {
  Batch batches[2];
  Followed undisturbed, replaced;
  int place = 0;
  for (Followed* side : {&undisturbed, &replaced}) {
    Batch& batch = batches[place++];
    side->apply(batch.node(1, kDestination));
    side->quanta(30);
    side->apply(batch.node(2, kAudioBufferSource).add(2, SetField{kBuffer, kSound}).connect(2, 1).start(2, 0));
    side->quanta(20);
  }
  replaced.replace();
  EXPECT_EQ(replaced.quanta(10), undisturbed.quanta(10));
}

TEST(MirrorResume, ASourceThatWasNotHeardToStartStarts) {
  Batch batch;
  Followed replaced;
  replaced.apply(batch.node(1, kDestination));
  replaced.quanta(30);
  replaced.mirror.take(batch.node(2, kAudioBufferSource).add(2, SetField{kBuffer, kSound}).connect(2, 1).start(2, 0).take());   // and the host is gone
  replaced.replace();
  Followed fresh;
  Batch all;
  fresh.apply(all.node(1, kDestination).node(2, kAudioBufferSource).add(2, SetField{kBuffer, kSound}).connect(2, 1).start(2, 0));
  EXPECT_EQ(replaced.quanta(10), fresh.quanta(10));
}

TEST(MirrorResume, ASourceThatWouldHaveEndedEndsOnce) {
  Batch batch;
  Followed replaced;
  batch.node(1, kDestination);
  for (NodeId id = 2; id < 6; ++id) batch.node(id, id < 4 ? kAudioBufferSource : kOscillator).connect(id, 1).start(id, 0, id % 2 ? 0.05 : 1);
  for (NodeId id = 2; id < 4; ++id) batch.add(id, SetField{kBuffer, kSound});
  replaced.apply(batch);
  replaced.quanta(10);
  EXPECT_TRUE(replaced.ended.empty());
  replaced.replace(40000);   // the sound is 21769 frames long
  replaced.quanta(3);
  std::sort(replaced.ended.begin(), replaced.ended.end());
  EXPECT_EQ(replaced.ended, (std::vector<NodeId>{2, 3, 5}));
  replaced.replace();
  replaced.quanta(3);
  EXPECT_EQ(replaced.ended.size(), 3u) << "one ended twice";
  replaced.apply(batch.start(3, 0, 0.9));   // stop(), too late
  replaced.replace();
  replaced.quanta(3);
  EXPECT_EQ(replaced.ended.size(), 3u) << "one ended twice";
}

TEST(MirrorResume, ANodeThatIsSilencedKeepsItsPlaceWithoutAProcessor) {
  session::Mirror mirror(RenderSide::kRate);
  Batch batch;
  CreateWorkletNode create;
  create.processor.name = "loops";
  create.params = {{"amount"}};
  batch.node(1, kDestination).add(2, create).connect(2, 1).setValue(2, 0, 0.5f, 0).node(3, kConstantSource).connect(3, 2).start(3, 0);
  mirror.take(batch.take());
  mirror.silence(2);
  mirror.silence(4711);
  EXPECT_EQ(mirror.nameOf(2).processor, "loops");
  RenderSide side;
  side.apply(decodeCommands(mirror.rebuild({}, 0)));
  for (const float sample : side.quantum()) ASSERT_EQ(sample, 0);
  EXPECT_TRUE(side.targets<ProcessorFailed>().empty());
  EXPECT_EQ(side.nodes(), 3u);
}

TEST(MirrorResume, WhatIsKeptOfALongLifeIsLittle) {
  Batch batch;
  Followed followed;
  followed.apply(steady(batch));
  for (int i = 0; i < 3000; ++i) {
    const double now = static_cast<double>(followed.frame) / RenderSide::kRate;
    for (const NodeId id : {2u, 3u}) batch.add(id, event(kFirst, dsp::EventKind::setTarget, now, 1 + 0.001f * static_cast<float>(i)));
    followed.apply(batch);
    followed.quantum();
    if (i % 50 == 0) followed.mirror.forgetBefore(followed.frame);
  }
  EXPECT_LT(followed.mirror.rebuild({kSound}, followed.frame).size(), 20000u);
}

}  // namespace
}  // namespace backline

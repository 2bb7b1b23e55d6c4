#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <thread>

#include "session/session.h"
#include "tests/session/rig.h"
#include "tests/support/batch.h"

namespace backline {
namespace {

using namespace render;
using test::Batch;
using test::kRate;

/// The next notice of a type; those before it are passed over, those after it stay.
template <class T>
NoticeRecord await(session::Session& session, std::deque<NoticeRecord>& waiting) {
  for (int i = 0; i < 2000; ++i) {
    for (NoticeRecord& notice : session.takeNotices()) waiting.push_back(std::move(notice));
    while (!waiting.empty()) {
      NoticeRecord notice = std::move(waiting.front());
      waiting.pop_front();
      if (std::holds_alternative<T>(notice.body)) return notice;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  throw std::runtime_error("the notice never came");
}

template <class T>
NoticeRecord await(session::Session& session) {
  std::deque<NoticeRecord> waiting;
  return await<T>(session, waiting);
}

/// The channels of a result of so many frames.
std::vector<std::vector<float>> samplesOf(const std::vector<transport::Samples>& result, std::size_t frames) {
  std::vector<std::vector<float>> channels;
  for (const transport::Samples& samples : result) channels.emplace_back(samples.get(), samples.get() + frames);
  return channels;
}

TEST(OfflineSession, RendersExactlyTheAskedLengthThoughItIsNoWholeNumberOfQuanta) {
  const auto session = session::openOffline({.sampleRate = kRate, .channels = 1});
  Batch batch;
  batch.node(1, kDestination).node(2, kConstantSource).connect(2, 1).start(2, 0).add(0, StartRendering{1000, 1});
  session->commit(batch.takeBytes());
  await<RenderingComplete>(*session);
  const auto result = session->takeResult();
  ASSERT_EQ(result.size(), 1u);
  EXPECT_EQ(samplesOf(result, 1000)[0], std::vector<float>(1000, 1.0f));
}

TEST(OfflineSession, EachRenderingGoesToThePlaceThatWasGivenForIt) {
  const auto session = session::openOffline({.sampleRate = kRate, .channels = 2});
  const std::vector<transport::Samples> first{transport::silence(256), transport::silence(256)}, second{transport::silence(128), transport::silence(128)};
  session->renderInto(first);
  session->renderInto(second);
  Batch batch;
  batch.node(1, kDestination).node(2, kConstantSource).connect(2, 1).start(2, 128 / double{kRate});
  batch.add(0, StartRendering{256, 2}).add(0, StartRendering{128, 2}).add(0, StartRendering{50, 2});
  session->commit(batch.takeBytes());
  std::deque<NoticeRecord> waiting;
  for (int i = 0; i < 3; ++i) await<RenderingComplete>(*session, waiting);
  EXPECT_EQ(session->takeResult(), first);
  EXPECT_EQ(session->takeResult(), second);
  for (const transport::Samples& channel : first) {
    EXPECT_EQ(channel[127], 0.0f);
    EXPECT_EQ(channel[128], 1.0f);
    EXPECT_EQ(channel[255], 1.0f);
  }
  EXPECT_EQ(samplesOf(second, 128)[1], std::vector<float>(128, 1.0f));
  EXPECT_EQ(samplesOf(session->takeResult(), 50)[1], std::vector<float>(50, 1.0f)) << "of a rendering without a place";
}

TEST(OfflineSession, WhatIsCommittedAtASuspendPointSoundsFromThatFrameOn) {
  const auto session = session::openOffline({.sampleRate = kRate, .channels = 1});
  Batch batch;
  batch.node(1, kDestination).node(2, kConstantSource).connect(2, 1).start(2, 0).add(0, SuspendAt{256, 5}).add(0, StartRendering{512, 1});
  session->commit(batch.takeBytes());
  std::deque<NoticeRecord> waiting;
  for (;;) {
    const NoticeRecord notice = await<StateChanged>(*session, waiting);
    if (std::get<StateChanged>(notice.body).running != 0) continue;
    EXPECT_EQ(std::get<StateChanged>(notice.body).generation, 5u);
    EXPECT_EQ(std::get<StateChanged>(notice.body).frame, 256u);
    break;
  }
  session->commit(batch.setValue(2, 0, 0.5f, 0).add(0, SetRunning{1, 6}).takeBytes());
  await<RenderingComplete>(*session);
  const auto result = session->takeResult();
  EXPECT_EQ(result[0][255], 1.0f);
  EXPECT_EQ(result[0][256], 0.5f);
}

TEST(OfflineSession, AQuantumOfAnySizeGivesTheSameSamples) {
  std::vector<std::vector<float>> first;
  for (const std::uint32_t quantum : {128u, 64u, 1u, 137u, 1024u}) {
    const auto session = session::openOffline({.sampleRate = kRate, .quantum = quantum, .channels = 1});
    Batch batch;
    batch.node(1, kDestination).node(2, kOscillator).node(3, kGain).connect(2, 3).connect(3, 1).start(2, 0.01, 0.05);
    ParamEvent ramp;
    ramp.kind = dsp::EventKind::linearRamp;
    ramp.time = 0.04;
    ramp.value = 0.1f;
    batch.setValue(3, 0, 1, 0).add(3, ramp).add(0, StartRendering{4000, 1});
    session->commit(batch.takeBytes());
    await<RenderingComplete>(*session);
    auto result = samplesOf(session->takeResult(), 4000);
    if (first.empty()) first = result;
    EXPECT_EQ(result, first) << "quantum " << quantum;
  }
}

TEST(OfflineSession, ARefusedBatchIsSaidWithItsReason) {
  const auto session = session::openOffline({.sampleRate = kRate});
  Batch batch;
  batch.add(4, SetField{0, 1});
  session->commit(batch.takeBytes());
  const NoticeRecord notice = await<SessionFailed>(*session);
  EXPECT_NE(std::get<SessionFailed>(notice.body).reason.find("node 4"), std::string::npos);
}

TEST(OfflineSession, AModuleWithoutJavaScriptIsAnsweredWithAnError) {
  const auto session = session::openOffline({.sampleRate = kRate});
  Batch batch;
  batch.add(3, AddModule{{{"file:///a.js", "1", {}}}});
  session->commit(batch.takeBytes());
  const NoticeRecord notice = await<ModuleEvaluated>(*session);
  EXPECT_EQ(notice.target, 3u);
  EXPECT_EQ(std::get<ModuleEvaluated>(notice.body).succeeded, 0u);
}

TEST(OfflineSession, ImpossibleOptionsAreRefusedByName) {
  EXPECT_THROW(session::openOffline({.sampleRate = 0}), std::invalid_argument);
  EXPECT_THROW(session::openOffline({.sampleRate = 48000, .quantum = 0}), std::invalid_argument);
  EXPECT_THROW(session::openOffline({.sampleRate = 48000, .channels = 33}), std::invalid_argument);
}

}  // namespace
}  // namespace backline

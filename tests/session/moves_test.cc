// A session that moves from device to device while it plays, heard on both of them by captures.

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>

#include "audioserver/gap_fade.h"
#include "sound_server.h"
#include "tests/session/rig.h"
#include "transport/ring_stream.h"

namespace backline {
namespace {

using session::Engine;
using namespace test;

constexpr std::uint32_t kCounted = 1 << 20;        // frames, 22 s
constexpr float kStep = 1.0f / kCounted;

/// Frame n of context time is n · kStep.
std::vector<std::byte> counter() {
  Batch batch;
  batch.node(1, render::kDestination).node(2, render::kConstantSource).connect(2, 1).start(2, 0).setValue(2, 0, 0, 0);
  render::ParamEvent ramp;
  ramp.kind = dsp::EventKind::linearRamp;
  ramp.time = kCounted / static_cast<double>(kRate);
  ramp.value = 1;
  return batch.add(2, ramp).run().takeBytes();
}

/// Everything that a device plays from now on, of one channel.
class Listener {
 public:
  Listener(Engine& engine, const std::string& device)
      : capture_(engine.openCapture({.device = device, .channels = 1, .capacityFrames = kCounted, .overflow = transport::Overflow::refuse})),
        reader_(transport::SharedMemory::map(capture_->ring().duplicate())) {}
  std::vector<float> take() {
    std::vector<float> heard(reader_.available());
    heard.resize(reader_.read(heard.data(), static_cast<std::uint32_t>(heard.size())));
    return heard;
  }

 private:
  std::unique_ptr<session::Capture> capture_;
  transport::RingReader reader_;
};

/// Frames of context time heard one after another as they are.
struct Stretch {
  std::int64_t first, end;
};

std::vector<Stretch> stretches(const std::vector<float>& heard) {
  std::vector<Stretch> found;
  for (std::size_t i = 0; i < heard.size(); ++i) {
    const auto frame = static_cast<std::int64_t>(std::llround(heard[i] / kStep));
    if (frame > 0 && !found.empty() && found.back().end == frame) {
      ++found.back().end;
    } else if (frame > 0) {
      found.push_back({frame, frame + 1});
    }
  }
  // In a fade no two frames count on from one another for long.
  std::erase_if(found, [](const Stretch& stretch) { return stretch.end - stretch.first < 100; });
  return found;
}

void moveTo(session::Session& session, const std::string& device) {
  std::atomic<bool> moved{false};
  std::string error;
  session.moveOutput(device, [&](session::OutputMoved outcome) {
    error = outcome.error;
    moved = true;
  });
  ASSERT_TRUE(comesTrue([&] { return moved.load(); })) << "nobody said that it moved to " << device;
  ASSERT_EQ(error, "");
}

void playOn(const session::Session& session, std::uint64_t frames) {
  const std::uint64_t until = session.timing().playedFrame + frames;
  ASSERT_TRUE(comesTrue([&] { return session.timing().playedFrame >= until; })) << "it does not play";
}

/// Fails unless every frame from the first to the last was heard once, on one device or the other, but for those that rose from silence
/// after one of `places` − 1 moves at least, and nothing stepped further than a fade does.
void expectWhole(const std::vector<float>& a, const std::vector<float>& b, std::size_t places) {
  std::vector<Stretch> all = stretches(a);
  const std::vector<Stretch> others = stretches(b);
  EXPECT_GE(others.size(), places / 2);
  all.insert(all.end(), others.begin(), others.end());
  std::sort(all.begin(), all.end(), [](const Stretch& x, const Stretch& y) { return x.first < y.first; });
  ASSERT_GE(all.size(), places);
  EXPECT_LE(all.front().first, 1);
  for (std::size_t i = 1; i < all.size(); ++i) {
    EXPECT_GE(all[i].first, all[i - 1].end) << "frames are heard twice";
    EXPECT_LE(all[i].first, all[i - 1].end + audioserver::kFadeFrames) << "more is missing than what rises from silence";
  }
  const float loudest = kStep * static_cast<float>(all.back().end);
  const float steepest = loudest * 1.6f / audioserver::kFadeFrames + 2 * kStep;   // of half a cosine, π/2
  for (const auto* heard : {&a, &b})
    for (std::size_t i = 1; i < heard->size(); ++i) ASSERT_LE(std::fabs((*heard)[i] - (*heard)[i - 1]), steepest) << "a click after " << i << " frames";
}

TEST(Moves, NothingIsLostOrRepeatedBetweenTwoDevicesAndNothingClicks) {
  Engine engine(options("virtual"));
  auto session = engine.open({.sampleRate = kRate, .channels = 1});
  Listener onVirtual(engine, "virtual"), onStepped(engine, "stepped");
  session->commit(counter());
  playOn(*session, 6000);
  std::uint64_t played = 0, frame = 0;
  for (int i = 0; i < 3; ++i) {
    for (const char* device : {"stepped", "virtual"}) {
      moveTo(*session, device);
      playOn(*session, 6000);
      const session::Timing timing = session->timing();
      EXPECT_GT(timing.playedFrame, played) << "played frames are counted on";
      EXPECT_GT(timing.frame, frame) << "context time goes on";
      EXPECT_GE(timing.frame, timing.playedFrame);
      played = timing.playedFrame;
      frame = timing.frame;
    }
  }
  expectWhole(onVirtual.take(), onStepped.take(), 7);
}

TEST(Moves, ToJackAndBackLosesAndRepeatsNothing) {
  if (!audioserver::test::installed("jackd")) GTEST_SKIP() << "jackd is not installed";
  setenv("PULSE_SERVER", "unix:/nowhere/backline-test-none", 1);
  audioserver::test::JackServer jack;
  Engine engine(options("virtual"));
  const auto silent = engine.open({.device = "jack", .sampleRate = kRate});   // has the ports there before the session comes
  audioserver::test::JackCapture onJack(jack, 10 * static_cast<std::uint32_t>(kRate));
  onJack.connect();
  auto session = engine.open({.sampleRate = kRate, .channels = 1});
  Listener onVirtual(engine, "virtual");
  session->commit(counter());
  playOn(*session, 6000);
  for (int i = 0; i < 2; ++i) {
    moveTo(*session, "jack");
    playOn(*session, 6000);
    EXPECT_GT(session->timing().outputLatency, 0);
    moveTo(*session, "virtual");
    playOn(*session, 6000);
  }
  const std::vector<float> stereo = onJack.take(1);
  std::vector<float> left(stereo.size() / 2);
  for (std::size_t i = 0; i < left.size(); ++i) left[i] = stereo[2 * i];
  expectWhole(onVirtual.take(), left, 5);
}

TEST(Moves, WhatPlaysOnNoOutputIsPacedByTheClockAndInNoTap) {
  const TemporaryFile tap("none");
  session::EngineOptions engineOptions = options("virtual");
  engineOptions.tapPath = tap.path;
  Engine engine(engineOptions);
  auto session = engine.open({.device = session::kNoOutput, .sampleRate = kRate, .channels = 1});
  EXPECT_EQ(session->info().deviceId, session::kNoOutput);
  for (const session::Device& device : engine.listDevices().devices) EXPECT_NE(device.id, session::kNoOutput);
  session->commit(counter());
  const auto began = std::chrono::steady_clock::now();
  playOn(*session, 9600);
  EXPECT_GE(std::chrono::steady_clock::now() - began, std::chrono::milliseconds(100)) << "it ran away";
  moveTo(*session, "virtual");
  playOn(*session, 9600);
  moveTo(*session, session::kNoOutput);
  const auto left = static_cast<std::int64_t>(session->timing().frame);
  playOn(*session, 9600);
  session.reset();
  engine.finishTap();
  const Recording heard = readWav(tap.path);
  std::vector<float> samples(heard.frames());
  for (std::size_t i = 0; i < samples.size(); ++i) samples[i] = heard.at(i, 0);
  const std::vector<Stretch> played = stretches(samples);
  ASSERT_FALSE(played.empty());
  EXPECT_GT(played.front().first, 9000) << "what was played before is not in it";
  EXPECT_LE(played.back().end, left) << "nor what was played after";
}

TEST(Moves, AQuantumMayBeAsLongAsTheSpecificationLetsItOrWhatTheDeviceTakes) {
  Engine engine(options("virtual"));
  for (const std::uint32_t quantum : {1u, 100u, 8192u, 48000u * 6}) {
    auto session = engine.open({.sampleRate = kRate, .quantum = quantum, .channels = 1});
    EXPECT_EQ(session->info().quantum, quantum);
    if (quantum > 10000) continue;   // takes seconds to be heard
    session->commit(counter());
    playOn(*session, 20000);
  }
  Engine another(options("virtual"));   // whose device nobody has opened before
  auto own = another.open({.sampleRate = kRate, .quantum = 0, .channels = 1});
  EXPECT_EQ(own->info().quantum, 512u) << "a period of the virtual device";
  EXPECT_THROW(engine.open({.quantum = 6 * 768001}), std::invalid_argument);
}

TEST(Moves, ADeviceThatIsNotThereIsNamedAndThePlayingGoesOn) {
  Engine engine(options("virtual"));
  auto session = engine.open({.sampleRate = kRate});
  session->commit(counter());
  std::atomic<bool> answered{false};
  session::OutputMoved answer;
  session->moveOutput("nowhere", [&](session::OutputMoved outcome) {
    answer = std::move(outcome);
    answered = true;
  });
  ASSERT_TRUE(comesTrue([&] { return answered.load(); }));
  EXPECT_EQ(answer.outcome, session::OutputMoved::Outcome::unknown);
  EXPECT_NE(answer.error.find("'nowhere'"), std::string::npos) << answer.error;
  playOn(*session, 4000);
}

TEST(Moves, MovesAskedForAtOnceAreDoneInOrder) {
  Engine engine(options("virtual"));
  auto session = engine.open({.sampleRate = kRate});
  session->commit(counter());
  std::mutex mutex;
  std::vector<std::string> reached;
  for (const std::string device : {"stepped", "nowhere", "virtual", "stepped"}) {
    session->moveOutput(device, [&](session::OutputMoved outcome) {
      const std::lock_guard lock(mutex);
      reached.push_back(outcome.error.empty() ? outcome.info.deviceId : "refused");
    });
  }
  ASSERT_TRUE(comesTrue([&] {
    const std::lock_guard lock(mutex);
    return reached.size() == 4;
  }));
  EXPECT_EQ(reached, (std::vector<std::string>{"stepped", "refused", "virtual", "stepped"}));
  playOn(*session, 4000);
}

TEST(Moves, ASuspendedSessionMovesAndResumesThereAtTheSameTime) {
  Engine engine(options("virtual"));
  auto session = engine.open({.sampleRate = kRate});
  Notices notices(*session);
  session->commit(counter());
  playOn(*session, 4000);
  const auto run = [&](std::uint32_t running, std::uint32_t generation, std::uint64_t sequence) {
    std::vector<std::byte> bytes;
    render::encode(bytes, render::CommandRecord{0, sequence, render::SetRunning{running, generation}});
    render::encode(bytes, render::CommandRecord{0, sequence, render::Commit{1}});
    session->commit(bytes);
    ASSERT_TRUE(notices.awaitState(generation));
  };
  run(0, 2, 2);
  ASSERT_TRUE(comesTrue([&] { return session->timing().state == session::State::suspended; }));
  const std::uint64_t frame = session->timing().frame;
  moveTo(*session, "stepped");
  EXPECT_EQ(session->timing().frame, frame);
  EXPECT_EQ(session->timing().state, session::State::suspended);
  run(1, 3, 3);
  playOn(*session, 4000);
}

TEST(Moves, ASessionIsClosedInTheMiddleOfAMove) {
  Engine engine(options("virtual"));
  for (int i = 0; i < 10; ++i) {
    auto session = engine.open({.sampleRate = kRate});
    session->commit(counter());
    session->moveOutput("stepped", [](session::OutputMoved) {});
    session->moveOutput("virtual", [](session::OutputMoved) {});
    if (i % 2 == 1) std::this_thread::sleep_for(std::chrono::microseconds(300 * i));
  }
}

}  // namespace
}  // namespace backline

#include <gtest/gtest.h>

#include "tests/control/fake_session.h"

namespace backline {
namespace {

using test::errorOf;
using test::FakeContext;

TEST(AudioContext, MakesItsDestinationFirstAndStartsByItself) {
  FakeContext fake;
  fake->commit();
  ASSERT_EQ(fake.record->batches.size(), 1u);
  const auto& batch = fake.record->batches[0];
  EXPECT_TRUE(std::holds_alternative<render::CreateNode>(batch[0].body));
  EXPECT_EQ(batch[0].target, fake->destination().id());
  ASSERT_EQ(fake.record->count<render::SetRunning>(), 1u);
  EXPECT_EQ(fake.record->all<render::SetRunning>()[0].second.running, 1u);
  EXPECT_EQ(fake->state(), AudioContextState::suspended) << "not before the render side says so";
}

TEST(AudioContext, SendsTheChangesOfABatchTogetherEndedByTheirCount) {
  FakeContext fake;
  fake->commit();
  fake.record->batches.clear();
  auto a = fake->createGain(), b = fake->createGain();
  a->connect(*b);
  EXPECT_TRUE(fake.record->batches.empty());
  fake->commit();
  ASSERT_EQ(fake.record->batches.size(), 1u);
  const auto batch = fake.record->batches[0];
  ASSERT_EQ(batch.size(), 4u);
  EXPECT_EQ(std::get<render::Commit>(batch[3].body).records, 3u);
  for (const auto& record : batch) EXPECT_EQ(record.sequence, batch[0].sequence);
  fake->commit();
  EXPECT_EQ(fake.record->batches.size(), 1u) << "an empty batch was sent";
  a->gain().setValue(0);
  fake->commit();
  EXPECT_EQ(fake.record->batches[1][0].sequence, batch[0].sequence + 1);
}

TEST(AudioContext, AsksOnceForACommitOfEveryBatch) {
  FakeContext fake;
  fake->commit();
  int asked = 0;
  fake->link()->onFirstChange([&] { ++asked; });
  auto a = fake->createGain(), b = fake->createGain();
  EXPECT_EQ(asked, 1);
  fake->commit();
  a->gain().setValue(0.5);
  b->gain().setValue(0.5);
  EXPECT_EQ(asked, 2);
}

TEST(AudioContext, SaysThatItRunsWhenTheRenderSideDoes) {
  FakeContext fake;
  std::vector<AudioContextState> states;
  fake->onstatechange = [&] { states.push_back(fake->state()); };
  fake->dispatch();
  fake.record->say(0, render::StateChanged{.running = 1, .generation = 1});
  fake->dispatch();
  EXPECT_EQ(states, std::vector{AudioContextState::running});
}

TEST(AudioContext, CompletesBeforeItFiresStatechangeAndInTheOrderOfTheCalls) {
  FakeContext fake;
  std::vector<std::string> order;
  fake->onstatechange = [&] { order.push_back("statechange"); };
  auto note = [&](const char* name) {
    return [&order, name](std::optional<Error> error) { order.push_back(std::string(name) + (error ? " failed" : "")); };
  };
  fake->resume(note("resume"));
  fake->suspend(note("suspend"));
  fake->dispatch();
  const auto asked = fake.record->all<render::SetRunning>();
  ASSERT_EQ(asked.size(), 3u);
  EXPECT_TRUE(order.empty());
  for (const auto& [target, change] : asked) {
    fake.record->say(0, render::StateChanged{.running = change.running, .generation = change.generation});
    fake->dispatch();
  }
  EXPECT_EQ(order, (std::vector<std::string>{"statechange", "resume", "suspend", "statechange"}));
}

TEST(AudioContext, RefusesEverythingOnceItIsClosing) {
  FakeContext fake;
  std::vector<std::string> order;
  auto note = [&](const char* name) {
    return [&order, name](std::optional<Error> error) { order.push_back(name + (error ? " " + error->name() : "")); };
  };
  auto gain = fake->createGain();
  auto source = fake->createOscillator();
  source->start();
  std::weak_ptr<OscillatorNode> watched = source;
  source.reset();
  fake->close(note("close"));
  fake->close(note("again"));
  fake->resume(note("resume"));
  fake->suspend(note("suspend"));
  gain->gain().setValue(0);
  fake->dispatch();
  EXPECT_EQ(fake.record->count<render::ParamEvent>(), 0u) << "sent after close()";
  const auto closes = fake.record->all<render::CloseSession>();
  ASSERT_EQ(closes.size(), 1u);
  fake.record->say(0, render::StateChanged{.running = 2, .generation = closes[0].second.generation});
  fake->onstatechange = [&] { order.push_back("statechange"); };
  fake->dispatch();
  EXPECT_EQ(order, (std::vector<std::string>{"again InvalidStateError", "resume InvalidStateError",
                                             "suspend InvalidStateError", "close", "statechange"}));
  EXPECT_EQ(fake->state(), AudioContextState::closed);
  EXPECT_TRUE(fake.record->ended) << "the session is kept";
  EXPECT_TRUE(watched.expired()) << "a playing source is kept";
  EXPECT_FALSE(fake->isBusy());
}

TEST(AudioContext, TellsWhyItDiedAndFailsWhatWaits) {
  FakeContext fake;
  std::vector<std::string> order;
  fake->onerror = [&](const std::string& message) { order.push_back("error: " + message); };
  fake->onstatechange = [&] { order.push_back("statechange"); };
  fake->suspend([&](std::optional<Error> error) { order.push_back(error ? error->what() : "fine"); });
  fake->audioWorklet().addModule({{"file:///a.js", "", {}}}, false,
                                 [&](std::optional<Error> error) { order.push_back(error ? error->what() : "fine"); });
  fake->dispatch();
  fake.record->say(0, render::SessionFailed{"the render host died"});
  fake->dispatch();
  EXPECT_EQ(order, (std::vector<std::string>{"the render host died", "the render host died", "error: the render host died",
                                             "statechange"}));
  EXPECT_EQ(fake->state(), AudioContextState::closed);
}

TEST(AudioContext, IsBusyWhileItRunsOrSomethingIsToCome) {
  FakeContext fake;
  EXPECT_TRUE(fake->isBusy());
  fake->suspend();
  fake->dispatch();
  EXPECT_TRUE(fake->isBusy()) << "the completion is to come";
  fake.record->say(0, render::StateChanged{.running = 0, .generation = 2});
  fake->dispatch();
  EXPECT_FALSE(fake->isBusy());
}

TEST(AudioContext, WakesWhoWaitsForNotices) {
  FakeContext fake;
  fake->dispatch();
  EXPECT_FALSE(fake->waitAndDispatch(0.001));
  fake.record->say(0, render::StateChanged{.running = 1, .generation = 1});
  EXPECT_TRUE(fake->waitAndDispatch(60));
  EXPECT_EQ(fake->state(), AudioContextState::running);
}

TEST(AudioContext, TellsWhatItKeepsReadyAsItsBaseLatency) {
  FakeContext fake;
  EXPECT_EQ(fake->baseLatency(), 0.01) << "as promised when it was opened";
  fake.record->timing = {.frame = 48480, .outputLatency = 0.02, .playedFrame = 48000, .ringTarget = 960};
  EXPECT_EQ(fake->baseLatency(), 0.02);
  EXPECT_EQ(fake->outputLatency(), 0.02) << "the device's part alone";
}

TEST(AudioContext, RelatesItsTimeToTheClockByWhatTheDeviceHasPlayed) {
  FakeContext fake;
  EXPECT_EQ(fake->getOutputTimestamp().nanoseconds, 0);
  fake.record->timing = {
      .frame = 48480, .outputLatency = 0.02, .playedFrame = 48000, .playedNanoseconds = 5'000'000'000, .callbackFrames = 480};
  const AudioTimestamp stamp = fake->getOutputTimestamp();
  EXPECT_NEAR(stamp.contextTime, 0.97, 1e-9) << "of what was taken then the first of 10 ms is heard 20 ms later";
  EXPECT_EQ(stamp.nanoseconds, 5'000'000'000);
  EXPECT_LT(stamp.contextTime, fake->currentTime());
}

}  // namespace
}  // namespace backline

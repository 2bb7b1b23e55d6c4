// AudioContext.setSinkId over a session that moves when the test says so.

#include <gtest/gtest.h>

#include "tests/control/fake_session.h"

namespace backline {
namespace {

using Outcome = session::OutputMoved::Outcome;

class Sink : public testing::Test {
 protected:
  void SetUp() override {
    fake->onstatechange = [this] { order.push_back("state " + std::to_string(static_cast<int>(fake->state()))); };
    fake->onsinkchange = [this] { order.push_back("sinkchange " + shown(fake->sinkId())); };
  }
  static std::string shown(const AudioSink& sink) {
    return std::holds_alternative<std::string>(sink) ? "'" + std::get<std::string>(sink) + "'" : "none";
  }
  void run() {
    fake->dispatch();
    fake.record->say(0, render::StateChanged{.running = 1, .generation = 1});
    fake->dispatch();
    order.clear();
  }
  void change(AudioSink sink) {
    const std::string name = shown(sink);
    fake->setSinkId(std::move(sink), [this, name](std::optional<Error> error) { order.push_back(error ? error->name() : name + " done"); });
  }
  /// Answers the move that was asked for `number`th.
  void answer(std::size_t number, Outcome outcome = Outcome::moved, std::uint32_t maxChannels = 2) {
    ASSERT_LT(number, fake.record->moves.size());
    session::SessionInfo info = fake->link()->info();
    info.maxChannels = maxChannels;
    info.device = fake.record->moves[number].first;
    fake.record->moves[number].second({outcome, outcome == Outcome::moved ? "" : "why", info});
    fake->dispatch();
  }

  test::FakeContext fake;
  std::vector<std::string> order;
};

TEST_F(Sink, AContextThatRunsIsSuspendedThenMovedThenRunsAgain) {
  run();
  change("speakers");
  fake->dispatch();
  EXPECT_TRUE(order.empty());
  EXPECT_EQ(fake->sinkId(), AudioSink(""));
  ASSERT_EQ(fake.record->moves.size(), 1u);
  EXPECT_EQ(fake.record->moves[0].first, "speakers");
  answer(0, Outcome::moved, 6);
  EXPECT_EQ(order, (std::vector<std::string>{"state 0", "'speakers' done", "sinkchange 'speakers'", "state 1"}));
  EXPECT_EQ(fake->destination().maxChannelCount(), 6u);
  EXPECT_EQ(fake->link()->info().device, "speakers");
}

TEST_F(Sink, ADeviceThatIsLostIsAnErrorThenAChangeOfSinkAndTheContextRunsOn) {
  run();
  fake->onerror = [this](const std::string& message) { order.push_back("error: " + message); };
  session::SessionInfo info = fake->link()->info();
  info.deviceId = "virtual";
  info.maxChannels = 6;
  fake.record->outputChanged({"device 'jack:playback' has gone", info});
  fake->dispatch();
  EXPECT_EQ(order, (std::vector<std::string>{"error: device 'jack:playback' has gone; playing on 'virtual'", "sinkchange ''"}));
  EXPECT_EQ(fake->state(), AudioContextState::running);
  EXPECT_EQ(fake->destination().maxChannelCount(), 6u);
  order.clear();
  info.deviceId = "jack:playback";
  fake.record->outputChanged({"", info});
  fake->dispatch();
  EXPECT_EQ(order, (std::vector<std::string>{"sinkchange ''"}));
  EXPECT_EQ(fake->link()->info().deviceId, "jack:playback");
}

TEST_F(Sink, ASuspendedContextMovesWithoutAChangeOfState) {
  fake->dispatch();
  change("speakers");
  answer(0);
  EXPECT_EQ(order, (std::vector<std::string>{"'speakers' done", "sinkchange 'speakers'"}));
  EXPECT_EQ(fake->state(), AudioContextState::suspended);
}

TEST_F(Sink, WhatItIsAlreadyIsDoneAtOnceWithoutAnEvent) {
  run();
  change("");
  EXPECT_EQ(order, std::vector<std::string>{"'' done"});
  change(AudioSinkInfo{});
  ASSERT_EQ(fake.record->moves.size(), 1u);
  EXPECT_EQ(fake.record->moves[0].first, session::kNoOutput);
  answer(0);
  order.clear();
  change(AudioSinkInfo{});
  EXPECT_EQ(order, std::vector<std::string>{"none done"});
  EXPECT_EQ(fake.record->moves.size(), 1u);
}

TEST_F(Sink, ARefusalSaysWhyByNameAndChangesNothing) {
  run();
  change("nowhere");
  answer(0, Outcome::unknown);
  change("busy");
  answer(1, Outcome::failed);
  change(session::kNoOutput);   // a name that only this house knows
  fake->dispatch();
  EXPECT_EQ(order, (std::vector<std::string>{"NotFoundError", "InvalidAccessError", "NotFoundError"}));
  EXPECT_EQ(fake->sinkId(), AudioSink(""));
  EXPECT_EQ(fake->state(), AudioContextState::running);
}

TEST_F(Sink, CallsThatOverlapFollowOneAnother) {
  fake->dispatch();
  change("one");
  change("two");
  change("two");
  change("");   // which it still is
  EXPECT_EQ(order, std::vector<std::string>{"'' done"});
  EXPECT_EQ(fake.record->moves.size(), 1u) << "one after the other";
  answer(0);
  ASSERT_EQ(fake.record->moves.size(), 2u);
  answer(1);
  fake->dispatch();
  EXPECT_EQ(order, (std::vector<std::string>{"'' done", "'one' done", "sinkchange 'one'", "'two' done", "sinkchange 'two'", "'two' done"}));
  EXPECT_EQ(fake.record->moves.size(), 2u);
}

TEST_F(Sink, ClosingFailsWhatIsPendingAndWhatComes) {
  run();
  change("one");
  change("two");
  fake->close();
  change("three");
  fake->dispatch();
  EXPECT_EQ(order, (std::vector<std::string>{"InvalidStateError", "InvalidStateError", "InvalidStateError"}));
  answer(0);
  EXPECT_EQ(order.size(), 3u) << "the answer comes too late";
}

TEST_F(Sink, ASuspendInTheMiddleOfAMoveIsKept) {
  run();
  change("one");
  fake->suspend();
  fake->dispatch();
  const auto asked = fake.record->all<render::SetRunning>().back().second;
  fake.record->say(0, render::StateChanged{.running = 0, .generation = asked.generation});
  fake->dispatch();
  answer(0);
  EXPECT_EQ(order, (std::vector<std::string>{"state 0", "'one' done", "sinkchange 'one'"}));
}

TEST_F(Sink, TheTimeThatIsHeardDoesNotGoBackToADeviceOfMoreLatency) {
  auto& timing = fake.record->timing;
  timing.frame = 6000;
  timing.playedFrame = 4800;
  timing.playedNanoseconds = 1'000'000;
  timing.outputLatency = 0.01;
  const double before = fake->getOutputTimestamp().contextTime;
  EXPECT_DOUBLE_EQ(before, 0.09);
  timing.playedFrame = 5000;
  timing.playedNanoseconds = 2'000'000;
  timing.outputLatency = 0.05;
  EXPECT_EQ(fake->getOutputTimestamp().contextTime, before);
  EXPECT_EQ(fake->getOutputTimestamp().nanoseconds, 2'000'000);
}

}  // namespace
}  // namespace backline

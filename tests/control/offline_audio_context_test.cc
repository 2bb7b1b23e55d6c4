#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "control/offline_audio_context.h"
#include "tests/control/fake_session.h"

namespace backline {
namespace {

using test::kRate;

using test::errorOf;

TEST(OfflineAudioContext, RefusesWhatCannotBe) {
  using Options = OfflineAudioContextOptions;
  EXPECT_EQ(errorOf([] { OfflineAudioContext(Options{.numberOfChannels = 0, .length = 1, .sampleRate = kRate}); }), "NotSupportedError");
  EXPECT_EQ(errorOf([] { OfflineAudioContext(Options{.numberOfChannels = 33, .length = 1, .sampleRate = kRate}); }), "NotSupportedError");
  EXPECT_EQ(errorOf([] { OfflineAudioContext(Options{.length = 0, .sampleRate = kRate}); }), "NotSupportedError");
  EXPECT_EQ(errorOf([] { OfflineAudioContext(Options{.length = 1, .sampleRate = 2999}); }), "NotSupportedError");
  EXPECT_EQ(errorOf([] { OfflineAudioContext(Options{.length = 1, .sampleRate = kRate, .renderSizeHint = 0u}); }), "NotSupportedError");
}

TEST(OfflineAudioContext, RendersASineThroughAnAutomatedGain) {
  OfflineAudioContext context({.numberOfChannels = 1, .length = 48000, .sampleRate = kRate});
  auto source = std::make_shared<OscillatorNode>(context, OscillatorOptions{.frequency = 1000});
  auto gain = context.createGain();
  gain->gain().setValueAtTime(0, 0).linearRampToValueAtTime(1, 1);
  source->connect(*gain).connect(context.destination());
  source->start();
  const auto buffer = context.render();
  ASSERT_EQ(buffer->length(), 48000u);
  double worst = 0;
  for (std::size_t i = 0; i < 48000; ++i) {
    const double expected = i / 48000.0 * std::sin(2 * std::numbers::pi * 1000 * i / 48000.0);
    worst = std::max(worst, std::abs(buffer->channel(0)[i] - expected));
  }
  const double decibels = 20 * std::log10(worst);
  EXPECT_LT(decibels, -90) << "the error is " << decibels << " dB; the limit is -90 dB";
  EXPECT_EQ(context.state(), AudioContextState::closed);
  EXPECT_EQ(context.currentTime(), 1.0);
}

TEST(OfflineAudioContext, RendersIntoTheMemoryThatItIsGiven) {
  std::vector<transport::Samples> given;
  OfflineAudioContextOptions options{.numberOfChannels = 2, .length = 300, .sampleRate = 48000};
  options.memory = [&](std::uint64_t frames) { return given.emplace_back(transport::silence(frames)); };
  OfflineAudioContext context(options);
  auto source = context.createConstantSource();
  source->connect(context.destination());
  source->start();
  const auto buffer = context.render();
  ASSERT_EQ(given.size(), 2u);
  EXPECT_EQ(buffer->channel(1).data(), given[1].get());
  EXPECT_EQ(given[1][299], 1.0f);
  EXPECT_EQ(buffer->takeChannels(), given);
  EXPECT_EQ(buffer->length(), 300u);
  EXPECT_EQ(buffer->channel(1)[299], 0.0f) << "of a buffer whose channels were taken";
}

TEST(OfflineAudioContext, SaysThatThereIsNoMemoryForARendering) {
  OfflineAudioContextOptions options{.numberOfChannels = 1, .length = 300, .sampleRate = 48000};
  options.memory = [](std::uint64_t) { return transport::Samples(); };
  OfflineAudioContext context(options);
  try {
    context.render();
    FAIL() << "it rendered";
  } catch (const Error& error) {
    EXPECT_EQ(error.name(), "RangeError");
  }
}

TEST(OfflineAudioContext, PlaysABufferAndSaysWhenItHasEnded) {
  OfflineAudioContext context({.numberOfChannels = 1, .length = 1000, .sampleRate = kRate});
  auto buffer = context.createBuffer(1, 100, kRate);
  for (std::size_t i = 0; i < 100; ++i) buffer->getChannelData(0)[i] = static_cast<float>(i + 1);
  auto source = context.createBufferSource();
  source->setBuffer(buffer);
  source->connect(context.destination());
  source->start(10 / double{kRate});
  int ended = 0;
  source->onended = [&] { ++ended; };
  const auto result = context.render();
  EXPECT_EQ(result->channel(0)[9], 0);
  EXPECT_EQ(result->channel(0)[10], 1);
  EXPECT_EQ(result->channel(0)[109], 100);
  EXPECT_EQ(result->channel(0)[110], 0);
  EXPECT_EQ(ended, 1);
}

TEST(OfflineAudioContext, ReadsItsParamsAsTheyAreRendered) {
  // What the getter says at a quantum's beginning is what the render side plays there, to the bit.
  OfflineAudioContext context({.numberOfChannels = 1, .length = 12800, .sampleRate = kRate});
  auto source = context.createConstantSource();
  source->connect(context.destination());
  source->start();
  source->offset().setValueAtTime(0.2f, 0).setTargetAtTime(1, 0.05, 0.03);
  std::vector<std::pair<std::uint64_t, float>> read;
  for (std::uint64_t frame = 1280; frame < 12800; frame += 1280) {
    context.suspend(static_cast<double>(frame) / kRate, [&, frame](std::optional<Error> error) {
      ASSERT_FALSE(error) << error->what();
      read.emplace_back(frame, source->offset().value());
      context.resume();
    });
  }
  const auto buffer = context.render();
  ASSERT_EQ(read.size(), 9u);
  for (const auto& [frame, value] : read) EXPECT_EQ(buffer->channel(0)[frame], value) << "at frame " << frame;
}

TEST(OfflineAudioContext, SuspendsAtTheQuantumAndTakesChangesThere) {
  OfflineAudioContext context({.numberOfChannels = 1, .length = 1024, .sampleRate = kRate});
  auto source = context.createConstantSource();
  source->connect(context.destination());
  source->start();
  std::vector<std::string> order;
  context.onstatechange = [&] { order.push_back(std::to_string(static_cast<int>(context.state()))); };
  context.oncomplete = [&](const auto&) { order.push_back("complete"); };
  context.suspend(200 / double{kRate}, [&](std::optional<Error> error) {
    ASSERT_FALSE(error);
    order.push_back("suspend");
    EXPECT_EQ(context.currentTime() * kRate, 256) << "rounded up to a quantum";
    source->disconnect();
    context.resume([&](std::optional<Error>) { order.push_back("resume"); });
  });
  const auto buffer = context.render();
  context.dispatch();
  EXPECT_EQ(buffer->channel(0)[255], 1);
  EXPECT_EQ(buffer->channel(0)[256], 0);
  EXPECT_EQ(order, (std::vector<std::string>{"1", "suspend", "0", "resume", "1", "2", "complete"}));
}

TEST(OfflineAudioContext, RefusesSuspendsThatCannotBeReached) {
  OfflineAudioContext context({.numberOfChannels = 1, .length = 1024, .sampleRate = kRate});
  auto refused = [&](double time) {
    std::string name;
    context.suspend(time, [&](std::optional<Error> error) { name = error ? error->name() : "reached"; });
    return name;
  };
  EXPECT_EQ(refused(-1), "InvalidStateError");
  EXPECT_EQ(refused(1024 / double{kRate}), "InvalidStateError") << "the end";
  EXPECT_EQ(refused(130 / double{kRate}), "") << "it is to come";
  EXPECT_EQ(refused(256 / double{kRate}), "InvalidStateError") << "two in one quantum";
}

TEST(OfflineAudioContext, SuspendsBeforeItsFirstFrame) {
  OfflineAudioContext context({.numberOfChannels = 1, .length = 256, .sampleRate = kRate});
  auto source = context.createConstantSource();
  source->start();
  context.suspend(0, [&](std::optional<Error> error) {
    ASSERT_FALSE(error) << error->what();
    source->connect(context.destination());
    context.resume();
  });
  EXPECT_EQ(context.render()->channel(0)[0], 1);
}

TEST(OfflineAudioContext, RendersOnce) {
  OfflineAudioContext context({.numberOfChannels = 1, .length = 128, .sampleRate = kRate});
  std::string refusal;
  context.resume([&](std::optional<Error> error) { refusal = error ? error->name() : ""; });
  EXPECT_EQ(refusal, "InvalidStateError") << "nothing to resume yet";
  context.render();
  EXPECT_EQ(errorOf([&] { context.render(); }), "InvalidStateError");
  context.resume([&](std::optional<Error> error) { refusal = error ? error->name() : ""; });
  EXPECT_EQ(refusal, "InvalidStateError");
}

TEST(OfflineAudioContext, EndsCleanlyInTheMiddleOfARendering) {
  for (int i = 0; i < 10; ++i) {
    OfflineAudioContext context({.numberOfChannels = 2, .length = 48000 * 600, .sampleRate = kRate});
    auto source = context.createOscillator();
    source->connect(context.destination());
    source->start();
    context.startRendering([](auto, auto) { ADD_FAILURE() << "ten minutes cannot be over"; });
    context.commit();
    if (i % 2) context.waitAndDispatch(0.001);
  }
}

TEST(OfflineAudioContext, KeepsWhatIsHeardThoughTheProgramHasLetGo) {
  OfflineAudioContext context({.numberOfChannels = 1, .length = 1024, .sampleRate = kRate});
  {
    auto source = context.createConstantSource();
    auto gain = context.createGain();
    gain->gain().setValue(0.5);
    source->connect(*gain).connect(context.destination());
    source->start();
  }
  context.commit();
  const auto buffer = context.render();
  EXPECT_EQ(buffer->channel(0)[1023], 0.5f);
}

}  // namespace
}  // namespace backline

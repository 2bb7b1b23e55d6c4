#include <gtest/gtest.h>

#include <cstring>

#include "control/offline_audio_context.h"
#include "tests/control/fake_session.h"

namespace backline {
namespace {

using test::errorOf;
using test::FakeContext;

const std::vector<render::ProcessorParam> kParams = {{.name = "level", .initial = 0.5f, .minimum = 0, .maximum = 1}};

/// Has a processor registered as the render side would say it.
void announce(FakeContext& fake) {
  fake.record->say(0, render::ProcessorRegistered{"level", kParams, 1});
  fake->dispatch();
}

TEST(AudioWorkletNode, NeedsARegisteredName) {
  FakeContext fake;
  EXPECT_EQ(errorOf([&] { AudioWorkletNode::create(fake.context(), "level"); }), "InvalidStateError");
  announce(fake);
  EXPECT_EQ(errorOf([&] { AudioWorkletNode::create(fake.context(), "level"); }), "");
}

TEST(AudioWorkletNode, ChecksItsShape) {
  FakeContext fake;
  announce(fake);
  auto make = [&](AudioWorkletNodeOptions options) {
    return errorOf([&] { AudioWorkletNode::create(fake.context(), "level", options); });
  };
  using Counts = std::vector<std::uint32_t>;
  EXPECT_EQ(make({.numberOfInputs = 0, .numberOfOutputs = 0}), "NotSupportedError");
  EXPECT_EQ(make({.numberOfInputs = 1025}), "NotSupportedError");
  EXPECT_EQ(make({.numberOfOutputs = 1025}), "NotSupportedError");
  EXPECT_EQ(make({.outputChannelCount = Counts{}}), "IndexSizeError");
  EXPECT_EQ(make({.outputChannelCount = Counts{0}}), "NotSupportedError");
  EXPECT_EQ(make({.outputChannelCount = Counts{33}}), "NotSupportedError");
  EXPECT_EQ(make({.outputChannelCount = Counts{1, 1}}), "IndexSizeError");
  EXPECT_EQ(make({.numberOfOutputs = 2, .outputChannelCount = Counts{1, 4}}), "");
  fake->commit();
  ASSERT_EQ(fake.record->count<render::CreateWorkletNode>(), 1u) << "a node that was refused was sent";
  EXPECT_EQ(fake.record->count<render::ReleaseNode>(), 0u) << "a node that was refused was released";
  const auto made = fake.record->all<render::CreateWorkletNode>()[0].second;
  EXPECT_EQ(made.processor.outputChannelCount, (Counts{1, 4}));
  EXPECT_EQ(made.params.at(0).name, "level");
}

TEST(AudioWorkletNode, TellsTheRenderSideWhetherOutputChannelCountWasGiven) {
  FakeContext fake;
  announce(fake);
  AudioWorkletNode::create(fake.context(), "level");
  AudioWorkletNode::create(fake.context(), "level", {.numberOfOutputs = 0, .outputChannelCount = std::vector<std::uint32_t>{}});
  fake->commit();
  const auto made = fake.record->all<render::CreateWorkletNode>();
  ASSERT_EQ(made.size(), 2u);
  EXPECT_FALSE(made[0].second.processor.outputChannelCount);
  ASSERT_TRUE(made[1].second.processor.outputChannelCount);
  EXPECT_TRUE(made[1].second.processor.outputChannelCount->empty());
}

std::string messageOf(auto&& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST(AudioWorkletNode, OfANameThatIsNotRegisteredSaysWhy) {
  FakeContext fake;
  const auto why = [&](const char* name) { return messageOf([&] { AudioWorkletNode::create(fake.context(), name); }); };
  EXPECT_NE(why("level").find("no processor is registered at all"), std::string::npos) << why("level");
  announce(fake);
  EXPECT_NE(why("lever").find("\"lever\"; registered: \"level\""), std::string::npos) << why("lever");
  fake.record->say(5, render::ModuleEvaluated{1, {}, {{"lever", "TypeError: no class"}, {"level", "NotSupportedError: twice"}}});
  fake->dispatch();
  EXPECT_NE(why("lever").find("its registration failed with TypeError: no class"), std::string::npos) << why("lever");
  EXPECT_EQ(errorOf([&] { AudioWorkletNode::create(fake.context(), "level"); }), "") << "what failed was only its second registration";
  fake.record->say(0, render::ProcessorRegistered{"lever", {}, 1});
  fake->dispatch();
  EXPECT_EQ(errorOf([&] { AudioWorkletNode::create(fake.context(), "lever"); }), "");
}

TEST(AudioWorkletNode, HasTheParamsOfTheNewestRegistration) {
  FakeContext fake;
  fake.record->say(0, render::ProcessorRegistered{"level", {{"old"}}, 1});
  fake.record->say(0, render::ProcessorRegistered{"level", {{"new"}}, 2});
  fake->dispatch();
  EXPECT_NE(AudioWorkletNode::create(fake.context(), "level")->param("new"), nullptr);
  EXPECT_EQ(fake->audioWorklet().find("level")->generation, 2u);
}

TEST(AudioWorkletNode, HasTheParamsOfTheNewestRegistrationOfAnotherHostToo) {
  FakeContext fake;
  fake.record->say(0, render::ProcessorRegistered{"level", {{"first"}}, 1});
  fake.record->say(0, render::ProcessorRegistered{"level", {{"second"}}, 2});
  fake.record->say(0, render::SessionInterrupted{"the render host was killed"});
  fake.record->say(0, render::ProcessorRegistered{"level", {{"second"}}, 1});
  fake.record->say(0, render::ProcessorRegistered{"level", {{"third"}}, 2});
  fake->dispatch();
  EXPECT_NE(AudioWorkletNode::create(fake.context(), "level")->param("third"), nullptr);
}

TEST(AudioWorkletNode, HasTheParamsThatWereRegisteredWithTheDataGiven) {
  FakeContext fake;
  announce(fake);
  auto node = AudioWorkletNode::create(fake.context(), "level", {.parameterData = {{"level", 0.25}, {"unknown", 1}}});
  ASSERT_EQ(node->params().size(), 1u);
  EXPECT_EQ(node->param("level")->value(), 0.25f);
  EXPECT_EQ(node->param("level")->defaultValue(), 0.5f);
  EXPECT_EQ(node->param("level")->maxValue(), 1);
  EXPECT_EQ(node->param("unknown"), nullptr);
}

TEST(AudioWorkletNode, IsKeptUntilItsProcessorEnds) {
  FakeContext fake;
  announce(fake);
  auto node = AudioWorkletNode::create(fake.context(), "level");
  std::vector<std::string> order;
  node->onmessage = [&](std::span<const std::byte> message) { order.push_back("message of " + std::to_string(message.size())); };
  node->onprocessorerror = [&](const Error& error) { order.push_back(error.what()); };
  const render::NodeId id = node->id();
  std::weak_ptr<AudioWorkletNode> watched = node;
  node.reset();
  fake.record->say(id, render::ProcessorMessage{render::Message(3)});
  fake.record->say(id, render::ProcessorFailed{{.name = "TypeError", .message = "boom"}});
  fake.record->say(id, render::ProcessorEnded{});
  fake->dispatch();
  EXPECT_EQ(order, (std::vector<std::string>{"message of 3", "boom"}));
  EXPECT_TRUE(watched.expired());
}

TEST(AudioWorklet, FailsWithTheScriptsErrorAndItsPlace) {
  FakeContext fake;
  std::optional<Error> failure;
  bool second = false;
  fake->audioWorklet().addModule({{"file:///bad.js", "x x", {}}}, false, [&](std::optional<Error> error) { failure = error; });
  fake->audioWorklet().addModule({{"file:///good.js", "", {}}}, false, [&](std::optional<Error> error) { second = !error; });
  fake->dispatch();
  const auto modules = fake.record->all<render::AddModule>();
  ASSERT_EQ(modules.size(), 2u);
  EXPECT_NE(modules[0].first, modules[1].first);
  fake.record->say(modules[1].first, render::ModuleEvaluated{.succeeded = 1});
  fake.record->say(modules[0].first, render::ModuleEvaluated{0, {.name = "SyntaxError", .message = "odd", .url = "file:///bad.js", .line = 1, .column = 3}});
  fake->dispatch();
  EXPECT_TRUE(second);
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->name(), "SyntaxError");
  ASSERT_NE(failure->script(), nullptr);
  EXPECT_EQ(failure->script()->column, 3u);
}

// ------------------------------------------------------------------ native processors, end to end

/// Multiplies by its param; answers every message with what it was sent.
class Level final : public render::Processor {
 public:
  Level(render::WorkletEvents& events, render::NodeId node) : events_(events), node_(node) {}
  render::ProcessorResult process(const render::ProcessorArgs& args) noexcept override {
    const render::Block& in = *args.inputs[0];
    render::Block& out = args.outputs[0];
    for (std::uint32_t c = 0; c < out.channels && in.active; ++c) {
      const float* from = in.channel(std::min<std::uint32_t>(c, in.channels - 1u));
      for (std::uint32_t i = 0; i < out.frames; ++i) out.channel(c)[i] = from[i] * args.params[0].at(i);
    }
    out.silent = false;
    return render::ProcessorResult::keepAlive;
  }
  void receive(std::span<const std::byte> message) noexcept override { events_.processorMessage(node_, message); }

 private:
  render::WorkletEvents& events_;
  render::NodeId node_;
};

TEST(NativeProcessor, RendersInTheGraphAndAnswersMessages) {
  OfflineAudioContext context({.numberOfChannels = 1, .length = 48000, .sampleRate = 48000});
  render::NodeId id = 0;
  context.audioWorklet().registerNative("level", kParams, [&id](const render::ProcessorOptions& options, const render::WorkletConfig& config) {
    EXPECT_EQ(options.name, "level");
    return std::make_unique<Level>(*config.events, id);
  });
  EXPECT_EQ(errorOf([&] { context.audioWorklet().registerNative("level", {}, nullptr); }), "NotSupportedError");
  auto node = AudioWorkletNode::create(context, "level");
  id = node->id();
  auto source = context.createConstantSource();
  source->connect(*node).connect(context.destination());
  source->start();
  node->param("level")->setValueAtTime(0.25f, 0.5);
  render::Message answer;
  node->onmessage = [&](std::span<const std::byte> message) { answer.assign(message.begin(), message.end()); };
  const render::Message question = {std::byte{1}, std::byte{2}};
  node->postMessage(question);
  const auto buffer = context.render();
  EXPECT_EQ(buffer->channel(0)[23999], 0.5f);
  EXPECT_EQ(buffer->channel(0)[24000], 0.25f);
  EXPECT_EQ(answer, question);
}

TEST(NativeProcessor, ThatCannotBeMadeFiresProcessorerrorAndIsSilent) {
  OfflineAudioContext context({.numberOfChannels = 1, .length = 256, .sampleRate = 48000});
  context.audioWorklet().registerNative("broken", {}, [](const auto&, const auto&) -> std::unique_ptr<render::Processor> {
    throw std::runtime_error("no such table");
  });
  auto node = AudioWorkletNode::create(context, "broken");
  std::string message;
  node->onprocessorerror = [&](const Error& error) { message = error.what(); };
  node->connect(context.destination());
  const auto buffer = context.render();
  EXPECT_EQ(message, "no such table");
  EXPECT_EQ(buffer->channel(0)[200], 0);
}

TEST(NativeProcessor, IsAllThatAProgramWithoutJavaScriptCanAdd) {
  OfflineAudioContext context({.numberOfChannels = 1, .length = 256, .sampleRate = 48000});
  std::optional<Error> failure;
  context.audioWorklet().addModule({{"file:///a.js", "", {}}}, false, [&](std::optional<Error> error) { failure = error; });
  context.render();
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->name(), "NotSupportedError");
}

TEST(AudioWorklet, OfAContextOutOfProcessTakesNoNativeProcessor) {
  FakeContext fake;
  EXPECT_EQ(errorOf([&] { fake->audioWorklet().registerNative("a", {}, nullptr); }), "NotSupportedError");
}

}  // namespace
}  // namespace backline

// Every exception that the specification names, from every C++ interface, as tests/js/engine/bad_input.test.mjs has them from JavaScript.
#include <gtest/gtest.h>

#include <functional>

#include "tests/control/fake_session.h"

namespace backline {
namespace {

using test::kRate;

using test::errorOf;
using test::FakeContext;

struct Call {
  const char* what;
  std::function<void(BaseAudioContext&)> make;
};

std::shared_ptr<AudioBuffer> buffer(std::uint32_t channels = 1, float rate = kRate) {
  return std::make_shared<AudioBuffer>(AudioBufferOptions{channels, 4, rate});
}

/// Each on a fresh context: a name, and a message that says something.
void expectEach(const char* name, std::span<const Call> calls) {
  for (const Call& call : calls) {
    FakeContext fake;
    try {
      call.make(fake.context());
      ADD_FAILURE() << call.what << " throws nothing";
    } catch (const Error& error) {
      EXPECT_EQ(error.name(), name) << call.what << ": " << error.what();
      EXPECT_GT(std::string(error.what()).size(), 10u) << call.what;
    }
  }
}

#define CALL(expression) {#expression, [](BaseAudioContext& c) { (void)c, (void)(expression); }}

TEST(BadCalls, AreNotSupportedErrors) {
  const Call calls[] = {
      CALL(OfflineAudioContext({.numberOfChannels = 0, .length = 1, .sampleRate = kRate})),
      CALL(OfflineAudioContext({.numberOfChannels = 1000, .length = 1, .sampleRate = kRate})),
      CALL(OfflineAudioContext({.length = 0, .sampleRate = kRate})),
      CALL(OfflineAudioContext({.length = 1, .sampleRate = 2999})),
      CALL(OfflineAudioContext({.length = 1, .sampleRate = 768001})),
      CALL(OfflineAudioContext({.length = 1, .sampleRate = kRate, .renderSizeHint = 0u})),
      CALL(AudioBuffer({.length = 0, .sampleRate = kRate})),
      CALL(AudioBuffer({.length = 1, .sampleRate = 0})),
      CALL(buffer(0)),
      CALL(buffer(1000)),
      CALL(c.createBuffer(0, 1, kRate)),
      CALL(c.createBuffer(1, 0, kRate)),
      CALL(c.createBuffer(1, 1, -1)),
      CALL(c.createDelay(0)),
      CALL(c.createDelay(-1)),
      CALL(c.createDelay(180)),
      CALL(c.createGain()->setChannelCount(0)),
      CALL(c.createGain()->setChannelCount(1000)),
      CALL(c.createDynamicsCompressor()->setChannelCount(3)),
      CALL(c.createDynamicsCompressor()->setChannelCountMode(ChannelCountMode::max)),
      CALL(c.createConvolver()->setChannelCount(3)),
      CALL(c.createConvolver()->setChannelCountMode(ChannelCountMode::max)),
      CALL(c.createConvolver()->setBuffer(buffer(3))),
      CALL(c.createConvolver()->setBuffer(buffer(1, 44100))),
      CALL(c.createPanner()->setChannelCount(3)),
      CALL(c.createPanner()->setChannelCountMode(ChannelCountMode::max)),
      CALL(c.createStereoPanner()->setChannelCount(3)),
      CALL(c.createStereoPanner()->setChannelCountMode(ChannelCountMode::max)),
      CALL(c.createScriptProcessor(256, 2, 2)->setChannelCount(3)),
      CALL(c.createScriptProcessor(256, 2, 2)->setChannelCountMode(ChannelCountMode::max)),
      CALL(c.createIIRFilter({}, {1})),
      CALL(c.createIIRFilter({1}, {})),
      CALL(c.createIIRFilter(std::vector<double>(21, 1), {1})),
      CALL(c.createIIRFilter({1}, std::vector<double>(21, 1))),
      CALL(c.createGain()->gain().setValueCurveAtTime({0, 1}, 1, 1).setValueAtTime(0, 1.5)),
      CALL(c.createGain()->gain().setValueAtTime(0, 1.5).setValueCurveAtTime({0, 1}, 1, 1)),
      CALL(c.createGain()->gain().setValueCurveAtTime({0, 1}, 0, 1).setValue(0)),
  };
  expectEach("NotSupportedError", calls);
}

TEST(BadCalls, AreIndexSizeErrors) {
  const Call calls[] = {
      CALL(c.createChannelSplitter(0)),
      CALL(c.createChannelSplitter(1000)),
      CALL(c.createChannelMerger(0)),
      CALL(c.createChannelMerger(1000)),
      CALL(c.createScriptProcessor(100, 1, 1)),
      CALL(c.createScriptProcessor(32768, 1, 1)),
      CALL(c.createScriptProcessor(256, 0, 0)),
      CALL(c.createPeriodicWave({0, 1}, {0})),
      CALL(c.createPeriodicWave({0}, {0})),
      CALL(buffer()->channel(1)),
      CALL(buffer()->getChannelData(1)),
      CALL(buffer()->copyFromChannel({}, 1)),
      CALL(buffer()->copyToChannel({}, 1)),
      CALL(c.createAnalyser()->setFftSize(16)),
      CALL(c.createAnalyser()->setFftSize(65536)),
      CALL(c.createAnalyser()->setFftSize(1000)),
      CALL(AnalyserNode(c, {.fftSize = 33})),
      CALL(c.createAnalyser()->setMinDecibels(-30)),
      CALL(c.createAnalyser()->setMaxDecibels(-100)),
      CALL(c.createAnalyser()->setSmoothingTimeConstant(1.1)),
      CALL(c.createAnalyser()->setSmoothingTimeConstant(-0.1)),
      CALL(c.createGain()->connect(*c.createGain(), 1)),
      CALL(c.createGain()->connect(*c.createGain(), 0, 1)),
      CALL(c.createGain()->connect(c.createGain()->gain(), 1)),
      CALL(c.createGain()->disconnect(1)),
  };
  expectEach("IndexSizeError", calls);
}

TEST(BadCalls, AreInvalidAccessErrors) {
  const Call calls[] = {
      {"connect to another context's node", [](BaseAudioContext& c) { FakeContext other; c.createGain()->connect(other->destination()); }},
      {"connect to another context's parameter", [](BaseAudioContext& c) { FakeContext other; c.createGain()->connect(other->createGain()->gain()); }},
      {"another context's wave", [](BaseAudioContext& c) { FakeContext other; c.createOscillator()->setPeriodicWave(*other->createPeriodicWave({0, 0}, {0, 1})); }},
      {"disconnect from a stranger", [](BaseAudioContext& c) { c.createGain()->disconnect(*c.createGain()); }},
      {"disconnect from a stranger's parameter", [](BaseAudioContext& c) { c.createGain()->disconnect(c.createGain()->gain()); }},
      {"disconnect an output from a stranger", [](BaseAudioContext& c) { c.createGain()->disconnect(*c.createGain(), 0); }},
      {"disconnect an output from a stranger's input", [](BaseAudioContext& c) { c.createGain()->disconnect(*c.createGain(), 0, 0); }},
      {"a response of unequal arrays", [](BaseAudioContext& c) {
         float one[1] = {}, two[2] = {};
         c.createBiquadFilter()->getFrequencyResponse(one, two, one);
       }},
      {"an IIR filter's response of unequal arrays", [](BaseAudioContext& c) {
         float one[1] = {}, two[2] = {};
         c.createIIRFilter({1}, {1})->getFrequencyResponse(one, one, two);
       }},
  };
  expectEach("InvalidAccessError", calls);
}

TEST(BadCalls, AreInvalidStateErrors) {
  const Call calls[] = {
      CALL(c.createChannelSplitter(4)->setChannelCount(3)),
      CALL(c.createChannelSplitter(4)->setChannelCountMode(ChannelCountMode::max)),
      CALL(c.createChannelSplitter(4)->setChannelInterpretation(ChannelInterpretation::speakers)),
      CALL(c.createChannelMerger(4)->setChannelCount(3)),
      CALL(c.createChannelMerger(4)->setChannelCountMode(ChannelCountMode::max)),
      {"a second buffer", [](BaseAudioContext& c) {
         auto source = c.createBufferSource();
         source->setBuffer(buffer());
         source->setBuffer(buffer());
       }},
      {"a second start", [](BaseAudioContext& c) {
         auto source = c.createOscillator();
         source->start();
         source->start();
       }},
      {"a buffer's second start", [](BaseAudioContext& c) {
         auto source = c.createBufferSource();
         source->start(0, 0);
         source->start(0, 0);
       }},
      CALL(c.createBufferSource()->stop()),
      CALL(c.createOscillator()->stop()),
      CALL(c.createConstantSource()->stop()),
      CALL(c.createBufferSource()->playbackRate().setAutomationRate(AutomationRate::aRate)),
      CALL(c.createBufferSource()->detune().setAutomationRate(AutomationRate::aRate)),
      CALL(c.createDynamicsCompressor()->threshold().setAutomationRate(AutomationRate::aRate)),
      CALL(c.createDynamicsCompressor()->knee().setAutomationRate(AutomationRate::aRate)),
      CALL(c.createDynamicsCompressor()->ratio().setAutomationRate(AutomationRate::aRate)),
      CALL(c.createDynamicsCompressor()->attack().setAutomationRate(AutomationRate::aRate)),
      CALL(c.createDynamicsCompressor()->release().setAutomationRate(AutomationRate::aRate)),
      CALL(c.createOscillator()->setType(OscillatorType::custom)),
      CALL(OscillatorNode(c, {.type = OscillatorType::custom})),
      CALL(c.createIIRFilter({0, 0}, {1})),
      CALL(c.createIIRFilter({1}, {0, 1})),
      CALL(c.createPanner()->setConeOuterGain(1.1)),
      CALL(PannerNode(c, {.coneOuterGain = -0.1})),
      CALL(c.createWaveShaper()->setCurve({1})),
      CALL(c.createWaveShaper()->setCurve({})),
      {"a second curve", [](BaseAudioContext& c) {
         auto shaper = c.createWaveShaper();
         shaper->setCurve({0, 1});
         shaper->setCurve({0, 1});
       }},
      CALL(c.createGain()->gain().setValueCurveAtTime({1}, 0, 1)),
      CALL(c.createGain()->gain().setValueCurveAtTime({}, 0, 1)),
      CALL(AudioWorkletNode::create(c, "unknown")),
  };
  expectEach("InvalidStateError", calls);
}

TEST(BadCalls, AreRangeErrors) {
  const Call calls[] = {
      CALL(c.createGain()->gain().setValueAtTime(1, -1)),
      CALL(c.createGain()->gain().linearRampToValueAtTime(1, -1)),
      CALL(c.createGain()->gain().exponentialRampToValueAtTime(1, -1)),
      CALL(c.createGain()->gain().exponentialRampToValueAtTime(0, 1)),
      CALL(c.createGain()->gain().setTargetAtTime(1, -1, 1)),
      CALL(c.createGain()->gain().setTargetAtTime(1, 1, -1)),
      CALL(c.createGain()->gain().setValueCurveAtTime({0, 1}, -1, 1)),
      CALL(c.createGain()->gain().setValueCurveAtTime({0, 1}, 1, 0)),
      CALL(c.createGain()->gain().cancelScheduledValues(-1)),
      CALL(c.createGain()->gain().cancelAndHoldAtTime(-1)),
      CALL(c.createOscillator()->start(-1)),
      {"a negative stop", [](BaseAudioContext& c) {
         auto source = c.createOscillator();
         source->start();
         source->stop(-1);
       }},
      CALL(c.createBufferSource()->start(-1)),
      CALL(c.createBufferSource()->start(0, -1)),
      CALL(c.createBufferSource()->start(0, 0, -1)),
      CALL(c.createPanner()->setRefDistance(-1)),
      CALL(c.createPanner()->setMaxDistance(0)),
      CALL(c.createPanner()->setRolloffFactor(-1)),
      CALL(PannerNode(c, {.maxDistance = -1})),
  };
  expectEach("RangeError", calls);
}

TEST(BadCalls, LeaveTheContextUsable) {
  FakeContext fake;
  auto gain = fake->createGain();
  EXPECT_EQ(errorOf([&] { gain->connect(fake->destination(), 1); }), "IndexSizeError");
  EXPECT_EQ(errorOf([&] { gain->setChannelCount(0); }), "NotSupportedError");
  EXPECT_EQ(gain->channelCount(), 2u);
  gain->connect(fake->destination());
  fake->commit();
  EXPECT_EQ(fake.record->count<render::Connect>(), 1u);
}

}  // namespace
}  // namespace backline

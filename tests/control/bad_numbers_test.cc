// NaN and infinities in every number that the C++ objects take: refused, naming it, and everything stays as it was.
#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "tests/control/fake_session.h"

namespace backline {
namespace {

using test::errorOf;
using test::FakeContext;

constexpr double kBad[] = {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};

struct Taker {
  const char* name;
  std::function<void(BaseAudioContext&, double)> give;
};

float narrow(double value) { return static_cast<float>(value); }

const Taker kOptions[] = {
    {"AudioBufferSourceOptions.detune", [](auto& c, double v) { AudioBufferSourceNode(c, {.detune = narrow(v)}); }},
    {"AudioBufferSourceOptions.loopEnd", [](auto& c, double v) { AudioBufferSourceNode(c, {.loopEnd = v}); }},
    {"AudioBufferSourceOptions.loopStart", [](auto& c, double v) { AudioBufferSourceNode(c, {.loopStart = v}); }},
    {"AudioBufferSourceOptions.playbackRate", [](auto& c, double v) { AudioBufferSourceNode(c, {.playbackRate = narrow(v)}); }},
    {"AnalyserOptions.maxDecibels", [](auto& c, double v) { AnalyserNode(c, {.maxDecibels = v}); }},
    {"AnalyserOptions.minDecibels", [](auto& c, double v) { AnalyserNode(c, {.minDecibels = v}); }},
    {"AnalyserOptions.smoothingTimeConstant", [](auto& c, double v) { AnalyserNode(c, {.smoothingTimeConstant = v}); }},
    {"BiquadFilterOptions.Q", [](auto& c, double v) { BiquadFilterNode(c, {.Q = narrow(v)}); }},
    {"BiquadFilterOptions.detune", [](auto& c, double v) { BiquadFilterNode(c, {.detune = narrow(v)}); }},
    {"BiquadFilterOptions.frequency", [](auto& c, double v) { BiquadFilterNode(c, {.frequency = narrow(v)}); }},
    {"BiquadFilterOptions.gain", [](auto& c, double v) { BiquadFilterNode(c, {.gain = narrow(v)}); }},
    {"ConstantSourceOptions.offset", [](auto& c, double v) { ConstantSourceNode(c, {.offset = narrow(v)}); }},
    {"DelayOptions.delayTime", [](auto& c, double v) { DelayNode(c, {.delayTime = v}); }},
    {"DelayOptions.maxDelayTime", [](auto& c, double v) { DelayNode(c, {.maxDelayTime = v}); }},
    {"DynamicsCompressorOptions.attack", [](auto& c, double v) { DynamicsCompressorNode(c, {.attack = narrow(v)}); }},
    {"DynamicsCompressorOptions.knee", [](auto& c, double v) { DynamicsCompressorNode(c, {.knee = narrow(v)}); }},
    {"DynamicsCompressorOptions.ratio", [](auto& c, double v) { DynamicsCompressorNode(c, {.ratio = narrow(v)}); }},
    {"DynamicsCompressorOptions.release", [](auto& c, double v) { DynamicsCompressorNode(c, {.release = narrow(v)}); }},
    {"DynamicsCompressorOptions.threshold", [](auto& c, double v) { DynamicsCompressorNode(c, {.threshold = narrow(v)}); }},
    {"GainOptions.gain", [](auto& c, double v) { GainNode(c, {.gain = narrow(v)}); }},
    {"IIRFilterOptions.feedback", [](auto& c, double v) { IIRFilterNode(c, {.feedforward = {1}, .feedback = {1, v}}); }},
    {"IIRFilterOptions.feedforward", [](auto& c, double v) { IIRFilterNode(c, {.feedforward = {1, v}, .feedback = {1}}); }},
    {"OscillatorOptions.detune", [](auto& c, double v) { OscillatorNode(c, {.detune = narrow(v)}); }},
    {"OscillatorOptions.frequency", [](auto& c, double v) { OscillatorNode(c, {.frequency = narrow(v)}); }},
    {"PannerOptions.positionX", [](auto& c, double v) { PannerNode(c, {.positionX = narrow(v)}); }},
    {"PannerOptions.positionY", [](auto& c, double v) { PannerNode(c, {.positionY = narrow(v)}); }},
    {"PannerOptions.positionZ", [](auto& c, double v) { PannerNode(c, {.positionZ = narrow(v)}); }},
    {"PannerOptions.orientationX", [](auto& c, double v) { PannerNode(c, {.orientationX = narrow(v)}); }},
    {"PannerOptions.orientationY", [](auto& c, double v) { PannerNode(c, {.orientationY = narrow(v)}); }},
    {"PannerOptions.orientationZ", [](auto& c, double v) { PannerNode(c, {.orientationZ = narrow(v)}); }},
    {"PannerOptions.refDistance", [](auto& c, double v) { PannerNode(c, {.refDistance = v}); }},
    {"PannerOptions.maxDistance", [](auto& c, double v) { PannerNode(c, {.maxDistance = v}); }},
    {"PannerOptions.rolloffFactor", [](auto& c, double v) { PannerNode(c, {.rolloffFactor = v}); }},
    {"PannerOptions.coneInnerAngle", [](auto& c, double v) { PannerNode(c, {.coneInnerAngle = v}); }},
    {"PannerOptions.coneOuterAngle", [](auto& c, double v) { PannerNode(c, {.coneOuterAngle = v}); }},
    {"PannerOptions.coneOuterGain", [](auto& c, double v) { PannerNode(c, {.coneOuterGain = v}); }},
    {"PeriodicWaveOptions.real", [](auto& c, double v) { PeriodicWave(c, {.real = std::vector<float>{0, narrow(v)}}); }},
    {"PeriodicWaveOptions.imag", [](auto& c, double v) { PeriodicWave(c, {.imag = std::vector<float>{0, narrow(v)}}); }},
    {"StereoPannerOptions.pan", [](auto& c, double v) { StereoPannerNode(c, {.pan = narrow(v)}); }},
    {"AudioWorkletNodeOptions.parameterData", [](auto& c, double v) { AudioWorkletNode::create(c, "p", {.parameterData = {{"x", v}}}); }},
};

TEST(BadNumbers, InOptionsAreTypeErrorsThatNameThem) {
  FakeContext fake;
  fake.record->say(1, render::ProcessorRegistered{"p", {{.name = "x"}}, 1});
  fake->dispatch();
  for (const Taker& taker : kOptions) {
    for (const double value : kBad) {
      EXPECT_EQ(errorOf([&] { taker.give(fake.context(), value); }), "TypeError") << taker.name << " = " << value;
    }
  }
}

TEST(BadNumbers, InAttributesAreTypeErrorsAndTheyStayAsTheyWere) {
  FakeContext fake;
  auto player = fake->createBufferSource();
  auto panner = fake->createPanner();
  auto analyser = fake->createAnalyser();
  struct Attribute {
    const char* name;
    std::function<double()> get;
    std::function<void(double)> set;
  };
  const Attribute attributes[] = {
      {"loopStart", [&] { return player->loopStart(); }, [&](double v) { player->setLoopStart(v); }},
      {"loopEnd", [&] { return player->loopEnd(); }, [&](double v) { player->setLoopEnd(v); }},
      {"refDistance", [&] { return panner->refDistance(); }, [&](double v) { panner->setRefDistance(v); }},
      {"maxDistance", [&] { return panner->maxDistance(); }, [&](double v) { panner->setMaxDistance(v); }},
      {"rolloffFactor", [&] { return panner->rolloffFactor(); }, [&](double v) { panner->setRolloffFactor(v); }},
      {"coneInnerAngle", [&] { return panner->coneInnerAngle(); }, [&](double v) { panner->setConeInnerAngle(v); }},
      {"coneOuterAngle", [&] { return panner->coneOuterAngle(); }, [&](double v) { panner->setConeOuterAngle(v); }},
      {"coneOuterGain", [&] { return panner->coneOuterGain(); }, [&](double v) { panner->setConeOuterGain(v); }},
      {"minDecibels", [&] { return analyser->minDecibels(); }, [&](double v) { analyser->setMinDecibels(v); }},
      {"maxDecibels", [&] { return analyser->maxDecibels(); }, [&](double v) { analyser->setMaxDecibels(v); }},
      {"smoothingTimeConstant", [&] { return analyser->smoothingTimeConstant(); }, [&](double v) { analyser->setSmoothingTimeConstant(v); }},
  };
  for (const Attribute& attribute : attributes) {
    const double before = attribute.get();
    for (const double value : kBad) {
      EXPECT_EQ(errorOf([&] { attribute.set(value); }), "TypeError") << attribute.name << " = " << value;
      EXPECT_EQ(attribute.get(), before) << attribute.name;
    }
  }
}

TEST(BadNumbers, InCallsAreTypeErrorsAndNothingIsSent) {
  FakeContext fake;
  auto gain = fake->createGain();
  auto source = fake->createConstantSource();
  auto player = fake->createBufferSource();
  AudioParam& param = gain->gain();
  const std::function<void(double)> calls[] = {
      [&](double v) { param.setValue(narrow(v)); },
      [&](double v) { param.setValueAtTime(narrow(v), 0); },
      [&](double v) { param.setValueAtTime(0, v); },
      [&](double v) { param.linearRampToValueAtTime(narrow(v), 1); },
      [&](double v) { param.linearRampToValueAtTime(1, v); },
      [&](double v) { param.exponentialRampToValueAtTime(narrow(v), 1); },
      [&](double v) { param.exponentialRampToValueAtTime(1, v); },
      [&](double v) { param.setTargetAtTime(narrow(v), 0, 1); },
      [&](double v) { param.setTargetAtTime(1, v, 1); },
      [&](double v) { param.setTargetAtTime(1, 0, v); },
      [&](double v) { param.setValueCurveAtTime({0, narrow(v)}, 0, 1); },
      [&](double v) { param.setValueCurveAtTime({0, 1}, v, 1); },
      [&](double v) { param.setValueCurveAtTime({0, 1}, 0, v); },
      [&](double v) { param.cancelScheduledValues(v); },
      [&](double v) { param.cancelAndHoldAtTime(v); },
      [&](double v) { source->start(v); },
      [&](double v) { player->start(v); },
      [&](double v) { player->start(0, v); },
      [&](double v) { player->start(0, 0, v); },
      [&](double v) { fake->listener()->setPosition(0, narrow(v), 0); },
      [&](double v) { fake->listener()->setOrientation(0, 0, -1, 0, narrow(v), 0); },
  };
  fake->listener();
  fake->commit();
  const std::size_t before = fake.record->batches.size(), events = fake.record->count<render::ParamEvent>();
  for (std::size_t i = 0; i < std::size(calls); ++i) {
    for (const double value : kBad) EXPECT_EQ(errorOf([&] { calls[i](value); }), "TypeError") << "call " << i << " with " << value;
  }
  source->start();
  for (const double value : kBad) EXPECT_EQ(errorOf([&] { source->stop(value); }), "TypeError") << "stop with " << value;
  fake->commit();
  EXPECT_EQ(fake.record->batches.size(), before + 1) << "only the start";
  EXPECT_EQ(fake.record->count<render::ParamEvent>(), events);
}

TEST(BadNumbers, InWhatContextsAndBuffersAreMadeOfAreNotSupported) {
  for (const double value : kBad) {
    EXPECT_EQ(errorOf([&] { OfflineAudioContext({.length = 1, .sampleRate = narrow(value)}); }), "NotSupportedError");
    EXPECT_EQ(errorOf([&] { AudioBuffer({.length = 1, .sampleRate = narrow(value)}); }), "NotSupportedError");
  }
  OfflineAudioContext context({.length = 128, .sampleRate = 48000});
  for (const double value : kBad) {
    std::optional<Error> failure;
    context.suspend(value, [&](std::optional<Error> error) { failure = error; });
    EXPECT_TRUE(failure && failure->name() == "InvalidStateError") << value;
  }
}

}  // namespace
}  // namespace backline

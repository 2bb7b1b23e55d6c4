#include "control/audio_context.h"

#include "node/contexts.h"

namespace backline::node {

namespace {

using Info = Napi::CallbackInfo;

void readLatency(const Napi::Object& given, AudioContextOptions& options) {
  const Napi::Value hint = given.Get("latencyHint");
  if (hint.IsNumber()) options.latencyHint = hint.As<Napi::Number>().DoubleValue();
  if (!hint.IsString()) return;
  const std::string category = hint.As<Napi::String>().Utf8Value();
  if (category == "balanced") options.latencyHint = AudioContextLatencyCategory::balanced;
  if (category == "playback") options.latencyHint = AudioContextLatencyCategory::playback;
}

/// lib/ has seen to it that an object is one of AudioSinkOptions.
AudioSink sinkFrom(const Napi::Value& value) {
  if (value.IsObject()) return AudioSinkInfo{};
  return value.IsString() ? value.As<Napi::String>().Utf8Value() : std::string();
}

Object makeContext(const Info& info, Environment& environment) {
  const Napi::Object given = optionsAt(info, 0);
  AudioContextOptions options;
  read(given, "sampleRate", options.sampleRate);
  readLatency(given, options);
  options.sinkId = sinkFrom(given.Get("sinkId"));
  readRenderSize(given, options.renderSizeHint);
  try {
    return std::static_pointer_cast<BaseAudioContext>(std::make_shared<AudioContext>(environment.engine(), options));
  } catch (const session::EngineError& error) {
    throw DomException("NotSupportedError", error.what());
  }
}

template <auto change>
Napi::Value changeState(Impl& impl, const Info&) {
  return promised(impl, [&](Completion done) { (impl.as<AudioContext>().*change)(std::move(done)); });
}

Napi::Value getOutputTimestamp(Impl& impl, const Info& info) {
  const AudioTimestamp stamp = impl.as<AudioContext>().getOutputTimestamp();
  auto result = Napi::Object::New(info.Env());
  result.Set("contextTime", stamp.contextTime);
  result.Set("performanceTime", stamp.nanoseconds == 0 ? 0 : impl.environment().performanceTime(stamp.nanoseconds));
  return result;
}

/// Null for none: lib/ makes the AudioSinkInfo.
Napi::Value sinkId(Impl& impl, const Info& info) {
  const auto* device = std::get_if<std::string>(&impl.as<AudioContext>().sinkId());
  return device != nullptr ? Napi::Value(Napi::String::New(info.Env(), *device)) : info.Env().Null();
}

Napi::Value setSinkId(Impl& impl, const Info& info) {
  return promised(impl, [&](Completion done) { impl.as<AudioContext>().setSinkId(sinkFrom(info[0]), std::move(done)); });
}

void attachLive(Impl& impl) {
  attachContext(impl);
  impl.as<AudioContext>().onsinkchange = [weak = impl.weak()] {
    if (auto self = weak.lock()) (*self)->environment().emit(**self, "sinkchange", (*self)->Env().Undefined());
  };
}

Napi::Value playback(Impl& impl, const Info& info) {
  const session::Timing timing = impl.context().link()->timing();
  auto result = Napi::Object::New(info.Env());
  result.Set("underruns", static_cast<double>(timing.underruns));
  result.Set("playedFrame", static_cast<double>(timing.playedFrame));
  result.Set("frame", static_cast<double>(timing.frame));
  result.Set("costAverage", timing.costAverage);
  result.Set("costWorst", timing.costWorst);
  auto peak = Napi::Array::New(info.Env(), 2);
  peak.Set(0u, timing.peak[0]);
  peak.Set(1u, timing.peak[1]);
  result.Set("peak", peak);
  return result;
}

Napi::Value playbackStats(Impl& impl, const Info& info) {
  return Impl::wrap(info.Env(), "AudioPlaybackStats", impl.as<AudioContext>().playbackStats());
}

Napi::Value device(Impl& impl, const Info& info) {
  const session::SessionInfo& session = impl.context().link()->info();
  auto result = Napi::Object::New(info.Env());
  result.Set("id", session.deviceId);
  result.Set("name", session.device);
  result.Set("backend", session.backend);
  result.Set("maxChannels", session.maxChannels);
  return result;
}

}  // namespace

ClassTable audioContextClass() {
  return {"AudioContext", &makeContext, &attachLive,
          contextMembers({
              attribute<&AudioContext::baseLatency>("baseLatency"),
              attribute<&AudioContext::outputLatency>("outputLatency"),
              attribute<&sinkId>("sinkId"),
              attribute<&device>("device"),
              attribute<&playbackStats>("playbackStats"),
              method<&getOutputTimestamp>("getOutputTimestamp"),
              method<&setSinkId>("setSinkId"),
              method<&playback>("playback"),
              method<&changeState<&AudioContext::suspend>>("suspend"),
              method<&changeState<&AudioContext::resume>>("resume"),
              method<&changeState<&AudioContext::close>>("close"),
          })};
}

ClassTable audioPlaybackStatsClass() {
  return {"AudioPlaybackStats", nullptr, nullptr,
          {
              attribute<&AudioPlaybackStats::underrunDuration>("underrunDuration"),
              attribute<&AudioPlaybackStats::underrunEvents>("underrunEvents"),
              attribute<&AudioPlaybackStats::totalDuration>("totalDuration"),
              attribute<&AudioPlaybackStats::averageLatency>("averageLatency"),
              attribute<&AudioPlaybackStats::minimumLatency>("minimumLatency"),
              attribute<&AudioPlaybackStats::maximumLatency>("maximumLatency"),
              method<&AudioPlaybackStats::resetLatency>("resetLatency"),
          }};
}

}  // namespace backline::node

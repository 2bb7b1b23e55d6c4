#include "node/class_table.h"

namespace backline::node {

namespace {

using Info = Napi::CallbackInfo;

// ------------------------------------------------------------------ AudioBuffer

void attachBuffer(Impl& impl) {
  const auto& buffer = impl.as<AudioBuffer>();
  impl.account(static_cast<std::int64_t>(buffer.length() * buffer.numberOfChannels() * sizeof(float)));
}

Object makeBuffer(const Info& info, Environment&) {
  const Napi::Object given = optionsAt(info, 0);
  AudioBufferOptions options;
  read(given, "numberOfChannels", options.numberOfChannels);
  read(given, "length", options.length);
  read(given, "sampleRate", options.sampleRate);
  return std::make_shared<AudioBuffer>(options);
}

/// A Float32Array over the channel's own memory, which lives as long as either.
Napi::Value getChannelData(Impl& impl, const Info& info) {
  auto& buffer = impl.as<AudioBuffer>();
  auto memory = std::make_unique<std::shared_ptr<float[]>>(buffer.shareChannelData(FromJs<std::uint32_t>::from(info[0])));
  float* samples = memory->get();
  const auto length = static_cast<std::size_t>(buffer.length());
  auto bytes = Napi::ArrayBuffer::New(
      info.Env(), samples, length * sizeof(float),
      [](Napi::Env, void*, std::shared_ptr<float[]>* held) { delete held; }, memory.release());
  return Napi::Float32Array::New(info.Env(), length, bytes, 0);
}

// ------------------------------------------------------------------ PeriodicWave

Object makeWave(const Info& info, Environment&) {
  const Napi::Object given = optionsAt(info, 1);
  PeriodicWaveOptions options;
  read(given, "real", options.real);
  read(given, "imag", options.imag);
  read(given, "disableNormalization", options.disableNormalization);
  return std::make_shared<PeriodicWave>(Impl::of(info[0]).context(), std::move(options));
}

}  // namespace

ClassTable audioBufferClass() {
  return {"AudioBuffer",
          &makeBuffer,
          &attachBuffer,
          {
              attribute<&AudioBuffer::sampleRate>("sampleRate"),
              attribute<&AudioBuffer::length>("length"),
              attribute<&AudioBuffer::duration>("duration"),
              attribute<&AudioBuffer::numberOfChannels>("numberOfChannels"),
              method<&getChannelData>("getChannelData"),
              method<&AudioBuffer::copyFromChannel>("copyFromChannel"),
              method<&AudioBuffer::copyToChannel>("copyToChannel"),
              method<&AudioBuffer::markDetached>("markDetached"),
          }};
}

ClassTable periodicWaveClass() { return {"PeriodicWave", &makeWave, nullptr, {}}; }

ClassTable audioParamClass() {
  return {"AudioParam",
          nullptr,
          nullptr,
          {
              attribute<&AudioParam::name>("name"),
              attribute<&AudioParam::value, &AudioParam::setValue>("value"),
              attribute<&AudioParam::automationRate, &AudioParam::setAutomationRate>("automationRate"),
              attribute<&AudioParam::defaultValue>("defaultValue"),
              attribute<&AudioParam::minValue>("minValue"),
              attribute<&AudioParam::maxValue>("maxValue"),
              method<&AudioParam::setValueAtTime>("setValueAtTime"),
              method<&AudioParam::linearRampToValueAtTime>("linearRampToValueAtTime"),
              method<&AudioParam::exponentialRampToValueAtTime>("exponentialRampToValueAtTime"),
              method<&AudioParam::setTargetAtTime>("setTargetAtTime"),
              method<&AudioParam::setValueCurveAtTime>("setValueCurveAtTime"),
              method<&AudioParam::cancelScheduledValues>("cancelScheduledValues"),
              method<&AudioParam::cancelAndHoldAtTime>("cancelAndHoldAtTime"),
          }};
}

}  // namespace backline::node

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

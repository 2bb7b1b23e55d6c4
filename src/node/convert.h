#pragma once

#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <napi.h>

#include "control/errors.h"
#include "node/impl.h"
#include "render/worklet.h"

namespace backline::node {

/// The IDL's strings of an enumeration, in the order of its values.
template <class E>
struct EnumNames;
template <>
struct EnumNames<AutomationRate> {
  static constexpr const char* kNames[] = {"a-rate", "k-rate"};
};
template <>
struct EnumNames<ChannelCountMode> {
  static constexpr const char* kNames[] = {"max", "clamped-max", "explicit"};
};
template <>
struct EnumNames<ChannelInterpretation> {
  static constexpr const char* kNames[] = {"speakers", "discrete"};
};
template <>
struct EnumNames<BiquadFilterType> {
  static constexpr const char* kNames[] = {"lowpass", "highpass", "bandpass", "lowshelf", "highshelf", "peaking", "notch", "allpass"};
};
template <>
struct EnumNames<OscillatorType> {
  static constexpr const char* kNames[] = {"sine", "square", "sawtooth", "triangle", "custom"};
};
template <>
struct EnumNames<OverSampleType> {
  static constexpr const char* kNames[] = {"none", "2x", "4x"};
};
template <>
struct EnumNames<PanningModelType> {
  static constexpr const char* kNames[] = {"equalpower", "HRTF"};
};
template <>
struct EnumNames<DistanceModelType> {
  static constexpr const char* kNames[] = {"linear", "inverse", "exponential"};
};
template <>
struct EnumNames<MediaStreamTrackState> {
  static constexpr const char* kNames[] = {"live", "ended"};
};
template <>
struct EnumNames<AudioContextState> {
  static constexpr const char* kNames[] = {"suspended", "running", "closed", "interrupted"};
};

/// A C++ error as the JavaScript exception that the specification asks for.
Napi::Error toJs(Napi::Env env, const Error& error);
/// The exception's value, for rejecting a promise.
Napi::Value toJsValue(Napi::Env env, const Error& error);

/// Floats of a Float32Array or an Array.
std::vector<float> floatsOf(const Napi::Value& value);

/// From JavaScript, where lib/ has converted by the IDL. Throws TypeError for another type.
template <class T>
struct FromJs;

template <class T>
  requires std::is_arithmetic_v<T>
struct FromJs<T> {
  static T from(const Napi::Value& value) {
    if constexpr (std::is_same_v<T, bool>) {
      return value.ToBoolean().Value();
    } else {
      const double number = value.ToNumber().DoubleValue();
      if constexpr (std::is_integral_v<T>) return static_cast<T>(static_cast<std::int64_t>(number));
      return static_cast<T>(number);
    }
  }
};

template <class E>
  requires std::is_enum_v<E>
struct FromJs<E> {
  static E from(const Napi::Value& value) {
    const std::string name = value.ToString().Utf8Value();
    std::uint32_t index = 0;
    for (const char* known : EnumNames<E>::kNames) {
      if (name == known) return static_cast<E>(index);
      ++index;
    }
    throw Napi::TypeError::New(value.Env(), "\"" + name + "\" is no value of this enumeration");
  }
};

template <>
struct FromJs<std::string> {
  static std::string from(const Napi::Value& value) { return value.ToString().Utf8Value(); }
};

template <>
struct FromJs<std::vector<float>> {
  static std::vector<float> from(const Napi::Value& value) { return floatsOf(value); }
};

template <>
struct FromJs<std::vector<double>> {
  static std::vector<double> from(const Napi::Value& value) {
    if (value.IsTypedArray()) {
      const auto view = value.As<Napi::Float64Array>();
      return {view.Data(), view.Data() + view.ElementLength()};
    }
    std::vector<double> numbers;
    const auto array = value.As<Napi::Array>();
    for (std::uint32_t i = 0; i < array.Length(); ++i) numbers.push_back(Napi::Value(array[i]).ToNumber().DoubleValue());
    return numbers;
  }
};

/// A view of a Float32Array.
template <class F>
  requires std::is_same_v<std::remove_const_t<F>, float>
struct FromJs<std::span<F>> {
  static std::span<F> from(const Napi::Value& value) {
    if (!value.IsTypedArray()) throw Napi::TypeError::New(value.Env(), "not a Float32Array");
    auto array = value.As<Napi::Float32Array>();
    return {array.Data(), array.ElementLength()};
  }
};

/// A view of a Uint8Array.
template <>
struct FromJs<std::span<std::uint8_t>> {
  static std::span<std::uint8_t> from(const Napi::Value& value) {
    if (!value.IsTypedArray()) throw Napi::TypeError::New(value.Env(), "not a Uint8Array");
    auto array = value.As<Napi::Uint8Array>();
    return {array.Data(), array.ElementLength()};
  }
};

template <class T>
struct FromJs<std::shared_ptr<T>> {
  static std::shared_ptr<T> from(const Napi::Value& value) {
    if (value.IsNull() || value.IsUndefined()) return nullptr;
    auto pointer = Impl::of(value).pointer<T>();
    if (!pointer.get()) throw Napi::TypeError::New(value.Env(), "backline: an object of another class");
    return pointer;
  }
};

template <class T>
struct FromJs<std::optional<T>> {
  static std::optional<T> from(const Napi::Value& value) {
    if (value.IsUndefined()) return {};
    return FromJs<T>::from(value);
  }
};

template <class T>
Napi::Value toJsValue(Napi::Env env, const T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    return Napi::Boolean::New(env, value);
  } else if constexpr (std::is_arithmetic_v<T>) {
    return Napi::Number::New(env, static_cast<double>(value));
  } else if constexpr (std::is_enum_v<T>) {
    return Napi::String::New(env, EnumNames<T>::kNames[static_cast<std::size_t>(value)]);
  } else {
    return Napi::String::New(env, value);
  }
}

/// A member of a dictionary, if it is there.
template <class T>
void read(const Napi::Object& options, const char* name, T& target) {
  const Napi::Value value = options.Get(name);
  if (!value.IsUndefined()) target = FromJs<T>::from(value);
}
template <class T>
void read(const Napi::Object& options, const char* name, std::optional<T>& target) {
  const Napi::Value value = options.Get(name);
  if (!value.IsUndefined()) target = FromJs<T>::from(value);
}

/// A copy of the bytes of a Uint8Array; none of anything else.
render::Message messageOf(const Napi::Value& value);
Napi::Value toJsBytes(Napi::Env env, std::span<const std::byte> bytes);

/// The dictionary at an argument; an empty one if it was left out.
Napi::Object optionsAt(const Napi::CallbackInfo& info, std::size_t index);

}  // namespace backline::node

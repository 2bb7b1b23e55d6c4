#pragma once

#include <new>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <napi.h>

#include "node/convert.h"

namespace backline::node {

/// A class of the add-on: a name, what its constructor does (null: made here only), what happens to every new object, its members.
struct ClassTable {
  const char* name;
  Object (*construct)(const Napi::CallbackInfo& info, Environment& environment);
  void (*attach)(Impl& impl);
  std::vector<napi_property_descriptor> members;
};

/// Runs `call` with C++ exceptions turned into JavaScript's.
template <class Call>
napi_value guarded(napi_env env, Call&& call) {
  try {
    return call();
  } catch (const Napi::Error& error) {
    error.ThrowAsJavaScriptException();
  } catch (const Error& error) {
    toJs(env, error).ThrowAsJavaScriptException();
  } catch (const std::bad_alloc&) {
    Napi::RangeError::New(env, "out of memory").ThrowAsJavaScriptException();
  } catch (const std::exception& error) {
    Napi::Error::New(env, error.what()).ThrowAsJavaScriptException();
  }
  return nullptr;
}

namespace detail {

template <class Member>
struct MemberTraits;
template <class R, class T, class... A>
struct MemberTraits<R (T::*)(A...)> {
  using Result = R;
  using Class = T;
  using Arguments = std::tuple<std::decay_t<A>...>;
};
template <class R, class T, class... A>
struct MemberTraits<R (T::*)(A...) const> : MemberTraits<R (T::*)(A...)> {};

/// Calls a member function with arguments converted from JavaScript. Results that are objects are dropped.
template <auto member>
napi_value callMember(napi_env env, napi_callback_info raw) {
  using Traits = MemberTraits<decltype(member)>;
  return guarded(env, [&]() -> napi_value {
    const Napi::CallbackInfo info(env, raw);
    auto& self = Impl::of(info.This()).template as<typename Traits::Class>();
    return [&]<std::size_t... i>(std::index_sequence<i...>) -> napi_value {
      auto call = [&]() -> decltype(auto) {
        return (self.*member)(FromJs<std::tuple_element_t<i, typename Traits::Arguments>>::from(info[i])...);
      };
      using Result = typename Traits::Result;
      if constexpr (std::is_void_v<Result> || std::is_class_v<std::remove_cvref_t<Result>>) {
        if constexpr (std::is_same_v<std::remove_cvref_t<Result>, std::string>) {
          return toJsValue(env, call());
        } else {
          call();
          return nullptr;
        }
      } else {
        return toJsValue(env, call());
      }
    }(std::make_index_sequence<std::tuple_size_v<typename Traits::Arguments>>());
  });
}

template <auto function>
napi_value callFunction(napi_env env, napi_callback_info raw) {
  return guarded(env, [&]() -> napi_value {
    const Napi::CallbackInfo info(env, raw);
    return function(Impl::of(info.This()), info);
  });
}

template <auto callable>
constexpr napi_callback callbackOf() {
  if constexpr (std::is_member_function_pointer_v<decltype(callable)>) {
    return &callMember<callable>;
  } else {
    return &callFunction<callable>;
  }
}

}  // namespace detail

// A member is a pointer to a member function of the C++ object, or a function Napi::Value(Impl&, const Napi::CallbackInfo&).

template <auto callable>
napi_property_descriptor method(const char* name) {
  return {name, nullptr, detail::callbackOf<callable>(), nullptr, nullptr, nullptr, napi_default_method, nullptr};
}
template <auto getter>
napi_property_descriptor attribute(const char* name) {
  return {name, nullptr, nullptr, detail::callbackOf<getter>(), nullptr, nullptr, napi_configurable, nullptr};
}
template <auto getter, auto setter>
napi_property_descriptor attribute(const char* name) {
  return {name, nullptr, nullptr, detail::callbackOf<getter>(), detail::callbackOf<setter>(), nullptr, napi_configurable, nullptr};
}

/// Members of a node class: those of every AudioNode, those its declaration says, and its own.
std::vector<napi_property_descriptor> nodeMembers(const render::NodeDeclaration& declaration,
                                                  std::vector<napi_property_descriptor> own = {});

/// Has the impl of a node kept for as long as its context keeps the node.
void keepWithNode(Impl& impl);

/// The members of AudioNodeOptions.
AudioNodeOptions nodeOptions(const Napi::Object& options);

/// The object of an AudioParam: the same every time, kept on its owner's, where the garbage collector sees it. Null for none.
Napi::Value heldParam(const Impl& impl, const std::string& name, std::shared_ptr<AudioParam> param);

/// The JavaScript object that was set as `buffer`, or null.
Napi::Value heldBuffer(const Impl& impl);
void holdBuffer(Napi::Object self, const Napi::Value& buffer);

// The tables, each in the file of its class.
std::vector<ClassTable> nodeClasses();
std::vector<ClassTable> sourceClasses();
std::vector<ClassTable> mediaStreamClasses();
std::vector<ClassTable> mediaElementClasses();
std::vector<ClassTable> analysisClasses();
std::vector<ClassTable> effectClasses();
std::vector<ClassTable> routingClasses();
std::vector<ClassTable> filterClasses();
std::vector<ClassTable> spatialClasses();
ClassTable audioParamClass();
ClassTable audioBufferClass();
ClassTable periodicWaveClass();
ClassTable audioContextClass();
ClassTable audioPlaybackStatsClass();
ClassTable offlineAudioContextClass();
ClassTable audioWorkletNodeClass();

/// HTMLMediaElement.canPlayType.
Napi::Value canPlayType(const Napi::CallbackInfo& info);
/// A track of an input device; options {device, channels}.
Napi::Value openCapture(const Napi::CallbackInfo& info);

}  // namespace backline::node

#include "media/media_element.h"

#include "node/class_table.h"

namespace backline::node {

namespace {

using Info = Napi::CallbackInfo;
using media::MediaElement;

Object makeElement(const Info&, Environment& environment) { return MediaElement::create(environment.mediaElements()); }

void attachElement(Impl& impl) {
  auto& element = impl.as<MediaElement>();
  element.onevent = [weak = impl.weak()](const std::string& type) {
    const auto self = weak.lock();
    if (!self) return;
    const Napi::Env env = (*self)->Env();
    const Napi::HandleScope scope(env);
    (*self)->environment().emit(**self, "media", Napi::String::New(env, type));
  };
  element.onactive = [weak = impl.weak()](bool active) {
    if (const auto self = weak.lock()) (*self)->keep(active);
  };
}

Napi::Value play(Impl& impl, const Info& info) {
  auto deferred = std::make_shared<Napi::Promise::Deferred>(info.Env());
  impl.as<MediaElement>().play([deferred](std::optional<Error> error) {
    const Napi::HandleScope scope(deferred->Env());
    if (error) deferred->Reject(toJsValue(deferred->Env(), *error));
    else deferred->Resolve(deferred->Env().Undefined());
  });
  return deferred->Promise();
}

Napi::Value provide(Impl& impl, const Info& info) {
  media::MediaBytes bytes;
  if (info[0].IsTypedArray()) {
    const auto view = FromJs<std::span<std::uint8_t>>::from(info[0]);
    const auto* first = reinterpret_cast<const std::byte*>(view.data());
    bytes = std::make_shared<const std::vector<std::byte>>(first, first + view.size());
  }
  impl.as<MediaElement>().provide(std::move(bytes), FromJs<std::string>::from(info[1]));
  return info.Env().Undefined();
}

Napi::Value error(Impl& impl, const Info& info) {
  const auto& error = impl.as<MediaElement>().error();
  if (!error) return info.Env().Null();
  auto result = Napi::Object::New(info.Env());
  result.Set("code", static_cast<int>(error->code));
  result.Set("message", error->message);
  return result;
}

template <media::TimeRanges (MediaElement::*get)() const>
Napi::Value ranges(Impl& impl, const Info& info) {
  auto result = Napi::Array::New(info.Env());
  for (const media::TimeRange& range : (impl.as<MediaElement>().*get)()) {
    auto pair = Napi::Array::New(info.Env(), 2);
    pair.Set(0u, range.start);
    pair.Set(1u, range.end);
    result.Set(result.Length(), pair);
  }
  return result;
}

template <auto get>
Napi::Value number(Impl& impl, const Info& info) {
  return Napi::Number::New(info.Env(), static_cast<double>((impl.as<MediaElement>().*get)()));
}

Object makeSource(const Info& info, Environment&) {
  MediaElementAudioSourceOptions options{FromJs<std::shared_ptr<MediaElement>>::from(optionsAt(info, 1).Get("mediaElement"))};
  return std::static_pointer_cast<AudioNode>(MediaElementAudioSourceNode::create(Impl::of(info[0]).context(), options));
}

}  // namespace

Napi::Value canPlayType(const Info& info) { return Napi::String::New(info.Env(), MediaElement::canPlayType(FromJs<std::string>::from(info[0]))); }

std::vector<ClassTable> mediaElementClasses() {
  return {
      {"MediaElement", &makeElement, &attachElement,
       {
           method<&MediaElement::setSrc>("setSrc"),
           method<&MediaElement::awaitSrc>("awaitSrc"),
           method<&provide>("provide"),
           method<&MediaElement::load>("load"),
           method<&play>("play"),
           method<&MediaElement::pause>("pause"),
           method<&error>("error"),
           method<&ranges<&MediaElement::buffered>>("buffered"),
           method<&ranges<&MediaElement::seekable>>("seekable"),
           method<&ranges<&MediaElement::played>>("played"),
           attribute<&MediaElement::currentSrc>("currentSrc"),
           attribute<&number<&MediaElement::networkState>>("networkState"),
           attribute<&number<&MediaElement::readyState>>("readyState"),
           attribute<&MediaElement::preload, &MediaElement::setPreload>("preload"),
           attribute<&MediaElement::paused>("paused"),
           attribute<&MediaElement::ended>("ended"),
           attribute<&MediaElement::seeking>("seeking"),
           attribute<&MediaElement::currentTime, &MediaElement::setCurrentTime>("currentTime"),
           attribute<&MediaElement::duration>("duration"),
           attribute<&MediaElement::loop, &MediaElement::setLoop>("loop"),
           attribute<&MediaElement::autoplay, &MediaElement::setAutoplay>("autoplay"),
           attribute<&MediaElement::playbackRate, &MediaElement::setPlaybackRate>("playbackRate"),
           attribute<&MediaElement::defaultPlaybackRate, &MediaElement::setDefaultPlaybackRate>("defaultPlaybackRate"),
           attribute<&MediaElement::preservesPitch, &MediaElement::setPreservesPitch>("preservesPitch"),
           attribute<&MediaElement::volume, &MediaElement::setVolume>("volume"),
           attribute<&MediaElement::muted, &MediaElement::setMuted>("muted"),
       }},
      {"MediaElementAudioSourceNode", &makeSource, nullptr, nodeMembers(render::kMediaElementAudioSource)},
  };
}

}  // namespace backline::node

#include "control/audio_context.h"
#include "control/media_stream_capture.h"
#include "node/class_table.h"

namespace backline::node {

namespace {

using Info = Napi::CallbackInfo;

// A MediaStream itself is made in lib/: it is a list of tracks.

void attachTrack(Impl& impl) {
  auto& track = impl.as<MediaStreamTrack>();
  Environment& environment = impl.environment();
  std::erase_if(environment.tracks, [](const auto& old) { return old.expired(); });
  environment.tracks.push_back(track.weak_from_this());
  track.onended = [weak = impl.weak()] {
    auto self = weak.lock();
    if (!self) return;
    (*self)->environment().emit(**self, "ended", (*self)->Env().Undefined());
    (*self)->keep(false);
  };
  track.onWake([loop = environment.loop, weak = track.weak_from_this()] {
    loop->post([weak] {
      if (const auto alive = weak.lock()) alive->dispatch();
    });
  });
}

Napi::Value clone(Impl& impl, const Info& info) { return Impl::wrap(info.Env(), "MediaStreamTrack", impl.as<MediaStreamTrack>().clone()); }

/// A live track is kept while its end is listened for.
Napi::Value listened(Impl& impl, const Info& info) {
  impl.keep(FromJs<bool>::from(info[0]) && impl.as<MediaStreamTrack>().readyState() == MediaStreamTrackState::live);
  return info.Env().Undefined();
}

Napi::Value stop(Impl& impl, const Info& info) {
  impl.as<MediaStreamTrack>().stop();
  impl.keep(false);
  return info.Env().Undefined();
}

Napi::Value settings(Impl& impl, const Info& info) {
  const MediaSourceInfo source = impl.as<MediaStreamTrack>().settings();
  auto result = Napi::Object::New(info.Env());
  if (!source.deviceId.empty()) result.Set("deviceId", source.deviceId);
  result.Set("sampleRate", source.sampleRate);
  result.Set("channelCount", source.channelCount);
  result.Set("latency", source.latency);
  return result;
}

std::shared_ptr<MediaStreamTrack> trackOf(const Napi::Object& options) {
  return FromJs<std::shared_ptr<MediaStreamTrack>>::from(options.Get("mediaStreamTrack"));
}

// lib/ has chosen the track of the stream.
Object makeStreamSource(const Info& info, Environment&) {
  const Napi::Object given = optionsAt(info, 1);
  auto stream = std::make_shared<MediaStream>(MediaStream::Tracks{trackOf(given)});
  return std::static_pointer_cast<AudioNode>(MediaStreamAudioSourceNode::create(Impl::of(info[0]).context(), {std::move(stream)}));
}

Object makeTrackSource(const Info& info, Environment&) {
  return std::static_pointer_cast<AudioNode>(
      MediaStreamTrackAudioSourceNode::create(Impl::of(info[0]).context(), {trackOf(optionsAt(info, 1))}));
}

Object makeDestination(const Info& info, Environment&) {
  const AudioNodeOptions options = nodeOptions(optionsAt(info, 1));
  return std::static_pointer_cast<AudioNode>(std::make_shared<MediaStreamAudioDestinationNode>(Impl::of(info[0]).context(), options));
}

/// Always the same object; made when it is first asked for.
Napi::Value track(Impl& impl, const Info& info) {
  Napi::Object self = impl.Value();
  const Napi::Value known = self.Get("$track");
  if (!known.IsUndefined()) return known;
  const Napi::Object made = Impl::wrap(info.Env(), "MediaStreamTrack", impl.as<MediaStreamAudioDestinationNode>().stream()->getTracks()[0]);
  self.DefineProperty(Napi::PropertyDescriptor::Value("$track", made));
  return made;
}

}  // namespace

Napi::Value openCapture(const Info& info) {
  const Napi::Object given = optionsAt(info, 0);
  session::CaptureOptions options;
  read(given, "device", options.device);
  read(given, "channels", options.channels);
  Environment& environment = Environment::of(info.Env());
  session::Engine& engine = environment.engine();
  const Napi::Promise::Deferred deferred(info.Env());
  // The promise keeps the program. What was opened must not outlive the engine: where the program ends meanwhile, it ends where it arrives.
  environment.loop->hold();
  engine.openCapture(options, [&engine, options, deferred, loop = environment.loop, arrivals = environment.captures](std::unique_ptr<session::Capture> capture, const std::string& error) {
    const std::optional<std::uint64_t> number = arrivals->put(std::move(capture));
    if (!number) return;
    loop->post([&engine, options, deferred, loop, arrivals, number = *number, error] {
      loop->release();
      const Napi::HandleScope scope(deferred.Env());
      auto opened = arrivals->take(number);
      if (!opened) {
        deferred.Reject(toJsValue(deferred.Env(), Error(DomException("NotReadableError", error))));
        return;
      }
      auto source = std::make_shared<CaptureSource>(engine, options, std::move(opened));
      deferred.Resolve(Impl::wrap(deferred.Env(), "MediaStreamTrack", std::make_shared<MediaStreamTrack>(std::move(source))));
    });
  });
  return deferred.Promise();
}

std::vector<ClassTable> mediaStreamClasses() {
  return {
      {"MediaStreamTrack", nullptr, &attachTrack,
       {
           attribute<&MediaStreamTrack::kind>("kind"),
           attribute<&MediaStreamTrack::id>("id"),
           attribute<&MediaStreamTrack::label>("label"),
           attribute<&MediaStreamTrack::enabled, &MediaStreamTrack::setEnabled>("enabled"),
           attribute<&MediaStreamTrack::muted>("muted"),
           attribute<&MediaStreamTrack::readyState>("readyState"),
           method<&stop>("stop"),
           method<&listened>("listened"),
           method<&clone>("clone"),
           method<&settings>("settings"),
       }},
      {"MediaStreamAudioSourceNode", &makeStreamSource, &keepWithNode, nodeMembers(render::kMediaStreamAudioSource)},
      {"MediaStreamTrackAudioSourceNode", &makeTrackSource, &keepWithNode, nodeMembers(render::kMediaStreamTrackAudioSource)},
      {"MediaStreamAudioDestinationNode", &makeDestination, nullptr,
       nodeMembers(render::kMediaStreamAudioDestination, {attribute<&track>("track")})},
  };
}

}  // namespace backline::node

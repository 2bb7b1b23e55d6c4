#pragma once

#include <memory>
#include <variant>

#include <napi.h>

#include "control/audio_playback_stats.h"
#include "control/base_audio_context.h"
#include "control/media_stream_track.h"
#include "media/media_element.h"
#include "node/environment.h"

namespace backline::node {

using Object = std::variant<std::shared_ptr<BaseAudioContext>, std::shared_ptr<AudioNode>, std::shared_ptr<AudioParam>,
                            std::shared_ptr<AudioBuffer>, std::shared_ptr<PeriodicWave>, std::shared_ptr<AudioPlaybackStats>,
                            std::shared_ptr<MediaStreamTrack>, std::shared_ptr<AudioListener>, std::shared_ptr<media::MediaElement>>;

struct ClassTable;

/// What JavaScript holds of one C++ object; each keeps the other. All classes of the add-on share this type and differ by their table. [main]
class Impl final : public Napi::ObjectWrap<Impl> {
 public:
  explicit Impl(const Napi::CallbackInfo& info);
  ~Impl() override;

  /// Throws TypeError for anything that is no object of this add-on.
  static Impl& of(const Napi::Value& value);
  /// A new impl for an object made here.
  static Napi::Object wrap(Napi::Env env, const char* className, Object object);

  /// Null if the object is of another type.
  template <class T>
  std::shared_ptr<T> pointer() const {
    return std::visit([](const auto& held) { return std::shared_ptr<T>(held, castTo<T>(held.get())); }, object_);
  }
  template <class T>
  T& as() const {
    if (auto* object = std::visit([](const auto& held) { return castTo<T>(held.get()); }, object_)) return *object;
    throw Napi::TypeError::New(Env(), "backline: an object of another class");
  }
  BaseAudioContext& context() const { return as<BaseAudioContext>(); }
  Environment& environment() const { return *environment_; }

  /// A strong reference from here while `wanted`, so that an impl nobody holds lives on.
  void keep(bool wanted);
  /// As keep, and the event loop with it.
  void keepProgram(bool wanted);
  /// For hooks of the C++ object, which may outlive the impl: empty once it has gone.
  std::weak_ptr<Impl*> weak() const { return token_; }
  /// Tells the garbage collector what hangs on this small object.
  void account(std::int64_t bytes);

 private:
  template <class T, class U>
  static T* castTo(U* object) {
    if constexpr (std::is_same_v<std::remove_const_t<T>, U> || std::is_base_of_v<T, U>) {
      return object;
    } else if constexpr (std::is_base_of_v<U, T>) {
      return dynamic_cast<T*>(object);
    } else {
      return nullptr;
    }
  }

  std::shared_ptr<Environment> environment_;
  Object object_;
  std::shared_ptr<Impl*> token_ = std::make_shared<Impl*>(this);
  std::int64_t bytes_ = 0;
  bool kept_ = false;
  bool holdsProgram_ = false;
};

}  // namespace backline::node

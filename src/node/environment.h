#pragma once

#include <memory>
#include <unordered_set>
#include <vector>

#include <napi.h>

#include "control/media_stream_track.h"
#include "control/session_link.h"
#include "media/decoder.h"
#include "media/media_elements.h"
#include "node/capture_arrivals.h"
#include "node/decodings.h"
#include "node/loop.h"
#include "session/engine.h"

namespace backline::node {

class Impl;

/// What has to end before the engine does. [main]
struct Ending {
  virtual ~Ending() = default;
  virtual void end() = 0;
};

/// Everything the add-on keeps for one Node environment (the main thread or a worker): nothing is shared between them.
/// Lives until the last object of the environment has gone; works until end(). [main]
class Environment : public std::enable_shared_from_this<Environment> {
 public:
  explicit Environment(Napi::Env env);

  static Environment& of(Napi::Env env) { return **env.GetInstanceData<std::shared_ptr<Environment>>(); }

  /// What native.initialize() was given.
  void initialize(const Napi::Object& options);
  /// Started by the first who asks. Throws EngineError, DomException once the environment has ended.
  session::Engine& engine();
  /// Of all elements of the environment; made for the first.
  media::MediaElements& mediaElements();
  /// For all decodings of the environment.
  const std::shared_ptr<media::Decoder>& decoder();
  Decodings& decodings();
  bool hasEngine() const { return engine_ != nullptr; }

  /// Tells lib/ of an event at an impl.
  void emit(Impl& impl, const char* type, Napi::Value detail);
  /// Tells lib/ that devices may have changed.
  void sayDevicesChanged();
  Napi::Value makeDomException(const std::string& message, const std::string& name);
  /// Milliseconds of performance.now() at a CLOCK_MONOTONIC.
  double performanceTime(std::int64_t nanoseconds) const;

  /// Has a microtask commit the open batch of a session.
  void commitSoon(const std::shared_ptr<SessionLink>& link);

  std::shared_ptr<Loop> loop;
  std::shared_ptr<render::WorkletRuntimeFactory> worklets = std::make_shared<render::WorkletRuntimeFactory>();
  const std::shared_ptr<CaptureArrivals> captures = std::make_shared<CaptureArrivals>();
  std::unordered_set<Impl*> contexts;
  std::vector<std::weak_ptr<MediaStreamTrack>> tracks;
  Napi::ObjectReference constructors;

  /// What is to end before the engine, if it is still there then.
  void endFirst(std::weak_ptr<Ending> ending);
  /// Ends all contexts and tracks, the helpers and their threads. Called when the environment ends, however that comes.
  void end();

 private:
  Napi::Env env_;
  Napi::FunctionReference onEvent_, onDevicesChanged_, makeDomException_, queueMicrotask_, commitAll_, inspect_;
  std::vector<std::weak_ptr<SessionLink>> dirty_;
  std::vector<std::weak_ptr<Ending>> endings_;
  session::EngineOptions engineOptions_;
  std::unique_ptr<session::Engine> engine_;
  media::DecoderOptions decoderOptions_;
  std::shared_ptr<media::Decoder> decoder_;
  std::unique_ptr<Decodings> decodings_;
  std::unique_ptr<media::MediaElements> mediaElements_;   // before the engine in going
  std::int64_t performanceOrigin_ = 0;   // CLOCK_MONOTONIC nanoseconds of performance.now() 0
  bool ended_ = false;
};

}  // namespace backline::node

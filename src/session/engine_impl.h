#pragma once

#include <map>

#include "render/call_budgets.h"
#include "session/capture_end.h"
#include "session/deaths.h"
#include "session/device_watch.h"
#include "session/engine.h"
#include "session/helpers.h"
#include "session/io_thread.h"
#include "session/session_end.h"
#include "session/sight.h"
#include "transport/error.h"

namespace backline::session {

/// A descriptor that the audio server hands over; failures name the part. [io]
inline kj::Promise<transport::Fd> takePart(const char* part, ipc::Descriptor::Client descriptor) {
  return ipc::takeFd(kj::mv(descriptor)).catch_([part](kj::Exception&& exception) -> kj::Promise<transport::Fd> {
    if (exception.getType() == kj::Exception::Type::DISCONNECTED) return kj::mv(exception);
    return ipc::callError(std::string("the audio server's ") + part + ": " + ipc::errorText(exception));
  });
}

/// What `make` makes of a part that the audio server handed over; its failure names the part.
template <class F>
auto checkPart(const char* part, F make) {
  try {
    return make();
  } catch (const transport::TransportError& error) {
    throw EngineError(std::string("the audio server's ") + part + ": " + error.what());
  }
}

/// A segment that it handed over, as a `T`.
template <class T>
T mapPart(const char* part, const transport::Fd& fd) {
  return checkPart(part, [&] { return T(transport::SharedMemory::map(fd.duplicate())); });
}

/// The engine's two sides. What the control thread asks for is done on the I/O thread, which owns the helpers and an end for every
/// session and capture.
class Engine::Impl {
 public:
  explicit Impl(EngineOptions options);
  ~Impl();

  // [control]
  std::unique_ptr<Session> open(const SessionOptions& options);
  std::unique_ptr<Capture> openCapture(const CaptureOptions& options);
  void openCapture(const CaptureOptions& options, std::function<void(std::unique_ptr<Capture> capture, std::string error)> done);
  DeviceList listDevices();
  void listDevices(std::function<void(DeviceList, std::string)> done);
  void onDevicesChanged(std::function<void()> changed);
  std::pair<std::uint64_t, std::uint64_t> finishTap();
  Helpers helpers() const { return {audio_.pid(), render_.pid(), renderPriority_.load(), spare_.pid()}; }

  // Called by sessions and captures. [control]
  void bindBuffer(std::uint64_t session, render::ResourceId id, std::uint32_t channels, std::uint64_t length, float sampleRate,
                  transport::Fd memory);
  void bindStream(std::uint64_t session, render::ResourceId id, render::ResourceKind kind, render::StreamEnds ends);
  void moveOutput(std::uint64_t session, const std::string& device, std::function<void(OutputMoved)> done);
  void resetLatency(std::uint64_t session);
  void close(std::uint64_t session);
  void closeCapture(std::uint64_t capture);

 private:
  /// A call to a helper under way: keeps the helpers while it lives. [io]
  struct Call {
    explicit Call(Impl& engine_) : engine(engine_) { ++engine.calls_; }
    ~Call() noexcept {
      --engine.calls_;
      engine.tidyLater();
    }
    Impl& engine;
  };
  struct OpenOutput {
    SessionInfo info;
    SessionOutput output;
    std::uint32_t server = 0;   // audioServers_ when it was opened
  };
  struct Opened;
  struct CaptureParts;
  class LiveCapture;
  kj::Promise<std::unique_ptr<CaptureParts>> askCapture(kj::AsyncIoContext& io, const CaptureOptions& options, std::uint64_t id);

  /// The audio server, once it watches the devices if somebody wants to know. [io]
  kj::Promise<ipc::AudioServer::Client> audioServer(kj::AsyncIoContext& io);
  /// What `ask` makes of the audio server, which stays until then; failures say how a server that has gone ended. [io]
  template <class T, class Ask>
  kj::Promise<T> askAudioServer(kj::AsyncIoContext& io, Ask ask) {
    auto call = kj::heap<Call>(*this);
    return audio_.explained<T>(audioServer(io).then(std::move(ask))).attach(kj::mv(call));
  }
  /// `from`: the output that the session leaves.
  kj::Promise<OpenOutput> openOutput(kj::AsyncIoContext& io, const SessionOptions& options, const SessionOutput* from = nullptr);
  /// Rejects, naming the devices that exist, if this one does not.
  kj::Promise<void> findOutput(kj::AsyncIoContext& io, const std::string& device);
  /// To `device`, because `wanted` was asked for.
  kj::Promise<void> moveSession(kj::AsyncIoContext& io, SessionEnd& end, const std::string& wanted, const std::string& device);
  /// What a session that wants `device` is opened on.
  const std::string& deviceFor(const std::string& device) const { return device.empty() ? options_.device : device; }
  /// The session has an output that was opened on the server of this number.
  void settle(kj::AsyncIoContext& io, SessionEnd& end, std::uint32_t server);
  /// A session goes where its device is, from now on: see engine_following.cc.
  void watchOutput(kj::AsyncIoContext& io, SessionEnd& end);
  void followLater(kj::AsyncIoContext& io, SessionEnd& end, const std::string& lost);
  kj::Promise<void> follow(kj::AsyncIoContext& io, SessionEnd& end, const std::string& lost);
  kj::Promise<void> goTo(kj::AsyncIoContext& io, SessionEnd& end, const std::string& device, const std::string& lost);
  kj::Promise<std::string> howLost(kj::AsyncIoContext& io, const SessionEnd& end, const std::string& lost);
  kj::Promise<void> makeDo(kj::AsyncIoContext& io, SessionEnd& end, const std::string& device, const std::string& lost);
  void followAll(kj::AsyncIoContext& io);
  void watchDevices(kj::AsyncIoContext& io);
  bool anyFollows() const;
  kj::Promise<DeviceList> askDevices(kj::AsyncIoContext& io);
  /// The audio server that did nothing but watch has gone.
  void watchAgainLater();
  kj::Promise<void> beginTap(ipc::AudioServer::Client server, double deviceRate);
  Opened createSession(kj::AsyncIoContext& io, std::uint64_t id, const SessionOptions& options, OpenOutput&& output);

  /// Audio servers that have gone are replaced: engine_audio.cc.
  void loseAudio(const std::string& how);
  void failAudio(const std::string& how);
  /// Ends a server that is stopped for too long.
  void watchAudio(kj::AsyncIoContext& io);
  kj::Promise<void> lookAtAudio(kj::AsyncIoContext& io, std::uint32_t stopped);
  kj::Promise<void> restoreAudio(kj::AsyncIoContext& io);
  void reopenAll(kj::AsyncIoContext& io, ipc::AudioServer::Client server);
  /// `holds`: let go of when it is done.
  void reopenLater(kj::AsyncIoContext& io, SessionEnd& end, std::shared_ptr<void> holds = nullptr);
  kj::Promise<void> reopen(kj::AsyncIoContext& io, SessionEnd& end);
  /// The same for render hosts: engine_recovery.cc.
  void loseRender(const std::string& how);
  void failRender(const std::string& how);
  void dropRenderHosts();
  /// The one that there is, the one that stands by, or a new one. Throws transport::TransportError.
  ipc::RenderHost::Client renderHost(kj::AsyncIoContext& io);
  void offerInspection(ipc::RenderHost::Client& host);
  void begin(kj::AsyncIoContext& io, SessionEnd& end);
  void noteHost(int priority);
  void startSpare(kj::AsyncIoContext& io);
  void restoreAll(kj::AsyncIoContext& io);
  void watchHosts(kj::AsyncIoContext& io);
  kj::Promise<void> lookAtHosts(kj::AsyncIoContext& io);
  bool hangs(SessionEnd& end);
  /// Helpers that nothing needs any more end, and what is left of those that ended goes. Not from inside a helper's callback.
  void tidyLater();
  void tidy();

  const EngineOptions options_;
  const render::CallBudgets budgets_ = render::budgetsOfEnvironment({});   // that its render hosts have
  const std::shared_ptr<DevicesChanged> devicesChanged_ = std::make_shared<DevicesChanged>();
  std::atomic<int> renderPriority_{0};
  std::uint64_t nextId_ = 1;   // [control]

  // The I/O thread's.
  HelperSlot audio_, render_, spare_;
  kj::Maybe<kj::AsyncIoContext&> ioContext_;
  Deaths deaths_;                     // of render hosts
  std::uint32_t spareDeaths_ = 0;     // of those that stood by
  std::uint32_t looks_ = 0;           // since the last of them, or since there is something to look at
  kj::Promise<void> restoring_ = nullptr, watching_ = nullptr, sharing_ = nullptr, inspecting_ = nullptr, spareReady_ = nullptr;
  bool lookedAt_ = false;
  bool hostWorked_ = false;   // one has made a session: where none ever did, two are tried
  DeviceWatch deviceWatch_{devicesChanged_};
  kj::Promise<void> beginningToWatch_ = nullptr, watchingAgain_ = nullptr;
  Sight sight_;
  std::map<std::uint64_t, kj::Own<SessionEnd>> sessions_;
  std::map<std::uint64_t, kj::Own<CaptureEnd>> captures_;
  std::uint32_t audioServers_ = 0;   // that have gone
  Deaths audioDeaths_;
  bool audioWorked_ = false;         // something was opened on one
  int lookingAt_ = 0;                // the process that watchingAudio_ looks at
  kj::Promise<void> restoringAudio_ = nullptr, healing_ = nullptr, watchingAudio_ = nullptr;
  enum class Tap { none, running, finished, lost } tap_ = Tap::none;
  std::string howTapWasLost_;
  std::uint64_t tapFrames_ = 0;      // that it was limited to; 0: not
  std::uint32_t calls_ = 0;   // to a helper, under way
  kj::Promise<void> cleanUp_ = nullptr;

  IoThread io_;   // last: everything above is still there while it runs
};

}  // namespace backline::session

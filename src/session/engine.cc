#include "session/engine.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <map>

#include "ipc/pages.h"
#include "ipc/ring_target.h"
#include "session/helpers.h"
#include "session/io_thread.h"
#include "session/remote_session.h"
#include "transport/page.h"
#include "transport/ring_stream.h"

namespace backline::session {

namespace {

/// Whether the render host will probably get SCHED_FIFO: baseLatency has to be known before it has started.
bool realtimeAllowed() {
  rlimit limit{};
  return geteuid() == 0 || (getrlimit(RLIMIT_RTPRIO, &limit) == 0 && limit.rlim_cur > 0);
}

std::string text(capnp::Text::Reader text) { return {text.begin(), text.size()}; }

}  // namespace

class Engine::Impl {
 public:
  explicit Impl(EngineOptions options) : options_(std::move(options)) {}

  ~Impl() {
    io_.sync([this](kj::AsyncIoContext&) {
      cleanUp_ = nullptr;
      ends_.clear();
      dropHelpers();
    });
  }

  std::unique_ptr<Session> open(const SessionOptions& options);

  DeviceList listDevices() {
    return io_.sync([this](kj::AsyncIoContext& io) {
      auto call = kj::heap<Call>(*this);
      return audioServer(io).listDevicesRequest().send().then([](auto&& answer) {
        DeviceList list;
        for (const auto device : answer.getDevices())
          list.devices.push_back({text(device.getId()), text(device.getName()), text(device.getBackend()), device.getMaxChannels(),
                                  device.getSampleRate(), device.getIsDefault(), device.getInput()});
        for (const auto backend : answer.getBackends())
          list.backends.push_back({text(backend.getName()), text(backend.getDetail()), backend.getAvailable()});
        return list;
      }).attach(kj::mv(call));
    });
  }

  std::pair<std::uint64_t, std::uint64_t> finishTap() {
    return io_.sync([this](kj::AsyncIoContext& io) -> kj::Promise<std::pair<std::uint64_t, std::uint64_t>> {
      if (audio_.get() == nullptr || !tapStarted_) return std::pair<std::uint64_t, std::uint64_t>{};
      auto call = kj::heap<Call>(*this);
      return audioServer(io).finishTapRequest().send().then([this](auto&& answer) {
        const std::pair<std::uint64_t, std::uint64_t> counts{answer.getFrames(), answer.getDropped()};
        tapFinished_ = true;
        return counts;
      }).attach(kj::mv(call));
    });
  }

  Helpers helpers() const { return {audioPid_.load(), renderPid_.load(), renderPriority_.load()}; }

  // Called by sessions, on the control thread.
  void bindBuffer(std::uint64_t session, render::ResourceId id, std::uint32_t channels, std::uint64_t length, float sampleRate,
                  transport::Fd memory) {
    io_.async([this, session, id, channels, length, sampleRate,
               memory = std::make_shared<transport::Fd>(std::move(memory))](kj::AsyncIoContext&) {
      if (const auto end = ends_.find(session); end != ends_.end())
        end->second->bindBuffer(id, channels, length, sampleRate, std::move(*memory));
    });
  }
  void bindStream(std::uint64_t session, render::ResourceId id, render::ResourceKind kind, render::StreamEnds ends) {
    io_.async([this, session, id, kind, ends = std::make_shared<render::StreamEnds>(std::move(ends))](kj::AsyncIoContext&) {
      if (const auto end = ends_.find(session); end != ends_.end()) end->second->bindStream(id, kind, std::move(*ends));
    });
  }
  void close(std::uint64_t session) {
    io_.sync([this, session](kj::AsyncIoContext&) { ends_.erase(session); });
    io_.async([this](kj::AsyncIoContext&) { endIdleHelpers(); });
  }

 private:
  struct Opened;
  /// A call to a helper under way: keeps the helpers while it lives.
  struct Call {
    explicit Call(Impl& engine_) : engine(engine_) { ++engine.calls_; }
    ~Call() noexcept {
      --engine.calls_;
      engine.endIdleHelpers();
    }
    Impl& engine;
  };

  ipc::AudioServer::Client audioServer(kj::AsyncIoContext& io) {
    if (audio_.get() == nullptr) {
      audio_ = kj::heap<Helper>(io, options_.audioCommand, "backline-audio", [this](std::string how) { lose(how); });
      audioPid_ = audio_->pid();
    }
    return audio_->main<ipc::AudioServer>();
  }
  ipc::RenderHost::Client renderHost(kj::AsyncIoContext& io) {
    if (render_.get() == nullptr) {
      render_ = kj::heap<Helper>(io, options_.renderCommand, "backline-render", [this](std::string how) { lose(how); });
      renderPid_ = render_->pid();
    }
    return render_->main<ipc::RenderHost>();
  }

  /// A helper has gone: every session ends with the reason, and the other helper too.
  void lose(const std::string& how) {
    for (auto& [id, end] : ends_) end->fail(how);
    later([this] { dropHelpers(); });
  }
  /// Helpers that no session and no call needs any more end. What a tap still has to say is asked for by finishTap.
  void endIdleHelpers() {
    later([this] {
      if (ends_.empty() && calls_ == 0 && (!tapStarted_ || tapFinished_)) dropHelpers();
    });
  }
  /// Not from inside a callback of the helper that is to be dropped.
  template <class F>
  void later(F f) {
    cleanUp_ = kj::evalLater(std::move(f)).eagerlyEvaluate([](kj::Exception&&) {});
  }
  void dropHelpers() {
    render_ = nullptr;
    audio_ = nullptr;
    audioPid_ = renderPid_ = renderPriority_ = 0;
  }

  const EngineOptions options_;
  std::atomic<int> audioPid_{0}, renderPid_{0}, renderPriority_{0};
  std::uint64_t nextSession_ = 1;

  // The I/O thread's.
  kj::Own<Helper> audio_, render_;
  std::map<std::uint64_t, kj::Own<SessionEnd>> ends_;
  bool tapStarted_ = false, tapFinished_ = false;
  std::uint32_t calls_ = 0;   // to a helper, under way
  kj::Promise<void> cleanUp_ = nullptr;

  IoThread io_;   // last: everything above is still there while it runs
};

namespace {

class RemoteSession final : public Session {
 public:
  RemoteSession(Engine::Impl& engine, std::uint64_t id, SessionInfo info, std::shared_ptr<SessionChannel> channel,
                transport::PageReader<ipc::SessionStatus> status, transport::PageReader<ipc::OutputStatus> output)
      : engine_(engine), id_(id), info_(std::move(info)), channel_(std::move(channel)), status_(std::move(status)), output_(std::move(output)) {}
  ~RemoteSession() override { engine_.close(id_); }

  const SessionInfo& info() const override { return info_; }
  void commit(std::vector<std::byte> batch) override { channel_->commit(std::move(batch)); }

  void shareBuffer(render::ResourceId id, float sampleRate, std::uint64_t length, std::span<const float* const> channels) override {
    transport::SharedMemory memory = transport::SharedMemory::create("backline-buffer", std::max<std::size_t>(1, channels.size() * length * sizeof(float)));
    auto* samples = reinterpret_cast<float*>(memory.bytes().data());
    for (std::size_t c = 0; c < channels.size(); ++c)
      if (channels[c] != nullptr) std::copy_n(channels[c], length, samples + c * length);
    channel_->hold();
    engine_.bindBuffer(id_, id, static_cast<std::uint32_t>(channels.size()), length, sampleRate, memory.fd().duplicate());
  }

  void bindStream(render::ResourceId id, render::ResourceKind kind, render::StreamEnds ends) override {
    channel_->hold();
    engine_.bindStream(id_, id, kind, std::move(ends));
  }

  std::vector<render::NoticeRecord> takeNotices() override { return channel_->takeNotices(); }
  void onNotice(std::function<void()> wake) override { channel_->onNotice(std::move(wake)); }

  Timing timing() const override {
    Timing timing;
    ipc::SessionStatus status;
    if (status_.read(status)) {
      timing.frame = status.frame;
      timing.state = static_cast<State>(status.state);
      timing.generation = status.generation;
      timing.costAverage = status.costAverage;
      timing.costWorst = status.costWorst;
    }
    ipc::OutputStatus output;
    if (output_.read(output)) {
      timing.playedFrame = output.playedFrames;
      timing.playedNanoseconds = output.nanoseconds;
      timing.underruns = output.underruns;
      timing.peak[0] = output.peak[0];
      timing.peak[1] = output.peak[1];
      timing.outputLatency = output.latency;
      if (timing.frame > output.playedFrames) timing.outputLatency += static_cast<double>(timing.frame - output.playedFrames) / info_.sampleRate;
    }
    return timing;
  }

 private:
  Engine::Impl& engine_;
  const std::uint64_t id_;
  const SessionInfo info_;
  const std::shared_ptr<SessionChannel> channel_;
  const transport::PageReader<ipc::SessionStatus> status_;
  const transport::PageReader<ipc::OutputStatus> output_;
};

}  // namespace

/// What openOutput answered, taken off the wire.
struct Engine::Impl::Opened {
  SessionInfo info;
  std::uint32_t callbackFrames = 0;
  transport::Fd ring, refill, page;
  ipc::Output::Client output;
};

std::unique_ptr<Session> Engine::Impl::open(const SessionOptions& options) {
  if (options.sampleRate < 0 || !std::isfinite(options.sampleRate)) throw std::invalid_argument("sampleRate must be 0 or positive");
  if (options.channels < 1 || options.channels > render::kMaxChannels) throw std::invalid_argument("channels must be 1 … 32");
  if (options.quantum < 1 || options.quantum > 65536) throw std::invalid_argument("the quantum must be 1 … 65536 frames");
  const std::uint64_t id = nextSession_++;

  Opened opened = io_.sync([&](kj::AsyncIoContext& io) {
    ++calls_;   // until the session stands in ends_
    auto request = audioServer(io).openOutputRequest();
    auto config = request.initConfig();
    config.setDevice(options.device.empty() ? options_.device : options.device);
    config.setSampleRate(options.sampleRate);
    config.setChannels(options.channels);
    config.setQuantum(options.quantum);
    config.setLatency(options.latency);
    return request.send().then([&](capnp::Response<ipc::AudioServer::OpenOutputResults>&& answer) {
      const auto device = answer.getDevice();
      SessionInfo info{answer.getSampleRate(), options.quantum, options.channels, device.getMaxChannels(), 0, text(device.getName()),
                       text(device.getId()), text(device.getBackend())};
      const double tapFrames = std::round(options_.tapSeconds * device.getSampleRate());
      auto fds = kj::heapArrayBuilder<kj::Promise<transport::Fd>>(3);
      fds.add(ipc::takeFd(answer.getRing()));
      fds.add(ipc::takeFd(answer.getRefill()));
      fds.add(ipc::takeFd(answer.getPage()));
      auto taken = kj::joinPromises(fds.finish())
                       .then([info = std::move(info), callback = answer.getCallbackFrames(), output = answer.getOutput()](kj::Array<transport::Fd> fds) mutable {
                         return Opened{std::move(info), callback, std::move(fds[0]), std::move(fds[1]), std::move(fds[2]), kj::mv(output)};
                       });
      if (options_.tapPath.empty() || tapStarted_) return taken;
      tapStarted_ = true;
      auto tap = audioServer(io).startTapRequest();
      tap.setPath(options_.tapPath);
      tap.setFrames(static_cast<std::uint64_t>(tapFrames));
      return tap.send().then([taken = kj::mv(taken)](auto&&) mutable { return kj::mv(taken); });
    }).catch_([this](kj::Exception&& exception) -> Opened {
      if (tapStarted_ && ends_.empty()) tapStarted_ = false;
      --calls_;
      endIdleHelpers();
      kj::throwFatalException(kj::mv(exception));
    });
  });

  const auto channel = std::make_shared<SessionChannel>();
  transport::SharedMemory timing = transport::createPage<ipc::SessionStatus>("backline-timing");
  const auto mapped = [](const transport::Fd& fd) { return transport::SharedMemory::map(fd.duplicate()); };
  const transport::RingWriter ring(mapped(opened.ring));
  opened.info.baseLatency = ipc::ringTarget(opened.callbackFrames, options.quantum, realtimeAllowed(), options.latency, opened.info.sampleRate,
                                            ring.format().capacityFrames) /
                            static_cast<double>(opened.info.sampleRate);
  auto session = std::make_unique<RemoteSession>(*this, id, opened.info, channel, transport::PageReader<ipc::SessionStatus>(mapped(timing.fd())),
                                                 transport::PageReader<ipc::OutputStatus>(mapped(opened.page)));

  io_.sync([&](kj::AsyncIoContext& io) {
    auto end = kj::heap<SessionEnd>(io.unixEventPort, channel, opened.info.sampleRate, transport::PageReader<ipc::SessionStatus>(mapped(timing.fd())),
                                    kj::mv(opened.output));
    auto request = renderHost(io).createSessionRequest();
    auto config = request.initConfig();
    config.setSampleRate(opened.info.sampleRate);
    config.setChannels(opened.info.channels);
    config.setQuantum(opened.info.quantum);
    config.setCallbackFrames(opened.callbackFrames);
    config.setLatency(options.latency);
    request.setCommands(ipc::describe(channel->commandMemory().fd().duplicate()));
    request.setCommandNotify(ipc::describe(channel->commandNotify().fd().duplicate()));
    request.setNotices(ipc::describe(channel->noticeMemory().fd().duplicate()));
    request.setNoticeNotify(ipc::describe(channel->noticeNotify().fd().duplicate()));
    request.setTiming(ipc::describe(timing.fd().duplicate()));
    request.setRing(ipc::describe(std::move(opened.ring)));
    request.setRefill(ipc::describe(std::move(opened.refill)));
    end->start(request.send().then([this, id](auto&& answer) {
      renderPriority_ = answer.getPriority();
      if (const auto found = ends_.find(id); found != ends_.end()) found->second->attach(answer.getSession());
    }));
    ends_.emplace(id, kj::mv(end));
    --calls_;
  });
  return session;
}

Engine::Engine(EngineOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Engine::~Engine() = default;
std::unique_ptr<Session> Engine::open(const SessionOptions& options) { return impl_->open(options); }
Engine::DeviceList Engine::listDevices() { return impl_->listDevices(); }
std::unique_ptr<Capture> Engine::openCapture(const CaptureOptions&) { throw EngineError("captures are not there yet"); }
void Engine::onDevicesChanged(std::function<void()>) {}
std::pair<std::uint64_t, std::uint64_t> Engine::finishTap() { return impl_->finishTap(); }
Engine::Helpers Engine::helpers() const { return impl_->helpers(); }

}  // namespace backline::session

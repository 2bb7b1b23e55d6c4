#include <stdexcept>

#include "ipc/text.h"
#include "session/engine_impl.h"
#include "transport/ring_layout.h"

namespace backline::session {

namespace {

void check(const CaptureOptions& options) {
  if (options.channels > transport::kMaxRingChannels)
    throw std::invalid_argument("channels must be 0 (the device's) to " + std::to_string(transport::kMaxRingChannels) + ", not " + std::to_string(options.channels));
  if (options.capacityFrames > transport::kMaxRingFrames)
    throw std::invalid_argument("capacityFrames must be 0 (half a second) to " + std::to_string(transport::kMaxRingFrames) + ", not " +
                                std::to_string(options.capacityFrames));
  if (!(options.patience >= 0 && options.patience <= 86400)) throw std::invalid_argument("patience must be 0 to 86400 seconds, not " + std::to_string(options.patience));
  if (options.overflow != transport::Overflow::refuse && options.overflow != transport::Overflow::dropOldest)
    throw std::invalid_argument("overflow must be refuse or dropOldest");
}

}  // namespace

/// What crosses from the I/O thread.
struct Engine::Impl::CaptureParts {
  CaptureInfo info;
  transport::Fd ring, written;
  transport::PageReader<ipc::CaptureStatus> status;
  std::shared_ptr<CaptureLoss> loss = std::make_shared<CaptureLoss>();
};

class Engine::Impl::LiveCapture final : public Capture {
 public:
  LiveCapture(Engine::Impl& engine, std::uint64_t id, CaptureParts opened) : engine_(engine), id_(id), opened_(std::move(opened)) {}
  ~LiveCapture() override { engine_.closeCapture(id_); }

  const CaptureInfo& info() const override { return opened_.info; }
  const transport::Fd& ring() const override { return opened_.ring; }
  const transport::Fd& written() const override { return opened_.written; }
  std::uint64_t lostFrames() const override {
    ipc::CaptureStatus status;
    return opened_.status.read(status) ? status.lostFrames : 0;
  }
  void onLost(std::function<void(std::string)> lost) override { opened_.loss->tell(std::move(lost)); }

 private:
  Engine::Impl& engine_;
  const std::uint64_t id_;
  const CaptureParts opened_;
};

std::unique_ptr<Capture> Engine::Impl::openCapture(const CaptureOptions& options) {
  check(options);
  const std::uint64_t id = nextId_++;
  auto parts = io_.sync([&](kj::AsyncIoContext& io) { return askCapture(io, options, id); });
  return std::make_unique<LiveCapture>(*this, id, std::move(*parts));
}

void Engine::Impl::openCapture(const CaptureOptions& options, std::function<void(std::unique_ptr<Capture>, std::string)> done) {
  check(options);
  const std::uint64_t id = nextId_++;
  io_.begin([this, options, id, done = std::move(done)](kj::AsyncIoContext& io) {
    return askCapture(io, options, id)
        .then([this, id, done](std::unique_ptr<CaptureParts>&& parts) { done(std::make_unique<LiveCapture>(*this, id, std::move(*parts)), {}); },
              [done](kj::Exception&& exception) { done(nullptr, ipc::errorText(exception)); });
  });
}

kj::Promise<std::unique_ptr<Engine::Impl::CaptureParts>> Engine::Impl::askCapture(kj::AsyncIoContext& io, const CaptureOptions& options, std::uint64_t id) {
  return askAudioServer<std::unique_ptr<CaptureParts>>(io, [this, &io, options, id](ipc::AudioServer::Client server) {
    auto request = server.openCaptureRequest();
    auto config = request.initConfig();
    config.setDevice(options.device.empty() ? options_.input : options.device);
    config.setChannels(options.channels);
    config.setCapacityFrames(options.capacityFrames);
    config.setOverflow(options.overflow == transport::Overflow::refuse ? ipc::CaptureConfig::Overflow::REFUSE
                                                                       : ipc::CaptureConfig::Overflow::DROP_OLDEST);
    return request.send().then([this, &io, id, patience = options.patience](auto&& answer) {
      const auto device = answer.getDevice();
      CaptureInfo info{answer.getSampleRate(), answer.getChannels(), answer.getLatency(), ipc::text(device.getName()),
                       ipc::text(device.getId()), ipc::text(device.getBackend()), ipc::text(device.getClock())};
      auto fds = kj::heapArrayBuilder<kj::Promise<transport::Fd>>(3);
      fds.add(takePart("ring", answer.getRing()));
      fds.add(takePart("written", answer.getWritten()));
      fds.add(takePart("page", answer.getPage()));
      return kj::joinPromises(fds.finish()).then([this, &io, id, patience, info = std::move(info), capture = answer.getCapture()](kj::Array<transport::Fd> fds) mutable {
        try {
          const auto page = [&] { return mapPart<transport::PageReader<ipc::CaptureStatus>>("page", fds[2]); };
          auto parts = std::make_unique<CaptureParts>(CaptureParts{std::move(info), fds[0].duplicate(), std::move(fds[1]), page()});
          checkPart("written", [&] { return transport::NotifyFd::adopt(parts->written.duplicate()); });
          auto ring = mapPart<transport::RingReader>("ring", fds[0]);
          if (ring.format().channels != parts->info.channels || ring.format().sampleRate != parts->info.sampleRate)
            throw EngineError("the ring's channels and rate are not the capture's");
          captures_.emplace(id, kj::heap<CaptureEnd>(io.unixEventPort.getTimer(), parts->loss, parts->info, kj::mv(capture), page(), std::move(ring),
                                                     parts->written.duplicate(), patience, [this, &io] { return audioServer(io); }));
          audioWorked_ = true;
          return parts;
        } catch (const std::exception& error) {
          kj::throwFatalException(ipc::callError(std::string("openCapture: ") + error.what()));
        }
      });
    });
  });
}

}  // namespace backline::session

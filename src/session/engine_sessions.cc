#include <sys/resource.h>
#include <unistd.h>

#include <cmath>

#include "ipc/ring_target.h"
#include "ipc/text.h"
#include "session/live_session.h"

namespace backline::session {

namespace {

/// Whether the render host will probably get SCHED_FIFO: baseLatency has to be known before it has started.
bool realtimeAllowed() {
  rlimit limit{};
  return geteuid() == 0 || (getrlimit(RLIMIT_RTPRIO, &limit) == 0 && limit.rlim_cur > 0);
}

transport::SharedMemory mapped(const transport::Fd& fd) { return transport::SharedMemory::map(fd.duplicate()); }

/// A device's own is halved while it is so long that it would be felt.
std::uint32_t quantumFor(const SessionOptions& options, std::uint32_t callbackFrames) {
  constexpr std::uint32_t kLongest = 4096;
  if (options.quantum > 0) return options.quantum;
  std::uint32_t quantum = std::max(callbackFrames, 1u);
  while (quantum > kLongest) quantum = (quantum + 1) / 2;
  return quantum;
}

void check(const SessionOptions& options) {
  if (options.sampleRate < 0 || !std::isfinite(options.sampleRate)) throw std::invalid_argument("sampleRate must be 0 or positive");
  if (options.channels < 1 || options.channels > render::kMaxChannels) throw std::invalid_argument("channels must be 1 … 32");
  if (options.quantum > ipc::kMostQuantum)
    throw std::invalid_argument("the quantum must be 0 (what the device takes at once) … " + std::to_string(ipc::kMostQuantum) + " frames");
  if (!(options.latency >= 0) || !std::isfinite(options.latency)) throw std::invalid_argument("latency must be 0 or positive");
}

}  // namespace

/// What crosses to the control thread.
struct Engine::Impl::Opened {
  SessionInfo info;
  std::shared_ptr<SessionChannel> channel;
  transport::PageReader<ipc::SessionStatus> status;
  transport::PageReader<ipc::OutputStatus> output;
  transport::PageReader<ipc::SessionCosts> costs;
};

std::unique_ptr<Session> Engine::Impl::open(const SessionOptions& options) {
  check(options);
  const std::uint64_t id = nextId_++;
  Opened opened = io_.sync([&](kj::AsyncIoContext& io) {
    auto call = kj::heap<Call>(*this);   // until the session stands in sessions_
    return openOutput(io, options).then([this, &io, &options, id](OpenOutput&& output) {
      try {
        return createSession(io, id, options, kj::mv(output));
      } catch (const std::exception& error) {
        sessions_.erase(id);
        kj::throwFatalException(ipc::callError(error.what()));
      }
    }).attach(kj::mv(call));
  });
  return std::make_unique<LiveSession>(*this, id, std::move(opened.info), std::move(opened.channel), std::move(opened.status), std::move(opened.output), std::move(opened.costs));
}

kj::Promise<Engine::Impl::OpenOutput> Engine::Impl::openOutput(kj::AsyncIoContext& io, const SessionOptions& options, const SessionOutput* from) {
  return askAudioServer<OpenOutput>(io, [this, options, from](ipc::AudioServer::Client server) {
    auto request = server.openOutputRequest();
    if (from != nullptr) {
      request.setRefill(ipc::describe(from->refill.duplicate()));
      request.setPage(ipc::describe(from->page.duplicate()));
    }
    auto config = request.initConfig();
    config.setDevice(deviceFor(options.device));
    config.setSampleRate(options.sampleRate);
    config.setChannels(options.channels);
    config.setQuantum(options.quantum);
    config.setLatency(options.latency);
    if (from != nullptr) config.setRingFrames(mapPart<transport::RingWriter>("ring", from->ring).format().capacityFrames);
    return request.send().then([this, options, server](auto&& answer) mutable {
      const auto device = answer.getDevice();
      SessionInfo info{answer.getSampleRate(), quantumFor(options, answer.getCallbackFrames()), options.channels, device.getMaxChannels(), 0, ipc::text(device.getName()),
                       ipc::text(device.getId()), ipc::text(device.getBackend()), ipc::text(device.getClock())};
      auto fds = kj::heapArrayBuilder<kj::Promise<transport::Fd>>(3);
      fds.add(takePart("ring", answer.getRing()));
      fds.add(takePart("refill", answer.getRefill()));
      fds.add(takePart("page", answer.getPage()));
      return kj::joinPromises(fds.finish()).then([this, server, info = std::move(info), callback = answer.getCallbackFrames(),
                                                  latency = answer.getDeviceLatency(), rate = device.getSampleRate(), output = answer.getOutput()](kj::Array<transport::Fd> fds) mutable {
        return beginTap(server, rate).then([this, info = std::move(info), callback, latency, output = kj::mv(output), fds = kj::mv(fds)]() mutable {
          audioWorked_ = true;
          return OpenOutput{std::move(info), {callback, latency, std::move(fds[0]), std::move(fds[1]), std::move(fds[2]), kj::mv(output)}, audioServers_};
        });
      });
    });
  });
}

/// With the first session, whose device it writes down.
kj::Promise<void> Engine::Impl::beginTap(ipc::AudioServer::Client server, double deviceRate) {
  if (options_.tapPath.empty() || tap_ != Tap::none) return kj::READY_NOW;
  auto request = server.startTapRequest();
  request.setPath(options_.tapPath);
  request.setFrames(tapFrames_ = static_cast<std::uint64_t>(std::round(options_.tapSeconds * deviceRate)));
  return request.send().then([this](auto&&) { tap_ = Tap::running; });
}

Engine::Impl::Opened Engine::Impl::createSession(kj::AsyncIoContext& io, std::uint64_t id, const SessionOptions& options, OpenOutput&& opened) {
  const auto channel = std::make_shared<SessionChannel>();
  transport::SharedMemory timing = transport::createPage<ipc::SessionStatus>("backline-timing");
  transport::SharedMemory costs = transport::createPage<ipc::SessionCosts>("backline-costs");
  SessionOutput& output = opened.output;
  const auto ring = mapPart<transport::RingWriter>("ring", output.ring);
  SessionInfo& info = opened.info;
  const ipc::RingDemand demand{.callbackFrames = output.callbackFrames,
                               .quantum = info.quantum,
                               .realtime = realtimeAllowed(),
                               .latency = options.latency,
                               .deviceLatency = output.deviceLatency,
                               .sampleRate = info.sampleRate,
                               .capacity = ring.format().capacityFrames};
  info.baseLatency = ipc::ringTarget(demand) / static_cast<double>(info.sampleRate);
  Opened result{info, channel, transport::PageReader<ipc::SessionStatus>(mapped(timing.fd())), mapPart<transport::PageReader<ipc::OutputStatus>>("page", output.page),
                transport::PageReader<ipc::SessionCosts>(mapped(costs.fd()))};

  SessionOptions opening = options;
  opening.sampleRate = info.sampleRate;
  opening.quantum = info.quantum;
  auto end = kj::heap<SessionEnd>(io.unixEventPort, channel, opening, info, transport::PageReader<ipc::SessionStatus>(mapped(timing.fd())), mapped(costs.fd()),
                                  std::move(output));
  begin(io, *end);
  auto watch = sight_.watch(io.unixEventPort, {id, end->info(), transport::PageReader<ipc::SessionStatus>(mapped(timing.fd())),
                                               transport::PageReader<ipc::OutputStatus>(mapped(result.output.memory().fd())),
                                               transport::PageReader<ipc::SessionCosts>(mapped(costs.fd())), end->mirror()});
  SessionEnd& session = *end;
  sessions_.emplace(id, end.attach(kj::mv(watch)));
  settle(io, session, opened.server);
  return result;
}

}  // namespace backline::session

#include "host/render_host.h"

#include <signal.h>
#include <unistd.h>

#include <cstdio>

#include "host/render_session.h"
#include "ipc/connection.h"
#include "ipc/exit_watch.h"
#include "transport/error.h"

namespace backline::host {

namespace {

/// How long a script that never returns may hold up the end.
constexpr int kGraceMilliseconds = 500;

/// What `make` makes of one of createSession's arguments; its failure names which.
template <class F>
auto part(const char* name, F make) {
  try {
    return make();
  } catch (const transport::TransportError& error) {
    throw transport::TransportError(std::string(name) + ": " + error.what());
  }
}

/// A call that no termination reaches holds a render thread for good: the host gives its life, and its black box says for what.
void outlived(render::BlackBox& box, std::uint64_t stretch) {
  box.condemn(stretch);
  const render::Whereabouts culprit = render::Lane::whereabouts(stretch);
  std::fprintf(stderr, "backline-render: %s of node %u cannot be terminated: the render host ends\n", render::nameOf(culprit.phase), culprit.node);
  _exit(kOutlivedStatus);
}

class RenderHost final : public ipc::RenderHost::Server {
 public:
  RenderHost(kj::UnixEventPort& events, render::WorkletRuntimeFactory worklets, const HostOptions& options)
      : events_(events), worklets_(std::move(worklets)), runtime_(options.runtime), shareMemory_(options.shareMemory), inspect_(options.inspect), watchdog_(options.budgets, outlived) {}

 protected:
  kj::Promise<void> createSession(CreateSessionContext context) override {
    auto params = context.getParams();
    auto fds = kj::heapArrayBuilder<kj::Promise<transport::Fd>>(10);
    fds.add(ipc::takeFd(params.getCommands()));
    fds.add(ipc::takeFd(params.getCommandNotify()));
    fds.add(ipc::takeFd(params.getNotices()));
    fds.add(ipc::takeFd(params.getNoticeNotify()));
    fds.add(ipc::takeFd(params.getTiming()));
    fds.add(ipc::takeFd(params.getRing()));
    fds.add(ipc::takeFd(params.getRefill()));
    fds.add(ipc::takeFd(params.getCosts()));
    fds.add(ipc::takeFd(params.getOutput()));
    fds.add(ipc::takeFd(params.getBlackBox()));
    return kj::joinPromises(fds.finish()).then([this, context](kj::Array<transport::Fd> fds) mutable {
      try {
        auto session = kj::heap<RenderSession>(events_, assemble(context.getParams().getConfig(), fds), worklets_, watchdog_);
        auto results = context.getResults();
        results.setPriority(session->priority());
        results.setSession(kj::mv(session));
      } catch (const std::exception& error) {
        kj::throwFatalException(ipc::callError(std::string("createSession: ") + error.what()));
      }
    });
  }

  kj::Promise<void> shareMemory(ShareMemoryContext context) override {
    auto params = context.getParams();
    auto fds = kj::heapArrayBuilder<kj::Promise<transport::Fd>>(6);
    fds.add(ipc::takeFd(params.getHeap()));
    fds.add(ipc::takeFd(params.getOwnHeap()));
    fds.add(ipc::takeFd(params.getToPeer()));
    fds.add(ipc::takeFd(params.getFromPeer()));
    fds.add(ipc::takeFd(params.getBell()));
    fds.add(ipc::takeFd(params.getOwnBell()));
    return kj::joinPromises(fds.finish()).then([this](kj::Array<transport::Fd> fds) {
      if (!shareMemory_) return;
      try {
        shareMemory_({std::move(fds[0]), std::move(fds[1]), std::move(fds[2]), std::move(fds[3]), std::move(fds[4]), std::move(fds[5]), nullptr});
      } catch (const std::exception& error) {
        kj::throwFatalException(ipc::callError(std::string("shareMemory: ") + error.what()));
      }
    });
  }

  kj::Promise<void> inspect(InspectContext context) override {
    return ipc::takeFd(context.getParams().getSocket()).then([this](transport::Fd socket) {
      if (!inspect_) return;
      try {
        inspect_(std::move(socket));
      } catch (const std::exception& error) {
        kj::throwFatalException(ipc::callError(std::string("inspect: ") + error.what()));
      }
    });
  }

  kj::Promise<void> describe(DescribeContext context) override {
    context.getResults().setPid(getpid());
    context.getResults().setRuntime(runtime_);
    return kj::READY_NOW;
  }

 private:
  static SessionParts assemble(ipc::SessionConfig::Reader config, kj::ArrayPtr<transport::Fd> fds) {
    using namespace transport;
    SessionParts parts;
    parts.config = {config.getSampleRate(), config.getQuantum(), config.getChannels(), config.getCallbackFrames(), config.getLatency(),
                    config.getDeviceLatency(), config.getFirstFrame()};
    const auto memory = [&fds](int place) { return SharedMemory::map(std::move(fds[place])); };
    const auto notify = [&fds](const char* name, int place) { return part(name, [&] { return NotifyFd::adopt(std::move(fds[place])); }); };
    parts.commands = part("commands", [&] { return BlockReader(memory(0)); });
    parts.commandNotify = notify("commandNotify", 1);
    parts.notices = part("notices", [&] { return MessageWriter(memory(2)); });
    parts.noticeNotify = notify("noticeNotify", 3);
    parts.ends.status = part("timing", [&] { return PageWriter<ipc::SessionStatus>(memory(4)); });
    parts.ends.ring = part("ring", [&] { return RingWriter(memory(5)); });
    parts.refill = notify("refill", 6);
    parts.ends.costs = part("costs", [&] { return PageWriter<ipc::SessionCosts>(memory(7)); });
    parts.ends.output = part("output", [&] { return PageReader<ipc::OutputStatus>(memory(8)); });
    parts.blackBox = part("blackBox", [&] { return std::make_unique<render::BlackBox>(memory(9)); });
    const RingFormat& format = parts.ends.ring.format();
    if (parts.config.quantum < 1 || parts.config.quantum > format.capacityFrames)
      throw TransportError("a quantum of " + std::to_string(parts.config.quantum) + " frames does not fit the ring of " +
                           std::to_string(format.capacityFrames));
    if (parts.config.channels != format.channels || parts.config.sampleRate != format.sampleRate)
      throw TransportError("the session's channels and rate are not the ring's");
    return parts;
  }

  kj::UnixEventPort& events_;
  const render::WorkletRuntimeFactory worklets_;
  const std::string runtime_;
  const std::function<void(transport::SharedMemoryEnds)> shareMemory_;
  const std::function<void(transport::Fd)> inspect_;
  render::Watchdog watchdog_;
};

}  // namespace

int runRenderHost(transport::Fd socket, render::WorkletRuntimeFactory worklets, const HostOptions& options) {
  signal(SIGPIPE, SIG_IGN);
  // The terminal's Ctrl-C is the program's: it ends us by closing the socket, after the sound has ended.
  signal(SIGINT, SIG_IGN);
  const ipc::ExitWatch exitWatch(socket, kGraceMilliseconds);
  auto io = kj::setupAsyncIo();
  ipc::Connection connection(*io.lowLevelProvider, std::move(socket), kj::heap<RenderHost>(io.unixEventPort, std::move(worklets), options));
  if (const Sandbox sandbox = enterSandbox(); sandbox.walls == Walls::refused) std::fprintf(stderr, "backline-render: no sandbox: %s\n", sandbox.why.c_str());
  connection.onDisconnect().wait(io.waitScope);
  return 0;
}

}  // namespace backline::host

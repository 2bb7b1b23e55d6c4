// Render hosts come and go: one renders, one stands by. When the first has died or shows no life its sessions go on in the second, as their
// mirrors have them, without the control thread.

#include <sys/socket.h>

#include <algorithm>
#include <cstdio>

#include "ipc/connection.h"
#include "session/engine_impl.h"

namespace backline::session {

namespace {

constexpr std::uint32_t kLooksASecond = 5;
constexpr auto kHostLook = 1 * kj::SECONDS / kLooksASecond;
constexpr double kAsleep = 10;                                // times as long: who uses no processor waits for something that does not come
constexpr std::uint32_t kSpareAfter = 2 * kLooksASecond;      // looks: short programs start none
constexpr std::uint32_t kHealthyAfter = 10 * kLooksASecond;   // looks: deaths before count no more
constexpr std::uint32_t kMostSpareDeaths = 5;                 // while sessions play: spares are no loop either

}  // namespace

ipc::RenderHost::Client Engine::Impl::renderHost(kj::AsyncIoContext& io) {
  const bool fresh = !render_.running();
  if (fresh && spare_.running()) render_.adopt(spare_);
  auto host = render_.start(io).main<ipc::RenderHost>();
  if (fresh && options_.inspect) offerInspection(host);
  if (!fresh || !options_.shareMemory) return host;
  transport::SharedMemoryEnds ends = options_.shareMemory();
  render_.helper().keep(std::move(ends.membership));
  auto request = host.shareMemoryRequest();
  request.setHeap(ipc::describe(std::move(ends.heap)));
  request.setOwnHeap(ipc::describe(std::move(ends.ownHeap)));
  request.setToPeer(ipc::describe(std::move(ends.toPeer)));
  request.setFromPeer(ipc::describe(std::move(ends.fromPeer)));
  request.setBell(ipc::describe(std::move(ends.bell)));
  request.setOwnBell(ipc::describe(std::move(ends.ownBell)));
  // What comes after it on the connection is done after it.
  sharing_ = request.send().ignoreResult().eagerlyEvaluate([this](kj::Exception&& exception) {
    if (exception.getType() == kj::Exception::Type::DISCONNECTED) return;
    for (auto& [id, end] : sessions_) end->fail(ipc::errorText(exception));
  });
  return host;
}

void Engine::Impl::offerInspection(ipc::RenderHost::Client& host) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) throw transport::TransportError("no socket can be made for those who inspect worklets");
  transport::Fd theirs(ends[0]), ours(ends[1]);
  auto request = host.inspectRequest();
  request.setSocket(ipc::describe(std::move(theirs)));
  inspecting_ = request.send().ignoreResult().eagerlyEvaluate([](kj::Exception&& exception) {   // it plays nevertheless
    if (exception.getType() == kj::Exception::Type::DISCONNECTED) return;
    std::fprintf(stderr, "backline: worklets cannot be inspected: %s\n", ipc::errorText(exception).c_str());
  });
  options_.inspect(std::move(ours));
}

/// Its first answer is asked for here: from then on its end is noticed.
void Engine::Impl::startSpare(kj::AsyncIoContext& io) {
  spareReady_ = spare_.start(io).main<ipc::RenderHost>().describeRequest().send().ignoreResult().eagerlyEvaluate([](kj::Exception&&) {});
}

void Engine::Impl::begin(kj::AsyncIoContext& io, SessionEnd& end) {
  end.begin(renderHost(io), [this](int priority) { noteHost(priority); });
  watchHosts(io);
}

void Engine::Impl::noteHost(int priority) {
  renderPriority_ = priority;
  hostWorked_ = true;
}

void Engine::Impl::loseRender(const std::string& how) {
  renderPriority_ = 0;
  hostWorked_ |= std::any_of(sessions_.begin(), sessions_.end(), [](const auto& entry) { return entry.second->everShown(); });
  if (!hostWorked_ && deaths_.any()) return failRender(how);   // nor would another
  for (auto& [id, end] : sessions_) end->interrupt(how);
  looks_ = 0;
  const int pause = deaths_.count();
  if (deaths_.tooMany()) return failRender(deaths_.told(how) + "what is played ends its host");
  KJ_IF_MAYBE(io, ioContext_) {
    restoring_ = io->provider->getTimer().afterDelay(pause * kj::MILLISECONDS).then([this, &io = *io] { restoreAll(io); }).eagerlyEvaluate([](kj::Exception&&) {});
  }
}

void Engine::Impl::failRender(const std::string& how) {
  deaths_.forget();
  for (auto& [id, end] : sessions_) end->fail(how);
  tidyLater();
}

void Engine::Impl::dropRenderHosts() {
  watching_ = nullptr;
  lookedAt_ = false;
  restoring_ = nullptr;
  sharing_ = nullptr;
  inspecting_ = nullptr;
  spareReady_ = nullptr;
  spare_.drop();
  spareDeaths_ = 0;
  render_.drop();
  renderPriority_ = 0;
}

void Engine::Impl::restoreAll(kj::AsyncIoContext& io) {
  for (auto& [id, end] : sessions_) {
    if (end->failed()) continue;
    try {
      end->restore(renderHost(io), [this](int priority) { noteHost(priority); });
    } catch (const std::exception& error) {
      end->fail(error.what());
    }
  }
  tidyLater();
}

void Engine::Impl::watchHosts(kj::AsyncIoContext& io) {
  if (std::exchange(lookedAt_, true)) return;
  looks_ = 0;
  watching_ = lookAtHosts(io).eagerlyEvaluate([](kj::Exception&&) {});
}

kj::Promise<void> Engine::Impl::lookAtHosts(kj::AsyncIoContext& io) {
  return io.provider->getTimer().afterDelay(kHostLook).then([this, &io] {
    if (++looks_ >= kHealthyAfter) deaths_.forget();
    if (options_.spareHost && looks_ >= kSpareAfter && spareDeaths_ < kMostSpareDeaths && render_.running() && !spare_.running()) startSpare(io);
    for (auto& [id, end] : sessions_) {
      if (looks_ % kLooksASecond == 0) end->tend();
      if (!hangs(*end)) continue;
      render_.helper().kill("showed no life for " + std::to_string(options_.hangLimit).substr(0, 4) + " s and was ended");
      break;
    }
    return lookAtHosts(io);
  });
}

/// A host that runs may be in a call of the program's: its own watchdog, which can tell whose it is, comes first. That one counts processor
/// time, of which there is little on a machine under load.
bool Engine::Impl::hangs(SessionEnd& end) {
  const auto [looks, spent] = end.silence(options_.inspect != nullptr, render_.running() ? render_.helper().processorTime() : 0);
  const double silent = static_cast<double>(looks) / kLooksASecond;
  if (options_.hangLimit == 0 || !render_.running() || silent <= options_.hangLimit) return false;
  const double watched = options_.hangLimit + std::max(budgets_.call, budgets_.setUp) + budgets_.mercy;
  return render_.helper().isStopped() || (silent > watched && spent > watched) || silent > kAsleep * watched;
}

}  // namespace backline::session

// A session at its render host: how its part is made there, and made anew in another host when that one has gone.

#include <algorithm>
#include <utility>

#include "ipc/connection.h"
#include "session/session_end.h"
#include "transport/error.h"

namespace backline::session {

namespace {

constexpr auto kTryAgain = 1 * kj::MILLISECONDS;

render::StreamEnds copyOf(const render::StreamEnds& ends) {
  const auto copy = [](const transport::Fd& fd) { return fd ? fd.duplicate() : transport::Fd(); };
  return {copy(ends.memory), copy(ends.answers), copy(ends.notify), ends.ownClock};
}

}  // namespace

void SessionEnd::begin(ipc::RenderHost::Client host, std::function<void(int)> made) {
  auto request = host.createSessionRequest();
  auto config = request.initConfig();
  config.setSampleRate(info_.sampleRate);
  config.setChannels(info_.channels);
  config.setQuantum(info_.quantum);
  config.setCallbackFrames(output_.callbackFrames);
  config.setLatency(options_.latency);
  config.setDeviceLatency(output_.deviceLatency);
  config.setFirstFrame(firstFrame_);
  request.setCommands(ipc::describe(channel_->commandMemory().fd().duplicate()));
  request.setCommandNotify(ipc::describe(channel_->commandNotify().fd().duplicate()));
  request.setNotices(ipc::describe(channel_->noticeMemory().fd().duplicate()));
  request.setNoticeNotify(ipc::describe(channel_->noticeNotify().fd().duplicate()));
  request.setTiming(ipc::describe(status_.memory().fd().duplicate()));
  request.setCosts(ipc::describe(costs_.fd().duplicate()));
  request.setBlackBox(ipc::describe(blackBoxMemory_.fd().duplicate()));
  request.setRing(ipc::describe(output_.ring.duplicate()));
  request.setRefill(ipc::describe(output_.refill.duplicate()));
  request.setOutput(ipc::describe(output_.page.duplicate()));
  tasks_.add(request.send().then([this, ring = ringNumber_, attempt = attempt_, made = std::move(made)](auto&& answer) {
    if (attempt != attempt_) return;
    made(answer.getPriority());
    hostRing_ = ring;
    attach(answer.getSession());
  }));
}

void SessionEnd::attach(ipc::RenderSession::Client session) {
  if (failed_) return;
  session_ = kj::mv(session);
  looksInVain_ = 0;
  tasks_.add(bindAll().then([this, attempt = attempt_] {
    if (attempt != attempt_) return;
    for (auto& waiting : std::exchange(waitingForSession_, {})) waiting->fulfill();
    rebuild(attempt);
  }));
}

kj::Promise<void> SessionEnd::whenAttached() {
  if (session_ != nullptr) return kj::READY_NOW;
  auto waiting = kj::newPromiseAndFulfiller<void>();
  waitingForSession_.push_back(kj::mv(waiting.fulfiller));
  return kj::mv(waiting.promise);
}

/// Of the ring that is the session's now. A host that comes after one that has gone begins with it.
kj::Promise<void> SessionEnd::tellHost() {
  return whenAttached().then([this]() -> kj::Promise<void> {
    if (failed_) return ipc::callError("the session has ended");
    if (session_ == nullptr) return tellHost();
    if (hostRing_ == ringNumber_) return kj::READY_NOW;
    auto request = KJ_ASSERT_NONNULL(session_).setOutputRequest();
    request.setRing(ipc::describe(output_.ring.duplicate()));
    request.setCallbackFrames(output_.callbackFrames);
    request.setDeviceLatency(output_.deviceLatency);
    return request.send().then([this, ring = ringNumber_](auto&&) -> kj::Promise<void> {
      hostRing_ = ring;
      return kj::READY_NOW;
    }, [this](kj::Exception&& exception) -> kj::Promise<void> {
      if (exception.getType() != kj::Exception::Type::DISCONNECTED) return kj::mv(exception);
      session_ = nullptr;
      return tellHost();
    });
  });
}

// ------------------------------------------------------------------ what commands name

void SessionEnd::bindStream(render::ResourceId id, render::ResourceKind kind, render::StreamEnds ends) {
  Binding& binding = bindings_[id] = {kind, std::move(ends)};
  if (session_ != nullptr) tasks_.add(bind(id, binding));
}

void SessionEnd::bindBuffer(render::ResourceId id, std::uint32_t channels, std::uint64_t length, float sampleRate, transport::Fd memory) {
  Binding& binding = bindings_[id] = {{}, {std::move(memory)}, channels, length, sampleRate};
  if (session_ != nullptr) tasks_.add(bind(id, binding));
}

kj::Promise<void> SessionEnd::bind(render::ResourceId id, const Binding& binding) {
  auto bound = [this, id] {
    const auto found = bindings_.find(id);
    if (found != bindings_.end() && std::exchange(found->second.held, false)) channel_->release();
  };
  render::StreamEnds ends = copyOf(binding.ends);
  if (!binding.kind) {
    auto request = KJ_ASSERT_NONNULL(session_).bindBufferRequest();
    request.setId(id);
    request.setChannels(binding.channels);
    request.setLength(binding.length);
    request.setSampleRate(binding.sampleRate);
    request.setMemory(ipc::describe(std::move(ends.memory)));
    return request.send().ignoreResult().then(kj::mv(bound));
  }
  auto request = KJ_ASSERT_NONNULL(session_).bindStreamRequest();
  request.setId(id);
  request.setKind(static_cast<std::uint32_t>(*binding.kind));
  request.setOwnClock(ends.ownClock);
  request.setMemory(ipc::describe(std::move(ends.memory)));
  if (ends.answers) request.setAnswers(ipc::describe(std::move(ends.answers)));
  if (ends.notify) request.setNotify(ipc::describe(std::move(ends.notify)));
  return request.send().ignoreResult().then(kj::mv(bound));
}

kj::Promise<void> SessionEnd::bindAll() {
  auto all = kj::heapArrayBuilder<kj::Promise<void>>(bindings_.size());
  for (const auto& [id, binding] : bindings_) all.add(bind(id, binding));
  return kj::joinPromises(all.finish());
}

/// Those that the program has released and no node names.
void SessionEnd::forgetBindings() {
  const auto named = mirror_.resources();
  const bool more = channel_->holds();   // are on their way here
  std::erase_if(released_, [&](render::ResourceId id) {
    const auto binding = bindings_.find(id);
    if (binding == bindings_.end()) return !more;
    if (binding->second.held || named.contains(id)) return false;
    bindings_.erase(binding);
    return true;
  });
  releasedLately_ = 0;
}

// ------------------------------------------------------------------ when the host has gone

void SessionEnd::interrupt(const std::string& how) {
  if (failed_) return;
  readNotices();
  if (failed_) return;
  session_ = nullptr;
  ++attempt_;
  mirror_.served(feedMirror().servedSequence);
  if (failed_) return;
  const bool again = std::exchange(restoring_, true);
  if (!again) channel_->say({{0, 0, render::SessionInterrupted{how}}});
  if (const auto culprit = blackBox_.read().verdict) judge(*culprit);
}

/// What could not be terminated is not run again.
void SessionEnd::judge(const render::Whereabouts& culprit) {
  const bool isModule = culprit.phase == render::Phase::module;   // a module's number is a request's, no node's
  const std::string processor = isModule ? "" : mirror_.nameOf(culprit.node).processor;
  const std::string message = std::string(render::nameOf(culprit.phase)) + (processor.empty() ? "" : " of '" + processor + "'") +
                              " ran without end and could not be terminated: its render host was ended";
  const render::ScriptError error{"Error", message};
  std::vector<render::NoticeRecord> notices;
  if (isModule) {
    mirror_.forgetModule(culprit.node);
    notices.push_back({culprit.node, 0, render::ModuleEvaluated{0, error}});
  } else if (culprit.node != 0) {
    mirror_.silence(culprit.node);
    notices.push_back({culprit.node, 0, render::ProcessorFailed{error}});
  }
  channel_->say(std::move(notices));
}

void SessionEnd::restore(ipc::RenderHost::Client host, std::function<void(int)> made) {
  if (failed_) return;
  channel_->renew();
  notices_ = transport::BlockReader(transport::SharedMemory::map(channel_->noticeMemory().fd().duplicate()));
  blackBoxMemory_ = render::BlackBox::create();
  blackBox_ = render::BlackBoxReader(transport::SharedMemory::map(blackBoxMemory_.fd().duplicate()));
  firstFrame_ = std::max(firstFrame_, statusNow().frame);
  begin(kj::mv(host), std::move(made));
}

/// When everything is bound: as one batch, ahead of what has been committed since.
void SessionEnd::rebuild(std::uint32_t attempt) {
  if (failed_ || session_ == nullptr || !restoring_ || attempt != attempt_) return;
  auto batches = channel_->takeForRebuild();
  if (!batches) {   // something is on its way to be bound
    tasks_.add(events_.getTimer().afterDelay(kTryAgain).then([this, attempt] { rebuild(attempt); }));
    return;
  }
  feedMirror(*batches, firstFrame_);
  if (failed_) return;
  std::set<render::ResourceId> bound;
  for (const auto& [id, binding] : bindings_) bound.insert(id);
  restoring_ = false;
  channel_->resume(mirror_.sequence() > 0 ? mirror_.rebuild(bound, firstFrame_) : std::vector<std::byte>());
}

SessionEnd::Silence SessionEnd::silence(bool inspected, double spent) {
  const std::int64_t sign = statusNow().nanoseconds;
  const render::BlackBoxReader::Contents runs = blackBox_.read();
  const bool paused = inspected && (runs.render.phase == render::Phase::paused || runs.compile.phase == render::Phase::paused);
  if (failed_ || session_ == nullptr || paused || !mirror_.wantsToRun() || std::exchange(lastSign_, sign) != sign) {
    looksInVain_ = 0;
    return {};
  }
  transport::NotifyFd::adopt(output_.refill.duplicate()).signal();   // who sleeps for want of something to do shows itself now
  if (looksInVain_++ == 0) spentBefore_ = spent;
  return {looksInVain_, spent - spentBefore_};
}

}  // namespace backline::session

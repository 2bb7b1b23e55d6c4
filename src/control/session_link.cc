#include "control/session_link.h"

#include <chrono>
#include <iterator>
#include <utility>

#include "control/audio_node.h"
#include "control/errors.h"

namespace backline {

void SessionLink::Waker::wake() {
  std::function<void()> call;
  {
    std::lock_guard lock(mutex);
    awake = true;
    call = hook;
  }
  changed.notify_all();
  if (call) call();
}

SessionLink::SessionLink(std::unique_ptr<session::Session> session)
    : session_(std::move(session)), info_(session_->info()) {
  session_->onNotice([waker = waker_] { waker->wake(); });
  session_->onOutputChanged([post = poster(), weak = std::weak_ptr(self_)](session::OutputChanged changed) {
    post([weak, changed = std::move(changed)] {
      const auto self = weak.lock();
      if (!self || (*self)->isShut()) return;
      (*self)->moved(changed.info);
      if ((*self)->outputChanged_) (*self)->outputChanged_(changed);
    });
  });
}

SessionLink::~SessionLink() { shut(); }

session::Timing SessionLink::timing() const { return session_ ? session_->timing() : lastTiming_; }

double SessionLink::costOf(render::NodeId node) const {
  return session_ ? session_->costOf(node) * static_cast<double>(info_.sampleRate) / info_.quantum : 0;
}

double SessionLink::currentTime() const {
  return static_cast<double>(timing().frame) / static_cast<double>(info_.sampleRate);
}

void SessionLink::append(std::uint32_t target, render::Command&& command) {
  render::encode(batch_, render::CommandRecord{target, sequence_, std::move(command)});
  ++records_;
}

void SessionLink::send(std::uint32_t target, render::Command command) {
  if (stopped_ || !session_) return;
  append(target, std::move(command));
  if (announced_) return;
  announced_ = true;
  if (firstChange_) firstChange_();
}

void SessionLink::sendLazily(std::uint32_t target, render::Command command) {
  if (stopped_ || !session_) return;
  const bool first = records_ == 0;
  append(target, std::move(command));
  if (first) waker_->wake();
}

void SessionLink::shareBuffer(render::ResourceId id, float sampleRate, std::uint64_t length,
                              std::span<const float* const> channels) {
  if (stopped_ || !session_) return;
  try {
    session_->shareBuffer(id, sampleRate, length, channels);
  } catch (const std::exception& error) {
    throw RangeError(std::string("the contents of the AudioBuffer cannot be shared: ") + error.what());
  }
}

void SessionLink::bindStream(render::ResourceId id, render::ResourceKind kind, render::StreamEnds ends) {
  if (stopped_ || !session_) return;
  try {
    session_->bindStream(id, kind, std::move(ends));
  } catch (const std::exception& error) {
    throw DomException("NotSupportedError", std::string("a stream cannot be bound: ") + error.what());
  }
}

void SessionLink::answered(render::ResourceId exchange, std::uint64_t sequence) {
  if (session_) session_->answered(exchange, sequence);
}

void SessionLink::onRound(render::NodeId id, std::function<void()> round) {
  if (round) {
    rounds_[id] = std::move(round);
  } else {
    rounds_.erase(id);
  }
}

void SessionLink::commit() {
  announced_ = false;
  if (records_ == 0 || !session_) return;
  render::encode(batch_, render::CommandRecord{0, sequence_, render::Commit{records_}});
  ++sequence_;
  records_ = 0;
  session_->commit(std::exchange(batch_, {}));
}

void SessionLink::moveOutput(const std::string& device, std::function<void(const session::OutputMoved&)> done) {
  if (!session_) return;
  session_->moveOutput(device, [post = poster(), weak = std::weak_ptr(self_), done = std::move(done)](session::OutputMoved moved) {
    post([weak, done, moved = std::move(moved)] {
      const auto self = weak.lock();
      if (!self || (*self)->isShut()) return;
      if (moved.outcome == session::OutputMoved::Outcome::moved) (*self)->moved(moved.info);
      done(moved);
    });
  });
}

void SessionLink::moved(const session::SessionInfo& info) {
  info_ = info;
  const auto tells = onMove_;   // each of them may come or go
  for (const auto& [who, tell] : tells) {
    if (onMove_.contains(who)) tell();
  }
}

void SessionLink::onMove(const void* who, std::function<void()> tell) {
  onMove_.erase(who);
  if (tell) onMove_.emplace(who, std::move(tell));
}

void SessionLink::shut() {
  if (!session_) return;
  stopped_ = true;
  lastTiming_ = session_->timing();
  session_->onNotice({});
  session_->onOutputChanged({});
  session_.reset();
  while (!atEnd_.empty()) atEnd_.extract(atEnd_.begin()).mapped()();
  settle();
}

void SessionLink::settle() {
  settled_ = true;
  // A node's end may reach back here.
  for (const auto& [id, node] : std::exchange(kept_, {})) {
    if (node->onkept) node->onkept(false);
  }
}

void SessionLink::keep(std::shared_ptr<AudioNode> node) {
  if (!session_ || settled_) return;
  const auto& kept = kept_[node->id()] = std::move(node);
  if (kept->onkept) kept->onkept(true);
}

void SessionLink::letGo(render::NodeId id) {
  const auto kept = kept_.extract(id);
  if (kept && kept.mapped()->onkept) kept.mapped()->onkept(false);
}

void SessionLink::route(render::NoticeRecord& notice) {
  auto isOfNode = [](const auto& body) {
    using Body = std::decay_t<decltype(body)>;
    return std::is_same_v<Body, render::Ended> || std::is_same_v<Body, render::ProcessorMessage> ||
           std::is_same_v<Body, render::ProcessorFailed> || std::is_same_v<Body, render::ProcessorEnded>;
  };
  if (notice.target == 0 || !std::visit(isOfNode, notice.body)) {
    if (contextNotice_) contextNotice_(notice);
    return;
  }
  auto found = nodes_.find(notice.target);
  if (found == nodes_.end()) return;
  // The callback may drop the last reference to the node.
  const std::shared_ptr<AudioNode> alive = found->second->weak_from_this().lock();
  if (alive) alive->receive(notice.body);
}

void SessionLink::queueTask(std::function<void()> task) {
  tasks_.push_back(std::move(task));
  waker_->wake();
}

void SessionLink::queueNext(std::function<void()> task) {
  tasks_.push_front(std::move(task));
  waker_->wake();
}

std::function<void(std::function<void()>)> SessionLink::poster() const {
  return [waker = waker_](std::function<void()> task) {
    {
      std::lock_guard lock(waker->mutex);
      waker->posted.push_back(std::move(task));
    }
    waker->wake();
  };
}

void SessionLink::atEnd(const void* who, std::function<void()> tell) {
  atEnd_.erase(who);
  if (tell) atEnd_.emplace(who, std::move(tell));
}

bool SessionLink::dispatchOne() {
  std::vector<std::function<void()>> posted;
  {
    std::lock_guard lock(waker_->mutex);
    waker_->awake = false;
    posted.swap(waker_->posted);
  }
  std::move(posted.begin(), posted.end(), std::back_inserter(tasks_));
  commit();
  if (session_) {
    auto notices = session_->takeNotices();
    // What was asked before the render side said something is there by now, and comes before it.
    for (const auto& [id, round] : rounds_) round();
    for (auto& notice : notices) {
      queueTask([this, notice = std::move(notice)]() mutable { route(notice); });
    }
  }
  if (tasks_.empty()) return false;
  auto task = std::move(tasks_.front());
  tasks_.pop_front();
  task();
  return !tasks_.empty();
}

bool SessionLink::wait(double seconds) {
  if (!tasks_.empty()) return true;
  std::unique_lock lock(waker_->mutex);
  return waker_->changed.wait_for(lock, std::chrono::duration<double>(seconds), [this] { return waker_->awake; });
}

void SessionLink::onFirstChange(std::function<void()> hook) {
  firstChange_ = std::move(hook);
  if (records_ == 0 || !firstChange_) return;
  announced_ = true;
  firstChange_();
}

void SessionLink::onWake(std::function<void()> hook) {
  std::lock_guard lock(waker_->mutex);
  waker_->hook = std::move(hook);
}

}  // namespace backline

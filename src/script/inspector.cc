#include "script/inspector.h"

#include <chrono>
#include <cstring>
#include <utility>

#include "script/realm.h"

namespace backline::script {

namespace {

using v8_inspector::StringBuffer;
using v8_inspector::StringView;

constexpr int kGroup = 1;
constexpr std::string_view kName = "AudioWorkletGlobalScope";
constexpr std::string_view kDefault = "{\"isDefault\":true}";
/// Takes breakpoints away, and goes on.
constexpr std::u16string_view kDisable = u"{\"id\":0,\"method\":\"Debugger.disable\"}";

StringView view(std::string_view text) { return {true, text.size(), text.data()}; }
StringView view(std::u16string_view text) { return {false, text.size(), text.data()}; }

}  // namespace

/// One debugger at one realm.
class Inspector::Session final : private v8_inspector::V8Inspector::Channel {
 public:
  Session(InspectorHub& hub, std::uint32_t channel, v8_inspector::V8Inspector& inspector)
      : hub_(hub),
        channel_(channel),
        session_(inspector.connect(kGroup, this, StringView{}, v8_inspector::V8Inspector::kFullyTrusted, v8_inspector::V8Inspector::kNotWaitingForDebugger)) {}

  void dispatch(std::u16string_view message) { session_->dispatchProtocolMessage(view(message)); }
  void mute() { muted_ = true; }

 private:
  void sendResponse(int, std::unique_ptr<StringBuffer> message) override { send(*message); }
  void sendNotification(std::unique_ptr<StringBuffer> message) override { send(*message); }
  void flushProtocolNotifications() override {}
  void send(const StringBuffer& message) {
    if (muted_) return;
    const StringView text = message.string();
    const auto kind = text.is8Bit ? InspectorHub::Kind::latin1 : InspectorHub::Kind::utf16;
    hub_.send(kind, channel_, {static_cast<const std::byte*>(text.characters), text.length * (text.is8Bit ? 1 : 2)});
  }

  InspectorHub& hub_;
  const std::uint32_t channel_;
  bool muted_ = false;
  const std::unique_ptr<v8_inspector::V8InspectorSession> session_;
};

Inspector::Inspector(Realm& realm, std::shared_ptr<InspectorHub> hub)
    : realm_(realm), hub_(std::move(hub)), inspector_(v8_inspector::V8Inspector::create(realm.isolate(), this)) {
  inspector_->contextCreated({realm.context(), kGroup, view(kName), StringView{}, view(kDefault), false});
  number_ = hub_->add(*this);
}

Inspector::~Inspector() {
  hub_->remove(number_);
  sessions_.clear();
  ended_.clear();
  inspector_->contextDestroyed(realm_.context());
}

void Inspector::take(InspectorHub::Message message) {
  {
    const std::scoped_lock lock(mutex_);
    messages_.push_back(std::move(message));
    waiting_.store(true, std::memory_order_release);
  }
  came_.notify_one();
  realm_.config().events->wake();
}

void Inspector::release() noexcept {
  {
    const std::scoped_lock lock(mutex_);
    released_ = true;
  }
  came_.notify_one();
}

void Inspector::serve() {
  if (depth_ == 0) ended_.clear();
  if (!waiting_.load(std::memory_order_acquire)) return;
  std::vector<InspectorHub::Message> messages;
  {
    const std::scoped_lock lock(mutex_);
    messages.swap(messages_);
    waiting_.store(false, std::memory_order_relaxed);
  }
  ++depth_;
  for (auto& message : messages) handle(message);
  --depth_;
}

void Inspector::handle(InspectorHub::Message& message) {
  if (message.kind == InspectorHub::Kind::open) {
    sessions_.insert_or_assign(message.number, std::make_unique<Session>(*hub_, message.number, *inspector_));
  } else if (message.kind == InspectorHub::Kind::close) {
    end(message.number);
  } else if (const auto session = sessions_.find(message.number); session != sessions_.end()) {
    std::u16string text(message.bytes.size() / sizeof(char16_t), u'\0');
    std::memcpy(text.data(), message.bytes.data(), text.size() * sizeof(char16_t));
    session->second->dispatch(text);
  }
}

void Inspector::end(std::uint32_t channel) {
  const auto found = sessions_.find(channel);
  if (found == sessions_.end()) return;
  found->second->mute();
  found->second->dispatch(kDisable);
  ended_.push_back(std::move(found->second));
  sessions_.erase(found);
  if (sessions_.empty()) paused_ = false;
}

void Inspector::runMessageLoopOnPause(int) {
  const render::Lane::Stretch stretch(realm_.lane(), render::Lane::whereabouts(realm_.lane().now()).node, render::Phase::paused);
  ++depth_;
  paused_ = true;
  while (paused_) {
    {
      std::unique_lock lock(mutex_);
      came_.wait(lock, [this] { return released_ || !messages_.empty(); });
      if (released_) break;
    }
    serve();
  }
  paused_ = false;
  --depth_;
}

v8::Local<v8::Context> Inspector::ensureDefaultContextInGroup(int) { return realm_.context(); }

double Inspector::currentTimeMS() {
  return std::chrono::duration<double, std::milli>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace backline::script

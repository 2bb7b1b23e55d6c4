#include "script/ports.h"

#include "script/realm.h"
#include "script/script_error.h"

namespace backline::script {

namespace {

constexpr std::size_t kSpareMessages = 64;
constexpr std::size_t kSpareBytes = 4096;   // larger ones give their memory back

}  // namespace

std::uint32_t Ports::open(render::NodeId node, const std::string& name) {
  v8::Isolate* isolate = realm_.isolate();
  const std::uint32_t number = ++last_;
  v8::Local<v8::Value> args[] = {v8::Integer::NewFromUnsigned(isolate, number)};
  v8::Local<v8::Value> object;
  if (!realm_.helper(Helper::makePort)
           ->Call(realm_.context(), v8::Undefined(isolate), 1, args)
           .ToLocal(&object)) {
    return 0;
  }
  ports_.emplace(number, Port{node, name, false, {}, v8::Global<v8::Object>(isolate, object.As<v8::Object>())});
  return number;
}

v8::Local<v8::Object> Ports::object(std::uint32_t port) const {
  return ports_.at(port).object.Get(realm_.isolate());
}

void Ports::start(std::uint32_t number) {
  const auto found = ports_.find(number);
  if (found == ports_.end() || found->second.started) return;
  found->second.started = true;
  // Those that wait came before any of the same port that is still queued: `deliver` moves them aside in order.
  std::vector<Incoming> front;
  for (auto& message : found->second.waiting) front.push_back({number, std::move(message)});
  found->second.waiting.clear();
  queue_.insert(queue_.begin(), std::make_move_iterator(front.begin()), std::make_move_iterator(front.end()));
}

void Ports::close(std::uint32_t number) {
  const auto found = ports_.find(number);
  if (found == ports_.end()) return;
  for (const auto& message : found->second.waiting) drop(message);
  ports_.erase(found);
}

void Ports::post(std::uint32_t number, render::Message message) {
  const auto found = ports_.find(number);
  if (found == ports_.end()) return drop(message);
  const render::NodeId node = found->second.node;
  if (outbox_.empty() && realm_.config().events->processorMessage(node, message)) return;
  outbox_.emplace_back(node, std::move(message));
}

void Ports::receive(std::uint32_t number, std::span<const std::byte> bytes) {
  render::Message message;
  if (!spare_.empty()) {
    message = std::move(spare_.back());
    spare_.pop_back();
  }
  message.assign(bytes.begin(), bytes.end());
  queue_.push_back({number, std::move(message)});
}

void Ports::deliver() {
  while (!queue_.empty() && !realm_.closing()) {
    batch_.swap(queue_);
    for (std::size_t i = 0; i < batch_.size(); ++i) {
      Incoming& incoming = batch_[i];
      const auto found = ports_.find(incoming.port);
      if (found == ports_.end()) {
        drop(incoming.message);
      } else if (!found->second.started) {
        found->second.waiting.push_back(std::move(incoming.message));
        continue;
      } else {
        deliver(found->second, incoming.message);
      }
      recycle(std::move(incoming.message));
      // A port that this started: what waited for it goes before the rest of the batch.
      if (!queue_.empty() && i + 1 < batch_.size()) {
        queue_.insert(queue_.end(), std::make_move_iterator(batch_.begin() + static_cast<std::ptrdiff_t>(i) + 1),
                      std::make_move_iterator(batch_.end()));
        break;
      }
    }
    batch_.clear();
  }
}

void Ports::deliver(const Port& port, const render::Message& message) {
  v8::Isolate* isolate = realm_.isolate();
  const std::string name = port.name;   // a handler may close the port
  const Realm::Speaker speaker(realm_, name);
  const render::NodeId node = port.node;
  const render::Lane::Stretch stretch(realm_.lane(), node, render::Phase::message);
  const v8::HandleScope handles(isolate);
  realm_.runFor(node);
  const auto context = realm_.context();
  v8::Local<v8::Value> args[2] = {port.object.Get(isolate), {}};
  v8::Local<v8::Value> result;
  bool read;
  {
    const v8::TryCatch refused(isolate);
    read = readMessage(realm_.cloneScope(), message).ToLocal(&args[1]);
  }
  const v8::TryCatch caught(isolate);   // the dispatch reports what listeners throw; this is for termination
  const auto helper = realm_.helper(read ? Helper::deliver : Helper::deliverError);
  const bool returned = helper->Call(context, v8::Undefined(isolate), read ? 2 : 1, args).ToLocal(&result);
  if (realm_.termination().passed()) return realm_.fail(node, realm_.termination().take());
  if (returned) realm_.checkpoint(node);
}

void Ports::flush() {
  while (!outbox_.empty()) {
    const auto& [node, message] = outbox_.front();
    if (!realm_.config().events->processorMessage(node, message)) return;
    outbox_.pop_front();
  }
}

void Ports::clear() {
  for (auto& [number, port] : ports_) {
    for (const auto& message : port.waiting) drop(message);
  }
  for (const auto& incoming : queue_) drop(incoming.message);
  for (const auto& [node, message] : outbox_) drop(message);
  ports_.clear();
  queue_.clear();
  outbox_.clear();
}

void Ports::drop(const render::Message& message) { dropMessage(realm_.shared(), realm_.pool(), message); }

void Ports::recycle(render::Message message) {
  if (spare_.size() < kSpareMessages && message.capacity() <= kSpareBytes) spare_.push_back(std::move(message));
}

}  // namespace backline::script

#include "script/ports.h"

#include <algorithm>

#include "script/message_layout.h"
#include "script/realm.h"
#include "script/script_error.h"

namespace backline::script {

namespace {

constexpr std::size_t kSpareMessages = 64;
constexpr std::size_t kSpareBytes = 4096;   // larger ones give their memory back
constexpr int kRounds = 8;                  // that ports of one scope may answer each other in between two quanta
constexpr std::size_t kTaken = kPipeRing;   // bytes that are taken from a pipe at once, however fast the other side writes
constexpr PortTicket kNowhere{{~std::uint64_t{0}, 0, 0, 0}, 0};

/// Has `take` take messages through `taken`. Result::message: there may be more of them.
template <class Take>
PortPipe::Result takeFrom(PortPipe& pipe, std::vector<std::byte>& taken, Take take) {
  for (std::size_t bytes = 0; bytes < kTaken;) {
    const auto result = pipe.read(taken);
    if (result != PortPipe::Result::message) return result;
    bytes += std::max(taken.size(), sizeof(std::uint64_t));   // no record is smaller
    take();
  }
  return PortPipe::Result::message;
}

}  // namespace

bool Ports::make(std::uint32_t number, v8::Local<v8::Object>& object) {
  v8::Local<v8::Value> args[] = {v8::Integer::NewFromUnsigned(realm_.isolate(), number)}, made;
  if (!realm_.helper(Helper::makePort)->Call(realm_.context(), v8::Undefined(realm_.isolate()), 1, args).ToLocal(&made)) return false;
  object = made.As<v8::Object>();
  return true;
}

std::uint32_t Ports::open(render::NodeId node, const std::string& name) {
  const std::uint32_t number = ++last_;
  v8::Local<v8::Object> object;
  if (!make(number, object)) return 0;
  Port& port = ports_[number];
  port.node = node;
  port.fixed = true;
  port.name = name;
  port.object.Reset(realm_.isolate(), object);
  return number;
}

v8::MaybeLocal<v8::Array> Ports::openChannel() {
  const std::uint32_t first = ++last_, second = ++last_;
  v8::Local<v8::Object> objects[2];
  if (!make(first, objects[0]) || !make(second, objects[1])) return {};
  for (const int i : {0, 1}) {
    Port& port = ports_[first + static_cast<std::uint32_t>(i)];
    port.node = realm_.microtaskOwner(0);
    port.peer = i == 0 ? second : first;
    port.object.Reset(realm_.isolate(), objects[i]);
  }
  v8::Local<v8::Value> both[] = {objects[0], objects[1]};
  return v8::Array::New(realm_.isolate(), both, 2);
}

v8::Local<v8::Object> Ports::object(std::uint32_t port) const {
  return ports_.at(port).object.Get(realm_.isolate());
}

bool Ports::transferable(std::uint32_t number) const {
  const auto found = ports_.find(number);
  return found == ports_.end() || !found->second.fixed;
}

void Ports::start(std::uint32_t number) {
  const auto found = ports_.find(number);
  if (found == ports_.end() || found->second.started) return;
  found->second.started = true;
  // Those that wait came before any of the same port that is still queued.
  auto& waiting = found->second.waiting;
  queue_.insert(queue_.begin() + static_cast<std::ptrdiff_t>(head_), std::make_move_iterator(waiting.begin()), std::make_move_iterator(waiting.end()));
  stop_ += waiting.size();
  waiting.clear();
}

void Ports::close(std::uint32_t number) {
  const auto found = ports_.find(number);
  if (found == ports_.end()) return;
  Port port = std::move(found->second);
  ports_.erase(found);
  std::erase(piped_, number);
  for (const auto& incoming : port.waiting) drop(incoming.message);
  if (const auto peer = ports_.find(port.peer); port.peer != 0 && peer != ports_.end()) {
    peer->second.peer = 0;
    queue(port.peer, {}, true);
  }
  if (port.pipe && !port.pipe->finish()) finishing_.push_back(std::move(port.pipe));
}

void Ports::hand(std::uint32_t from, std::uint32_t to) {
  for (std::size_t i = head_; i < queue_.size(); ++i) {
    if (queue_[i].port == from) queue_[i].port = to;
  }
  const auto found = ports_.find(from);
  if (found == ports_.end()) return;
  auto waiting = std::exchange(found->second.waiting, {});
  for (Incoming& incoming : waiting) incoming.port = to;
  queue_.insert(queue_.begin() + static_cast<std::ptrdiff_t>(head_), std::make_move_iterator(waiting.begin()), std::make_move_iterator(waiting.end()));
  if (!found->second.pipe || !ports_.contains(to)) return;
  ports_.at(to).pipe = std::move(found->second.pipe);
  std::ranges::replace(piped_, from, to);
}

/// What stays in the scope is shared as it is; what leaves it must be visible elsewhere.
CloneScope Ports::scopeFor(const Port* port) const {
  CloneScope scope = realm_.cloneScope();
  if (port != nullptr && port->fixed && !port->pipe) return scope;
  scope.shared = port != nullptr && port->pipe ? nullptr : &realm_.here();
  return scope;
}

void Ports::post(std::uint32_t number, const Outgoing& outgoing) {
  const auto before = ports_.find(number);
  const Port* const from = before == ports_.end() ? nullptr : &before->second;
  const bool leaves = from != nullptr && from->peer == 0;
  // To itself through its other end: who reads it would have no port any more (HTML, "doomed").
  const bool doomed = from != nullptr && from->peer != 0 && std::ranges::find(outgoing.ports, from->peer) != outgoing.ports.end();
  const PortsSent ports{outgoing.objects, [&] {
                          if (!leaves) return departLocally(outgoing.ports);
                          std::vector<PortTicket> tickets;
                          for (const std::uint32_t port : outgoing.ports) tickets.push_back(depart(port));
                          return tickets;
                        }};
  render::Message message;
  if (!writeMessage(scopeFor(from), outgoing.value, outgoing.transfer, message, ports)) return;
  const auto found = ports_.find(number);   // a getter may have closed it
  if (found == ports_.end() || doomed) return drop(message);
  if (found->second.pipe) {
    if (!leaves) adapt(message);   // the other end left meanwhile
    found->second.pipe->send(std::move(message));
  } else if (found->second.fixed) {
    const render::NodeId node = found->second.node;
    ++found->second.sent;
    if (!outbox_.empty() || !realm_.config().events->processorMessage(node, message)) outbox_.emplace_back(node, std::move(message));
  } else if (found->second.peer != 0) {
    queue(found->second.peer, std::move(message));
    if (!realm_.rendering()) realm_.config().events->wake();
  } else {
    drop(message);   // the other end is closed
  }
}

v8::MaybeLocal<v8::Value> Ports::clone(const Outgoing& outgoing) {
  const PortsSent ports{outgoing.objects, [&] { return departLocally(outgoing.ports); }};
  CloneScope scope = scopeFor(nullptr);
  scope.ports = this;
  render::Message message;
  if (!writeMessage(scope, outgoing.value, outgoing.transfer, message, ports)) return {};
  return readMessage(scope, message);
}

std::vector<PortTicket> Ports::departLocally(const std::vector<std::uint32_t>& numbers) {
  std::vector<PortTicket> tickets;
  for (const std::uint32_t number : numbers) {
    const auto found = ports_.find(number);
    if (found != ports_.end()) {
      found->second.object.Reset();
      found->second.started = false;
    }
    tickets.push_back({{0, number, 0, 0}, 0});
  }
  return tickets;
}

/// Out of the scope: what waits for the port goes after it.
PortTicket Ports::depart(std::uint32_t number) {
  const auto found = ports_.find(number);
  PortTicket ticket = kNowhere;
  if (found == ports_.end()) return ticket;
  auto pipe = realm_.pool() != nullptr ? PortPipe::create(realm_.pool()->shared_from_this(), ticket) : nullptr;
  if (!pipe) {
    close(number);
    return kNowhere;
  }
  Port port = std::move(found->second);
  ports_.erase(found);
  std::erase(piped_, number);
  bool closed = port.peer == 0 && !port.pipe;
  const auto follow = [&](Incoming& incoming) {
    closed |= incoming.close;
    if (incoming.close) return;
    adapt(incoming.message);
    pipe->send(std::move(incoming.message));
  };
  for (auto& incoming : port.waiting) follow(incoming);
  for (std::size_t i = head_; i < queue_.size(); ++i) {
    if (queue_[i].port == number) follow(queue_[i]);
  }
  if (closed) {
    if (!pipe->finish()) finishing_.push_back(std::move(pipe));
  } else if (port.pipe) {
    bridges_.emplace_back(std::move(port.pipe), std::move(pipe));
  } else {
    Port& peer = ports_.at(port.peer);
    peer.peer = 0;
    peer.pipe = std::move(pipe);
    piped_.push_back(port.peer);
  }
  return ticket;
}

/// A message of this scope to one that is read elsewhere.
void Ports::adapt(render::Message& message) {
  auto parts = parseMessage(message);
  if (!parts) return;
  for (Ticket& ticket : parts->shared) {
    const auto memory = realm_.here().take(ticket);
    if (!memory) continue;
    const auto lent = realm_.pool() != nullptr ? realm_.pool()->lend(memory) : std::nullopt;
    ticket = lent.value_or(kNowhere.memory);   // what nobody else can see is a messageerror there
  }
  for (PortTicket& ticket : parts->ports) {
    if (ticket.local()) ticket = depart(static_cast<std::uint32_t>(ticket.memory.place));
  }
  replaceTickets(*parts, message);
}

void Ports::receive(std::uint32_t number, std::span<const std::byte> bytes) {
  if (const auto handOver = parseHandOver(bytes)) return this->handOver(number, handOver->pipe);
  render::Message message;
  if (!spare_.empty()) {
    message = std::move(spare_.back());
    spare_.pop_back();
  }
  message.assign(bytes.begin(), bytes.end());
  queue(number, std::move(message));
}

void Ports::handOver(std::uint32_t number, const PortTicket& ticket) {
  auto pipe = realm_.pool() != nullptr && !ticket.local() ? PortPipe::open(realm_.pool()->shared_from_this(), ticket) : nullptr;
  const auto found = ports_.find(number);
  if (!pipe || found == ports_.end() || !found->second.fixed || found->second.pipe) {   // the port is closed here, or its new owner has gone
    if (pipe && !pipe->finish()) finishing_.push_back(std::move(pipe));
    return;
  }
  pipe->send(composeHandOver(found->second.sent, kNowhere));
  found->second.pipe = std::move(pipe);
  piped_.push_back(number);
}

v8::MaybeLocal<v8::Object> Ports::arrive(const PortTicket& ticket) {
  std::uint32_t number = static_cast<std::uint32_t>(ticket.memory.place);
  if (!ticket.local()) {
    number = ++last_;
    Port& port = ports_[number];
    if (realm_.pool() != nullptr) port.pipe = PortPipe::open(realm_.pool()->shared_from_this(), ticket);
    if (port.pipe) piped_.push_back(number);
    else queue(number, {}, true);
  }
  v8::Local<v8::Object> object;
  if (!make(number, object)) return {};
  const auto found = ports_.find(number);
  if (found == ports_.end() || !found->second.object.IsEmpty()) return object;   // closed, or no ticket of ours
  Port& port = found->second;
  port.node = realm_.microtaskOwner(0);
  port.object.Reset(realm_.isolate(), object);
  if (!port.waiting.empty() && port.waiting.front().close) {
    queue(number, {}, true);
    port.waiting.clear();
  }
  return object;
}

void Ports::poll() {
  for (std::size_t i = 0; i < piped_.size();) {
    const std::uint32_t number = piped_[i];
    Port& port = ports_.at(number);
    if (takeFrom(*port.pipe, taken_, [&] { receive(number, taken_); }) == PortPipe::Result::closed) {
      port.pipe.reset();
      piped_.erase(piped_.begin() + static_cast<std::ptrdiff_t>(i));
      queue(number, {}, true);
    } else {
      ++i;
    }
  }
  std::erase_if(bridges_, [&](auto& bridge) {
    const auto carry = [&](PortPipe& from, PortPipe& to) {
      return takeFrom(from, taken_, [&] { to.send(std::move(taken_)); }) == PortPipe::Result::closed;
    };
    const bool over = carry(*bridge.first, *bridge.second) | carry(*bridge.second, *bridge.first);
    if (!over) return false;
    for (auto* pipe : {&bridge.first, &bridge.second}) {
      if (!(*pipe)->finish()) finishing_.push_back(std::move(*pipe));
    }
    return true;
  });
}

void Ports::deliver() {
  poll();
  for (int round = 0; round < kRounds && head_ < queue_.size(); ++round) {
    stop_ = queue_.size();
    while (head_ < stop_ && !realm_.closing()) deliver(std::move(queue_[head_++]));
    if (head_ == queue_.size()) {
      queue_.clear();
      head_ = 0;
    }
  }
}

void Ports::deliver(Incoming incoming) {
  const auto found = ports_.find(incoming.port);
  if (found == ports_.end()) return drop(incoming.message);
  Port& port = found->second;
  if (!port.started && (!incoming.close || !port.waiting.empty() || port.object.IsEmpty())) {
    port.waiting.push_back(std::move(incoming));
    return;
  }
  deliver(port, incoming);
  if (incoming.close) close(incoming.port);
  recycle(std::move(incoming.message));
}

void Ports::deliver(const Port& port, const Incoming& incoming) {
  v8::Isolate* isolate = realm_.isolate();
  const std::string name = port.name;   // a handler may close the port
  const Realm::Speaker speaker(realm_, name);
  const render::NodeId node = port.node;
  const render::Lane::Stretch stretch(realm_.lane(), node, render::Phase::message);
  const v8::HandleScope handles(isolate);
  realm_.runFor(node);
  const auto context = realm_.context();
  v8::Local<v8::Value> args[3] = {port.object.Get(isolate), {}, {}};
  v8::Local<v8::Value> result;
  auto what = incoming.close ? Helper::deliverClose : Helper::deliverError;
  if (!incoming.close) {
    const v8::TryCatch refused(isolate);
    CloneScope scope = realm_.cloneScope();
    scope.shared = &realm_.here();
    scope.ports = this;
    v8::Local<v8::Array> ports;
    if (readMessage(scope, incoming.message, &ports).ToLocal(&args[1])) {
      what = Helper::deliver;
      args[2] = ports;
    }
  }
  const v8::TryCatch caught(isolate);   // the dispatch reports what listeners throw; this is for termination
  const bool returned = realm_.helper(what)->Call(context, v8::Undefined(isolate), what == Helper::deliver ? 3 : 1, args).ToLocal(&result);
  if (realm_.termination().passed()) return realm_.fail(node, realm_.termination().take());
  if (returned) realm_.checkpoint(node);
}

void Ports::flush() {
  for (const std::uint32_t number : piped_) ports_.at(number).pipe->flush();
  for (auto& [a, b] : bridges_) {
    a->flush();
    b->flush();
  }
  std::erase_if(finishing_, [](const auto& pipe) { return pipe->finish(); });
  while (!outbox_.empty()) {
    const auto& [node, message] = outbox_.front();
    if (!realm_.config().events->processorMessage(node, message)) return;
    outbox_.pop_front();
  }
}

bool Ports::sleep() {
  bool still = outbox_.empty() && finishing_.empty() && head_ == queue_.size();
  const auto rest = [&](PortPipe& pipe) {
    pipe.sleep();
    still &= !pipe.ready();
  };
  for (const std::uint32_t number : piped_) rest(*ports_.at(number).pipe);
  for (auto& [a, b] : bridges_) {
    rest(*a);
    rest(*b);
  }
  return still;
}

void Ports::clear() {
  for (auto& [number, port] : ports_) {
    for (const auto& incoming : port.waiting) drop(incoming.message);
  }
  for (std::size_t i = head_; i < queue_.size(); ++i) drop(queue_[i].message);
  for (const auto& [node, message] : outbox_) drop(message);
  finishing_.clear();
  bridges_.clear();
  ports_.clear();
  piped_.clear();
  queue_.clear();
  outbox_.clear();
  head_ = 0;
}

void Ports::drop(const render::Message& message) {
  if (message.empty()) return;
  if (const auto parts = parseMessage(message)) {
    for (const PortTicket& ticket : parts->ports) {
      if (ticket.local()) close(static_cast<std::uint32_t>(ticket.memory.place));
    }
  }
  dropMessage(&realm_.here(), realm_.pool(), message);
}

void Ports::recycle(render::Message message) {
  if (spare_.size() < kSpareMessages && message.capacity() > 0 && message.capacity() <= kSpareBytes) spare_.push_back(std::move(message));
}

}  // namespace backline::script

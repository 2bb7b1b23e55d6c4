#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "render/worklet.h"
#include "script/compat.h"
#include "script/message.h"
#include "script/port_pipe.h"

namespace backline::script {

class Realm;

/// The MessagePorts of a scope: the worklet's ends of the nodes' ports, the scope's own (that of node 0), both ends of its MessageChannels, and
/// what was transferred to it. A port is known by its number, which is never given again. Inside an Entry.
///
/// The other end of a port is at its node, in this scope, or at the other side of a pipe. A port that is transferred within the scope keeps
/// its number and gets another object. One that leaves it leaves its other end with a pipe; if that was a pipe, both are bridged. Where the program
/// has transferred the port of a node, the processor's has a pipe as well (HandOver).
class Ports final : public PortCarrier {
 public:
  explicit Ports(Realm& realm) : realm_(realm) {}

  /// Makes a port of `node`, whose processor is registered as `name`, with its MessagePort; 0 if that threw.
  std::uint32_t open(render::NodeId node, const std::string& name);
  /// Both ports of a MessageChannel. Empty: an exception is pending.
  v8::MaybeLocal<v8::Array> openChannel();
  v8::Local<v8::Object> object(std::uint32_t port) const;
  /// Whether a port may be transferred: those of nodes and of the scope stay.
  bool transferable(std::uint32_t port) const;
  /// From here on messages wait to be delivered; before, for this.
  void start(std::uint32_t port);
  void close(std::uint32_t port);
  /// What `from` was sent and not yet given goes to `to`, which is new; so does what leads to its other end.
  void hand(std::uint32_t from, std::uint32_t to);
  struct Outgoing {
    v8::Local<v8::Value> value;
    v8::Local<v8::Array> transfer;   ///< without ports
    std::vector<v8::Local<v8::Object>> objects;
    std::vector<std::uint32_t> ports;   ///< their numbers
  };
  /// To the other end. May leave an exception. Kept and tried again by `flush` when there is no room.
  void post(std::uint32_t port, const Outgoing& outgoing);
  /// structuredClone(). Empty: an exception is pending.
  v8::MaybeLocal<v8::Value> clone(const Outgoing& outgoing);
  /// From the node: queued.
  void receive(std::uint32_t port, std::span<const std::byte> message);
  v8::MaybeLocal<v8::Object> arrive(const PortTicket& ticket) override;

  /// Takes what pipes hold and delivers what is queued, in order, each as a task of its own.
  void deliver();
  void flush();
  /// Before nobody calls `deliver` for a while. False if there is something to do already.
  bool sleep();
  void clear();

 private:
  struct Incoming {
    std::uint32_t port;
    bool close;   ///< the other end was closed
    render::Message message;
  };
  struct Port {
    render::NodeId node = 0;   ///< whose code uses it, if anybody's alone
    bool fixed = false;        ///< that of `node` itself, or of the scope
    bool started = false;
    std::uint64_t sent = 0;    ///< messages, by the node
    std::uint32_t peer = 0;    ///< the other end, if it is in this scope
    std::unique_ptr<PortPipe> pipe;
    std::string name;
    std::vector<Incoming> waiting;
    v8::Global<v8::Object> object;   ///< empty while it travels
  };
  bool make(std::uint32_t number, v8::Local<v8::Object>& object);
  CloneScope scopeFor(const Port* port) const;
  std::vector<PortTicket> departLocally(const std::vector<std::uint32_t>& numbers);
  PortTicket depart(std::uint32_t number);
  void adapt(render::Message& message);
  void queue(std::uint32_t number, render::Message message, bool close = false) { queue_.push_back({number, close, std::move(message)}); }
  void handOver(std::uint32_t number, const PortTicket& pipe);
  void poll();
  void deliver(Incoming incoming);
  void deliver(const Port& port, const Incoming& incoming);
  void drop(const render::Message& message);
  void recycle(render::Message message);

  Realm& realm_;
  std::uint32_t last_ = 0;
  std::unordered_map<std::uint32_t, Port> ports_;
  std::vector<std::uint32_t> piped_;
  std::vector<std::pair<std::unique_ptr<PortPipe>, std::unique_ptr<PortPipe>>> bridges_;
  std::vector<std::unique_ptr<PortPipe>> finishing_;
  std::vector<Incoming> queue_;            ///< from head_ on; keeps its memory, so that a steady flow allocates nothing
  std::size_t head_ = 0, stop_ = 0;        ///< what is delivered now ends before stop_
  std::vector<render::Message> spare_;     ///< messages whose memory is used again
  std::vector<std::byte> taken_;
  std::deque<std::pair<render::NodeId, render::Message>> outbox_;
};

}  // namespace backline::script

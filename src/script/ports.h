#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "render/worklet.h"
#include "script/compat.h"

namespace backline::script {

class Realm;

/// The worklet's ends of the nodes' ports, and of the scope's own, which is node 0's. A port is known by its number, which is never given again. Inside an Entry.
class Ports {
 public:
  explicit Ports(Realm& realm) : realm_(realm) {}

  /// Makes a port of `node`, whose processor is registered as `name`, with its MessagePort; 0 if that threw.
  std::uint32_t open(render::NodeId node, const std::string& name);
  v8::Local<v8::Object> object(std::uint32_t port) const;
  /// From here on messages wait to be delivered; before, for this.
  void start(std::uint32_t port);
  void close(std::uint32_t port);
  /// To the node. Kept and tried again by `flush` when there is no room.
  void post(std::uint32_t port, render::Message message);
  /// From the node: queued.
  void receive(std::uint32_t port, std::span<const std::byte> message);

  /// Delivers what is queued, in order, each as a task of its own.
  void deliver();
  void flush();
  bool waitToBeSent() const { return !outbox_.empty(); }
  void clear();

 private:
  struct Port {
    render::NodeId node;
    std::string name;
    bool started = false;
    std::vector<render::Message> waiting;
    v8::Global<v8::Object> object;
  };
  struct Incoming {
    std::uint32_t port;
    render::Message message;
  };
  void deliver(const Port& port, const render::Message& message);
  void drop(const render::Message& message);
  void recycle(render::Message message);

  Realm& realm_;
  std::uint32_t last_ = 0;
  std::unordered_map<std::uint32_t, Port> ports_;
  std::vector<Incoming> queue_, batch_;   ///< swapped, so that a steady flow allocates nothing
  std::vector<render::Message> spare_;    ///< messages whose memory is used again
  std::deque<std::pair<render::NodeId, render::Message>> outbox_;
};

}  // namespace backline::script

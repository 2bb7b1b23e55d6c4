#pragma once

#include <functional>
#include <span>
#include <vector>

#include "render/worklet.h"
#include "script/compat.h"
#include "script/shared_buffers.h"
#include "script/shared_pool.h"

namespace backline::script {

/// Who gives MessagePorts their places in messages that travel.
class PortCarrier {
 public:
  /// The port that a ticket names. Empty: an exception is pending.
  virtual v8::MaybeLocal<v8::Object> arrive(const PortTicket& ticket) = 0;

 protected:
  ~PortCarrier() = default;
};

/// MessagePorts that a message takes along. `depart` makes their tickets, when nothing can fail any more.
struct PortsSent {
  std::vector<v8::Local<v8::Object>> objects;
  std::function<std::vector<PortTicket>()> depart;
};

/// Where a structured clone is made or read.
struct CloneScope {
  v8::Local<v8::Context> context;
  /// Null where the other end is in another process.
  SharedBuffers* shared = nullptr;
  /// function (message, name) → DOMException
  v8::Local<v8::Function> makeException;
  /// For the other process: a SharedArrayBuffer whose memory is not of it, or where there is none, is a DataCloneError.
  SharedPool* pool = nullptr;
  /// function (initial, maximum) → the buffer of a new shared WebAssembly.Memory; may be empty
  v8::Local<v8::Function> makeMemory = {};
  /// For reading what may hold ports.
  PortCarrier* ports = nullptr;
};

/// StructuredSerializeWithTransfer; `transfer` has what is no port. Transferred ArrayBuffers are detached here and travel as copies. False: an exception is pending
/// and nothing was detached.
bool writeMessage(const CloneScope& scope, v8::Local<v8::Value> value, v8::Local<v8::Array> transfer,
                  render::Message& message, const PortsSent& ports = {});

/// StructuredDeserializeWithTransfer. Empty: an exception is pending. The bytes may come from another process: sizes are checked. `ports`
/// becomes those that came along, in the order of the transfer list.
v8::MaybeLocal<v8::Value> readMessage(const CloneScope& scope, std::span<const std::byte> message, v8::Local<v8::Array>* ports = nullptr);

/// Gives up what a message holds when nobody is going to read it; ports that came by a pipe are closed.
void dropMessage(SharedBuffers* shared, SharedPool* pool, std::span<const std::byte> message);

}  // namespace backline::script

#include <cstdlib>
#include <string>
#include <utility>

#include "script/message.h"
#include "script/message_layout.h"
#include "script/script_error.h"

namespace backline::script {

namespace {

/// What a transport takes in one piece is 1 GiB, with the records around the message.
constexpr std::size_t kLongestMessage = (std::size_t{1} << 30) - 65536;

void throwCloneError(const CloneScope& scope, v8::Local<v8::String> text) {
  v8::Isolate* isolate = scope.context->GetIsolate();
  v8::Local<v8::Value> args[] = {text, toV8(isolate, "DataCloneError")};
  v8::Local<v8::Value> exception;
  if (scope.makeException->Call(scope.context, v8::Undefined(isolate), 2, args).ToLocal(&exception)) {
    isolate->ThrowException(exception);
  }
}

void throwCloneError(const CloneScope& scope, const char* text) {
  throwCloneError(scope, toV8(scope.context->GetIsolate(), text));
}

class Writer final : public v8::ValueSerializer::Delegate {
 public:
  Writer(const CloneScope& scope, const PortsSent& ports) : scope_(scope), ports_(ports), serializer_(scope.context->GetIsolate(), this) {}

  ~Writer() override {
    std::free(bytes_.first);
    for (const Ticket& ticket : lent_) scope_.pool->take(ticket);
  }

  bool write(v8::Local<v8::Value> value, render::Message& message) {
    serializer_.WriteHeader();
    if (!serializer_.WriteValue(scope_.context, value).FromMaybe(false)) return false;
    bytes_ = serializer_.Release();
    MessageParts parts;
    parts.shared = std::exchange(lent_, {});
    if (scope_.shared) {
      for (const auto& memory : memory_) parts.shared.push_back(scope_.shared->put(memory));
    }
    for (auto& module : modules_) {
      const auto wire = module.second.GetWireBytesRef();
      parts.modules.push_back({reinterpret_cast<const std::byte*>(wire.data()), wire.size()});
    }
    parts.value = {reinterpret_cast<const std::byte*>(bytes_.first), bytes_.second};
    parts.ports.resize(ports_.objects.size());
    composeMessage(parts, message);
    return true;
  }

 private:
  void ThrowDataCloneError(v8::Local<v8::String> text) override { throwCloneError(scope_, text); }

  v8::Maybe<bool> WriteHostObject(v8::Isolate* isolate, v8::Local<v8::Object> object) override {
    for (std::size_t i = 0; i < ports_.objects.size(); ++i) {
      if (ports_.objects[i] != object) continue;
      serializer_.WriteUint32(static_cast<std::uint32_t>(i));
      return v8::Just(true);
    }
    const std::string name = toUtf8(isolate, object->GetConstructorName());
    throwCloneError(scope_, (name + " object could not be cloned.").c_str());
    return v8::Nothing<bool>();
  }

  v8::Maybe<std::uint32_t> GetSharedArrayBufferId(v8::Isolate*,
                                                  v8::Local<v8::SharedArrayBuffer> buffer) override {
    auto memory = buffer->GetBackingStore();
    for (std::size_t i = 0; i < memory_.size(); ++i) {
      if (memory_[i] == memory) return v8::Just(static_cast<std::uint32_t>(i));
    }
    if (!scope_.shared) {
      const auto ticket = scope_.pool ? scope_.pool->lend(memory) : std::nullopt;
      if (!ticket) {
        throwCloneError(scope_,
                        "This SharedArrayBuffer cannot be shared with another process, where the other end of this port is: it was "
                        "made before Backline was imported, is a SharedArrayBuffer that can grow, or the WebAssembly.Memory that a module made itself. Make it by "
                        "new SharedArrayBuffer(length) or new WebAssembly.Memory({ shared: true, … }) after the import, or send a copy.");
        return v8::Nothing<std::uint32_t>();
      }
      lent_.push_back(*ticket);
    }
    memory_.push_back(std::move(memory));
    return v8::Just(static_cast<std::uint32_t>(memory_.size() - 1));
  }

  v8::Maybe<std::uint32_t> GetWasmModuleTransferId(v8::Isolate*,
                                                   v8::Local<v8::WasmModuleObject> module) override {
    modules_.emplace_back(module, module->GetCompiledModule());
    return v8::Just(static_cast<std::uint32_t>(modules_.size() - 1));
  }

  const CloneScope& scope_;
  const PortsSent& ports_;
  v8::ValueSerializer serializer_;
  std::pair<std::uint8_t*, std::size_t> bytes_{nullptr, 0};
  std::vector<std::shared_ptr<v8::BackingStore>> memory_;
  std::vector<Ticket> lent_;   // of memory_, until they are in a message
  std::vector<std::pair<v8::Local<v8::WasmModuleObject>, v8::CompiledWasmModule>> modules_;
};

/// The ArrayBuffers of a transfer list. False: something in it cannot be transferred, an exception is pending.
bool checkTransfer(const CloneScope& scope, v8::Local<v8::Array> list,
                   std::vector<v8::Local<v8::ArrayBuffer>>& buffers) {
  for (std::uint32_t i = 0; i < list->Length(); ++i) {
    v8::Local<v8::Value> item;
    if (!list->Get(scope.context, i).ToLocal(&item)) return false;
    if (!item->IsArrayBuffer()) {
      throwCloneError(scope, "Value could not be transferred: only an ArrayBuffer or a MessagePort can be.");
      return false;
    }
    const auto buffer = item.As<v8::ArrayBuffer>();
    if (buffer->WasDetached() || !buffer->IsDetachable()) {
      throwCloneError(scope, "An ArrayBuffer is detached or cannot be and could not be transferred.");
      return false;
    }
    for (const auto& other : buffers) {
      if (other == buffer) {
        throwCloneError(scope, "An ArrayBuffer occurs twice in the transfer list.");
        return false;
      }
    }
    buffers.push_back(buffer);
  }
  return true;
}

}  // namespace

bool writeMessage(const CloneScope& scope, v8::Local<v8::Value> value, v8::Local<v8::Array> transfer,
                  render::Message& message, const PortsSent& ports) {
  std::vector<v8::Local<v8::ArrayBuffer>> buffers;
  if (!transfer.IsEmpty() && !checkTransfer(scope, transfer, buffers)) return false;
  if (!Writer(scope, ports).write(value, message)) return false;
  if (message.size() > kLongestMessage) {
    dropMessage(scope.shared, scope.pool, message);
    const std::string text = "A message of " + std::to_string(message.size()) + " bytes is too long: the limit is 1 GiB.";
    throwCloneError(scope, text.c_str());
    return false;
  }
  for (const auto& buffer : buffers) {
    if (buffer->Detach(v8::Local<v8::Value>()).IsNothing()) return false;
  }
  if (!ports.objects.empty()) {
    auto parts = parseMessage(message);
    parts->ports = ports.depart();
    replaceTickets(*parts, message);
  }
  return true;
}

}  // namespace backline::script

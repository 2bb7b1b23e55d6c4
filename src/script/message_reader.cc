#include <memory>

#include "script/message.h"
#include "script/message_layout.h"
#include "script/port_pipe.h"
#include "script/script_error.h"

namespace backline::script {

namespace {

void throwError(v8::Isolate* isolate, const char* text) {
  isolate->ThrowException(v8::Exception::Error(toV8(isolate, text)));
}

std::shared_ptr<v8::BackingStore> memoryOf(SharedBuffers* shared, SharedPool* pool, const Ticket& ticket, const SharedPool::MakeMemory& make = {}) {
  auto memory = shared ? shared->take(ticket) : nullptr;
  return memory || !pool ? memory : pool->take(ticket, make);
}

/// A WebAssembly.Memory's, made for another process's pages to lie in. Null if it cannot be made.
std::shared_ptr<v8::BackingStore> makeMemory(const CloneScope& scope, MemoryPages pages) {
  v8::Isolate* isolate = scope.context->GetIsolate();
  const v8::TryCatch refused(isolate);
  v8::Local<v8::Value> args[] = {v8::Integer::NewFromUnsigned(isolate, pages.now), v8::Integer::NewFromUnsigned(isolate, pages.most)}, buffer;
  if (scope.makeMemory.IsEmpty() || !scope.makeMemory->Call(scope.context, v8::Undefined(isolate), 2, args).ToLocal(&buffer)) return nullptr;
  return buffer->IsSharedArrayBuffer() ? buffer.As<v8::SharedArrayBuffer>()->GetBackingStore() : nullptr;
}

class Reader final : public v8::ValueDeserializer::Delegate {
 public:
  Reader(const CloneScope& scope, MessageParts parts) : scope_(scope), parts_(std::move(parts)) {
    for (const auto ticket : parts_.shared) {
      memory_.push_back(memoryOf(scope.shared, scope.pool, ticket, [&](MemoryPages pages) { return makeMemory(scope, pages); }));
    }
  }

  v8::MaybeLocal<v8::Value> read(v8::Local<v8::Array>* ports) {
    v8::Isolate* isolate = scope_.context->GetIsolate();
    std::vector<v8::Local<v8::Value>> objects;
    for (const PortTicket& ticket : parts_.ports) {
      v8::Local<v8::Object> port;
      if (scope_.ports == nullptr || !scope_.ports->arrive(ticket).ToLocal(&port)) return {};
      ports_.push_back(port);
      objects.push_back(port);
    }
    if (ports != nullptr) *ports = v8::Array::New(isolate, objects.data(), objects.size());
    // Two-byte strings are read in place, so the bytes must be as aligned as they were where they were written.
    std::unique_ptr<std::byte[]> copy;
    const std::byte* bytes = parts_.value.data();
    if (reinterpret_cast<std::uintptr_t>(bytes) % alignof(std::max_align_t) != 0) {
      copy.reset(new std::byte[parts_.value.size()]);
      std::memcpy(copy.get(), bytes, parts_.value.size());
      bytes = copy.get();
    }
    v8::ValueDeserializer deserializer(isolate,
                                       reinterpret_cast<const std::uint8_t*>(bytes), parts_.value.size(), this);
    deserializer_ = &deserializer;
    if (!deserializer.ReadHeader(scope_.context).FromMaybe(false)) return {};
    return deserializer.ReadValue(scope_.context);
  }

 private:
  v8::MaybeLocal<v8::Object> ReadHostObject(v8::Isolate* isolate) override {
    std::uint32_t place = 0;
    if (deserializer_->ReadUint32(&place) && place < ports_.size()) return ports_[place];
    throwError(isolate, "The message names a port that it does not hold.");
    return {};
  }

  v8::MaybeLocal<v8::SharedArrayBuffer> GetSharedArrayBufferFromId(v8::Isolate* isolate,
                                                                   std::uint32_t id) override {
    if (id >= memory_.size() || !memory_[id]) {
      throwError(isolate, "The message holds a SharedArrayBuffer whose memory is not here.");
      return {};
    }
    return v8::SharedArrayBuffer::New(isolate, memory_[id]);
  }

  v8::MaybeLocal<v8::WasmModuleObject> GetWasmModuleFromId(v8::Isolate* isolate, std::uint32_t id) override {
    if (id >= parts_.modules.size()) {
      throwError(isolate, "The message names a WebAssembly.Module that it does not hold.");
      return {};
    }
    const auto wire = parts_.modules[id];
    return v8::WasmModuleObject::Compile(isolate,
                                         {reinterpret_cast<const std::uint8_t*>(wire.data()), wire.size()});
  }

  const CloneScope& scope_;
  MessageParts parts_;
  std::vector<std::shared_ptr<v8::BackingStore>> memory_;
  std::vector<v8::Local<v8::Object>> ports_;
  v8::ValueDeserializer* deserializer_ = nullptr;
};

}  // namespace

v8::MaybeLocal<v8::Value> readMessage(const CloneScope& scope, std::span<const std::byte> message, v8::Local<v8::Array>* ports) {
  auto parts = parseMessage(message);
  if (!parts) {
    throwError(scope.context->GetIsolate(), "The bytes are not a message.");
    return {};
  }
  return Reader(scope, std::move(*parts)).read(ports);
}

void dropMessage(SharedBuffers* shared, SharedPool* pool, std::span<const std::byte> message) {
  if (!shared && !pool) return;
  const auto parts = parseMessage(message);
  if (!parts) return;
  for (const auto ticket : parts->shared) memoryOf(shared, pool, ticket);
  if (!pool) return;
  for (const PortTicket& ticket : parts->ports) {
    if (!ticket.local()) PortPipe::open(pool->shared_from_this(), ticket);
  }
}

}  // namespace backline::script

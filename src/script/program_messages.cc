#include "script/program_messages.h"

#include <cstring>

#include "script/addon_state.h"
#include "script/message.h"
#include "script/message_layout.h"
#include "script/program_pipes.h"
#include "script/script_error.h"

namespace backline::script {

namespace {

using Info = v8::FunctionCallbackInfo<v8::Value>;

/// Kept by both functions for as long as the environment lives.
struct Data {
  std::shared_ptr<SharedBuffers> shared;
  v8::Global<v8::Function> makeException, makeMemory;
};

Data& dataOf(const Info& info) { return *static_cast<Data*>(info.Data().As<v8::External>()->Value()); }

CloneScope scopeOf(const Info& info, SharedBuffers* shared) {
  v8::Isolate* isolate = info.GetIsolate();
  return {isolate->GetCurrentContext(), shared, dataOf(info).makeException.Get(isolate), processPool(), dataOf(info).makeMemory.Get(isolate)};
}

void makeException(const Info& info) {
  v8::Isolate* isolate = info.GetIsolate();
  const auto context = isolate->GetCurrentContext();
  v8::Local<v8::Value> constructor, exception;
  v8::Local<v8::Value> args[] = {info[0], info[1]};
  if (!context->Global()->Get(context, toV8(isolate, "DOMException")).ToLocal(&constructor)) return;
  if (!constructor->IsFunction()) return;
  if (constructor.As<v8::Function>()->NewInstance(context, 2, args).ToLocal(&exception)) {
    info.GetReturnValue().Set(exception);
  }
}

void serialize(const Info& info) {
  v8::Isolate* isolate = info.GetIsolate();
  const auto context = isolate->GetCurrentContext();
  bool sameProcess = false;
  PortsSent sent;
  std::vector<PortTicket> tickets;
  if (info[1]->IsObject()) {
    v8::Local<v8::Value> option, ports, pipes;
    const auto options = info[1].As<v8::Object>();
    if (!options->Get(context, toV8(isolate, "sameProcess")).ToLocal(&option)) return;
    if (!options->Get(context, toV8(isolate, "ports")).ToLocal(&ports) || !options->Get(context, toV8(isolate, "pipes")).ToLocal(&pipes)) return;
    sameProcess = option->BooleanValue(isolate);
    for (std::uint32_t i = 0; ports->IsArray() && pipes->IsArray() && i < ports.As<v8::Array>()->Length(); ++i) {
      v8::Local<v8::Value> port, pipe;
      if (!ports.As<v8::Array>()->Get(context, i).ToLocal(&port) || !pipes.As<v8::Array>()->Get(context, i).ToLocal(&pipe) || !port->IsObject()) return;
      sent.objects.push_back(port.As<v8::Object>());
      tickets.push_back(processPipes().takeTicket(pipe->Uint32Value(context).FromMaybe(0)));
    }
  }
  sent.depart = [&] { return tickets; };
  render::Message message;
  const CloneScope scope = scopeOf(info, sameProcess ? dataOf(info).shared.get() : nullptr);
  if (!writeMessage(scope, info[0], {}, message, sent)) return;
  const auto buffer = v8::ArrayBuffer::New(isolate, message.size());
  std::memcpy(buffer->GetBackingStore()->Data(), message.data(), message.size());
  info.GetReturnValue().Set(v8::Uint8Array::New(buffer, 0, message.size()));
}

/// An ArrayBuffer or a view of one.
bool bytesOf(v8::Local<v8::Value> value, std::vector<std::byte>& bytes) {
  if (value->IsArrayBufferView()) {
    const auto view = value.As<v8::ArrayBufferView>();
    bytes.resize(view->ByteLength());
    view->CopyContents(bytes.data(), bytes.size());
    return true;
  }
  if (!value->IsArrayBuffer()) return false;
  const auto memory = value.As<v8::ArrayBuffer>()->GetBackingStore();
  const auto* data = static_cast<const std::byte*>(memory->Data());
  bytes.assign(data, data + memory->ByteLength());
  return true;
}

/// The ports that the caller has made for a message, in its order.
class Given final : public PortCarrier {
 public:
  Given(v8::Local<v8::Context> context, v8::Local<v8::Value> ports) : context_(context), ports_(ports) {}

  v8::MaybeLocal<v8::Object> arrive(const PortTicket&) override {
    v8::Local<v8::Value> port;
    if (ports_->IsArray() && ports_.As<v8::Array>()->Get(context_, next_++).ToLocal(&port) && port->IsObject()) return port.As<v8::Object>();
    v8::Isolate* isolate = context_->GetIsolate();
    isolate->ThrowException(v8::Exception::TypeError(toV8(isolate, "deserialize(bytes, ports): ports must hold one for each that the message brings")));
    return {};
  }

 private:
  const v8::Local<v8::Context> context_;
  const v8::Local<v8::Value> ports_;
  std::uint32_t next_ = 0;
};

void deserialize(const Info& info) {
  v8::Isolate* isolate = info.GetIsolate();
  std::vector<std::byte> bytes;
  if (!bytesOf(info[0], bytes)) {
    isolate->ThrowException(
        v8::Exception::TypeError(toV8(isolate, "deserialize(bytes): bytes must be an ArrayBuffer or a view of one")));
    return;
  }
  v8::Local<v8::Value> value;
  Given ports(isolate->GetCurrentContext(), info[1]);
  CloneScope scope = scopeOf(info, dataOf(info).shared.get());
  scope.ports = &ports;
  if (readMessage(scope, bytes).ToLocal(&value)) {
    info.GetReturnValue().Set(value);
  }
}

void allocateShared(const Info& info) {
  SharedPool* pool = processPool();
  if (pool == nullptr) return;
  auto memory = pool->allocate(static_cast<std::size_t>(info[0].As<v8::Number>()->Value()));
  if (memory) info.GetReturnValue().Set(v8::SharedArrayBuffer::New(info.GetIsolate(), std::move(memory)));
}

/// (buffer of a new shared WebAssembly.Memory, its most pages)
void adoptMemory(const Info& info) {
  if (processPool() == nullptr || !info[0]->IsSharedArrayBuffer() || !info[1]->IsUint32()) return;
  processPool()->adopt(info[0].As<v8::SharedArrayBuffer>()->GetBackingStore(), info[1].As<v8::Uint32>()->Value());
}

/// (message) → whether it shares memory
void sharesMemory(const Info& info) {
  if (!info[0]->IsUint8Array()) return;
  std::byte header[sizeof(MessageHeader)];
  const std::size_t size = info[0].As<v8::Uint8Array>()->CopyContents(header, sizeof header);
  info.GetReturnValue().Set(holdsShared({header, size}));
}

/// () → [SharedArrayBuffer, index in bytes, count] of what a worklet of another process notifies; undefined: of nothing more.
void takeWake(const Info& info) {
  auto wake = processPool() != nullptr ? processPool()->takeWake() : std::nullopt;
  if (!wake) return;
  v8::Isolate* isolate = info.GetIsolate();
  v8::Local<v8::Value> elements[] = {v8::SharedArrayBuffer::New(isolate, std::move(wake->memory)), v8::Number::New(isolate, static_cast<double>(wake->index)),
                                     v8::Integer::NewFromUnsigned(isolate, wake->count)};
  info.GetReturnValue().Set(v8::Array::New(isolate, elements, 3));
}

/// (function (initial, maximum) → buffer)
void setMemoryMaker(const Info& info) {
  if (info[0]->IsFunction()) dataOf(info).makeMemory.Reset(info.GetIsolate(), info[0].As<v8::Function>());
}

}  // namespace

void exportMessages(v8::Local<v8::Context> context, v8::Local<v8::Object> exports,
                    std::shared_ptr<SharedBuffers> shared) {
  v8::Isolate* isolate = context->GetIsolate();
  auto* data = new Data{std::move(shared), {}, {}};
  node::AddEnvironmentCleanupHook(isolate, [](void* owned) { delete static_cast<Data*>(owned); }, data);
  const auto external = v8::External::New(isolate, data);
  data->makeException.Reset(isolate, v8::Function::New(context, makeException).ToLocalChecked());
  constexpr std::pair<const char*, v8::FunctionCallback> functions[] = {
      {"serialize", serialize}, {"deserialize", deserialize}, {"allocateShared", allocateShared},
      {"adoptMemory", adoptMemory}, {"setMemoryMaker", setMemoryMaker}, {"takeWake", takeWake}, {"sharesMemory", sharesMemory}};
  for (const auto& [name, callback] : functions) {
    const auto function = v8::Function::New(context, callback, external).ToLocalChecked();
    exports->Set(context, toV8(isolate, name), function).Check();
  }
}

}  // namespace backline::script

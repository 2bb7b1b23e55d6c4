#include "script/program_messages.h"

#include <cstring>

#include "script/addon_state.h"
#include "script/message.h"
#include "script/script_error.h"

namespace backline::script {

namespace {

using Info = v8::FunctionCallbackInfo<v8::Value>;

/// Kept by both functions for as long as the environment lives.
struct Data {
  std::shared_ptr<SharedBuffers> shared;
  v8::Global<v8::Function> makeException;
};

Data& dataOf(const Info& info) { return *static_cast<Data*>(info.Data().As<v8::External>()->Value()); }

CloneScope scopeOf(const Info& info, SharedBuffers* shared) {
  v8::Isolate* isolate = info.GetIsolate();
  return {isolate->GetCurrentContext(), shared, dataOf(info).makeException.Get(isolate), processPool()};
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
  if (info[1]->IsObject()) {
    v8::Local<v8::Value> option;
    if (!info[1].As<v8::Object>()->Get(context, toV8(isolate, "sameProcess")).ToLocal(&option)) return;
    sameProcess = option->BooleanValue(isolate);
  }
  render::Message message;
  const CloneScope scope = scopeOf(info, sameProcess ? dataOf(info).shared.get() : nullptr);
  if (!writeMessage(scope, info[0], {}, message)) return;
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

void deserialize(const Info& info) {
  v8::Isolate* isolate = info.GetIsolate();
  std::vector<std::byte> bytes;
  if (!bytesOf(info[0], bytes)) {
    isolate->ThrowException(
        v8::Exception::TypeError(toV8(isolate, "deserialize(bytes): bytes must be an ArrayBuffer or a view of one")));
    return;
  }
  v8::Local<v8::Value> value;
  if (readMessage(scopeOf(info, dataOf(info).shared.get()), bytes).ToLocal(&value)) {
    info.GetReturnValue().Set(value);
  }
}

void allocateShared(const Info& info) {
  SharedPool* pool = processPool();
  if (pool == nullptr) return;
  auto memory = pool->allocate(static_cast<std::size_t>(info[0].As<v8::Number>()->Value()));
  if (memory) info.GetReturnValue().Set(v8::SharedArrayBuffer::New(info.GetIsolate(), std::move(memory)));
}

}  // namespace

void exportMessages(v8::Local<v8::Context> context, v8::Local<v8::Object> exports,
                    std::shared_ptr<SharedBuffers> shared) {
  v8::Isolate* isolate = context->GetIsolate();
  auto* data = new Data{std::move(shared), {}};
  node::AddEnvironmentCleanupHook(isolate, [](void* owned) { delete static_cast<Data*>(owned); }, data);
  const auto external = v8::External::New(isolate, data);
  data->makeException.Reset(isolate, v8::Function::New(context, makeException).ToLocalChecked());
  constexpr std::pair<const char*, v8::FunctionCallback> functions[] = {
      {"serialize", serialize}, {"deserialize", deserialize}, {"allocateShared", allocateShared}};
  for (const auto& [name, callback] : functions) {
    const auto function = v8::Function::New(context, callback, external).ToLocalChecked();
    exports->Set(context, toV8(isolate, name), function).Check();
  }
}

}  // namespace backline::script

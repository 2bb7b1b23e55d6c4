#include "node/impl.h"

#include "node/class_table.h"

namespace backline::node {

namespace {
constexpr napi_type_tag kTag = {0x6261636b6c696e65, 0x696d706c00000001};
}

Impl::Impl(const Napi::CallbackInfo& info)
    : Napi::ObjectWrap<Impl>(info), environment_(Environment::of(info.Env()).shared_from_this()) {
  const auto& table = *static_cast<const ClassTable*>(info.Data());
  info.This().As<Napi::Object>().TypeTag(&kTag);
  if (info.Length() == 1 && info[0].IsExternal()) {
    object_ = std::move(*info[0].As<Napi::External<Object>>().Data());
  } else if (table.construct) {
    try {
      object_ = table.construct(info, *environment_);
    } catch (const Error& error) {
      throw toJs(info.Env(), error);
    }
  } else {
    throw Napi::TypeError::New(info.Env(), std::string("backline: ") + table.name + " has no constructor");
  }
  if (table.attach) table.attach(*this);
}

Impl::~Impl() {
  if (holdsProgram_) environment_->loop->release();
  environment_->contexts.erase(this);
  account(-bytes_);
}

void Impl::account(std::int64_t bytes) {
  bytes_ += bytes;
  if (bytes != 0) Napi::MemoryManagement::AdjustExternalMemory(Env(), bytes);
}

Impl& Impl::of(const Napi::Value& value) {
  if (value.IsObject()) {
    const auto object = value.As<Napi::Object>();
    if (object.CheckTypeTag(&kTag)) return *Unwrap(object);
  }
  throw Napi::TypeError::New(value.Env(), "backline: not an object of the native module");
}

Napi::Object Impl::wrap(Napi::Env env, const char* className, Object object) {
  const auto constructor = Environment::of(env).constructors.Get(className).As<Napi::Function>();
  return constructor.New({Napi::External<Object>::New(env, &object)});
}

void Impl::keep(bool wanted) {
  if (kept_ == wanted) return;
  kept_ = wanted;
  if (wanted) {
    Ref();
  } else {
    Unref();
  }
}

void Impl::keepProgram(bool wanted) {
  if (wanted && Value().IsEmpty()) return;   // collected, and not yet finalized: nothing can make it live on, and nobody waits for it
  keep(wanted);
  if (holdsProgram_ == wanted) return;
  holdsProgram_ = wanted;
  if (wanted) {
    environment_->loop->hold();
  } else {
    environment_->loop->release();
  }
}

}  // namespace backline::node

#pragma once

#include <napi.h>

#include <functional>

namespace backline::node {

/// Work that one of libuv's threads does, and its promise. What it throws is why the promise rejects.
class Work final : public Napi::AsyncWorker {
 public:
  Work(Napi::Env env, const char* name, std::function<void()> work) : Napi::AsyncWorker(env, name), deferred_(env), work_(std::move(work)) {}
  Napi::Promise start() {
    const Napi::Promise promise = deferred_.Promise();
    Queue();
    return promise;
  }
  /// Lives as long as the work.
  void keep(Napi::Object object) { kept_ = Napi::Persistent(object); }
  /// Makes what the promise gives. [main]
  void gives(std::function<Napi::Value(Napi::Env)> result) { result_ = std::move(result); }

  void Execute() override {
    try {
      work_();
    } catch (const std::exception& error) {
      SetError(error.what());
    }
  }
  void OnOK() override { deferred_.Resolve(result_ ? result_(Env()) : Env().Undefined()); }
  void OnError(const Napi::Error& error) override { deferred_.Reject(error.Value()); }

 private:
  Napi::Promise::Deferred deferred_;
  std::function<void()> work_;
  std::function<Napi::Value(Napi::Env)> result_;
  Napi::ObjectReference kept_;
};

}  // namespace backline::node

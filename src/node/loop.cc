#include "node/loop.h"

namespace backline::node {

namespace {

struct Task {
  std::function<void()> run;
  std::shared_ptr<std::atomic<bool>> closed;
};

}  // namespace

Loop::Loop(Napi::Env env) : env_(env) {
  const napi_status status =
      napi_create_threadsafe_function(env, nullptr, nullptr, Napi::String::New(env, "backline"), 0, 1, nullptr,
                                      nullptr, nullptr, &Loop::run, &function_);
  if (status != napi_ok) throw Napi::Error::New(env, "backline: no way into the event loop");
  napi_unref_threadsafe_function(env_, function_);
}

void Loop::run(napi_env env, napi_value, void*, void* data) {
  const std::unique_ptr<Task> task(static_cast<Task*>(data));
  if (!env || task->closed->load()) return;
  try {
    try {
      task->run();
    } catch (const Napi::Error& error) {
      napi_fatal_exception(env, error.Value());
    } catch (const std::exception& error) {
      napi_fatal_exception(env, Napi::Error::New(env, error.what()).Value());
    }
  } catch (const Napi::Error&) {
    // The thread is being terminated: nothing can be told any more.
  }
}

void Loop::post(std::function<void()> task) {
  if (closed_->load()) return;
  auto queued = std::make_unique<Task>(Task{std::move(task), closed_});
  if (napi_call_threadsafe_function(function_, queued.get(), napi_tsfn_nonblocking) == napi_ok) queued.release();
}

void Loop::hold() {
  if (holders_++ == 0 && !closed_->load()) napi_ref_threadsafe_function(env_, function_);
}

void Loop::release() {
  if (--holders_ == 0 && !closed_->load()) napi_unref_threadsafe_function(env_, function_);
}

void Loop::close() {
  if (closed_->exchange(true)) return;
  napi_unref_threadsafe_function(env_, function_);
}

}  // namespace backline::node

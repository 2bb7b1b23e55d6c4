#pragma once

// Where the V8 of Node 20 (11.3), 22 (12.4) and 24 (13.6) differ. Nothing else in the house asks for a version but v8_inspector.h.

#include <node.h>
#include <v8.h>

#include <memory>

namespace backline::script::compat {

inline v8::ScriptOrigin moduleOrigin([[maybe_unused]] v8::Isolate* isolate, v8::Local<v8::String> url) {
#if V8_MAJOR_VERSION < 12
  return v8::ScriptOrigin(isolate, url, 0, 0, false, -1, {}, false, false, true);
#else
  return v8::ScriptOrigin(url, 0, 0, false, -1, {}, false, false, true);
#endif
}

inline v8::ScriptOrigin classicOrigin([[maybe_unused]] v8::Isolate* isolate, v8::Local<v8::String> name) {
#if V8_MAJOR_VERSION < 12
  return v8::ScriptOrigin(isolate, name);
#else
  return v8::ScriptOrigin(name);
#endif
}

inline v8::Local<v8::FixedArray> importAttributes(v8::Local<v8::ModuleRequest> request) {
#if V8_MAJOR_VERSION < 12
  return request->GetImportAssertions();
#else
  return request->GetImportAttributes();
#endif
}

/// What promise reactions pass on from the code that made them.
inline void setContinuationData(v8::Local<v8::Context> context, v8::Local<v8::Value> data) {
#if V8_MAJOR_VERSION < 12
  context->SetContinuationPreservedEmbedderData(data);
#else
  context->GetIsolate()->SetContinuationPreservedEmbedderData(data);
#endif
}

inline v8::Local<v8::Value> continuationData(v8::Local<v8::Context> context) {
#if V8_MAJOR_VERSION < 12
  return context->GetContinuationPreservedEmbedderData();
#else
  return context->GetIsolate()->GetContinuationPreservedEmbedderData();
#endif
}

/// Ends an isolate that is registered with Node's platform. Newer V8 still asks the platform for a task runner while it ends, so there
/// it is unregistered between its end and the release of its address; older Node wants it unregistered first.
inline void dispose(node::MultiIsolatePlatform& platform, v8::Isolate* isolate) {
#if V8_MAJOR_VERSION < 13
  platform.UnregisterIsolate(isolate);
  isolate->Dispose();
#else
  isolate->Deinitialize();
  platform.UnregisterIsolate(isolate);
  v8::Isolate::Free(isolate);
#endif
}

/// A task runner whose subclass overrides `post` alone, whatever set of virtual functions this V8 has.
class TaskRunner : public v8::TaskRunner {
 public:
  bool IdleTasksEnabled() override { return false; }
  bool NonNestableTasksEnabled() const override { return true; }
  bool NonNestableDelayedTasksEnabled() const override { return true; }

 protected:
  virtual void post(std::unique_ptr<v8::Task> task, double delaySeconds) = 0;

#if V8_MAJOR_VERSION < 12
 public:
  void PostTask(std::unique_ptr<v8::Task> task) override { post(std::move(task), 0); }
  void PostNonNestableTask(std::unique_ptr<v8::Task> task) override { post(std::move(task), 0); }
  void PostDelayedTask(std::unique_ptr<v8::Task> task, double delay) override {
    post(std::move(task), delay);
  }
  void PostNonNestableDelayedTask(std::unique_ptr<v8::Task> task, double delay) override {
    post(std::move(task), delay);
  }
  void PostIdleTask(std::unique_ptr<v8::IdleTask>) override {}
#else
  void PostTaskImpl(std::unique_ptr<v8::Task> task, const v8::SourceLocation&) override {
    post(std::move(task), 0);
  }
  void PostNonNestableTaskImpl(std::unique_ptr<v8::Task> task, const v8::SourceLocation&) override {
    post(std::move(task), 0);
  }
  void PostDelayedTaskImpl(std::unique_ptr<v8::Task> task, double delay,
                           const v8::SourceLocation&) override {
    post(std::move(task), delay);
  }
  void PostNonNestableDelayedTaskImpl(std::unique_ptr<v8::Task> task, double delay,
                                      const v8::SourceLocation&) override {
    post(std::move(task), delay);
  }
#endif
};

}  // namespace backline::script::compat

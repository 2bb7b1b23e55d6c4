#include "script/rejections.h"

#include <algorithm>

#include "script/realm.h"
#include "script/script_error.h"

namespace backline::script {

void Rejections::onReject(v8::PromiseRejectMessage message) {
  v8::Isolate* isolate = v8::Isolate::GetCurrent();
  Rejections& rejections = Realm::from(isolate->GetCurrentContext()).rejections();
  const auto promise = message.GetPromise();
  if (message.GetEvent() == v8::kPromiseRejectWithNoHandler) {
    rejections.pending_.emplace_back(v8::Global<v8::Promise>(isolate, promise),
                                     v8::Global<v8::Value>(isolate, message.GetValue()));
  } else if (message.GetEvent() == v8::kPromiseHandlerAddedAfterReject) {
    rejections.forget(promise);
  }
}

void Rejections::forget(v8::Local<v8::Promise> promise) {
  std::erase_if(pending_, [&](const auto& entry) { return entry.first == promise; });
}

void Rejections::report(Realm& realm) {
  if (pending_.empty()) return;
  const v8::HandleScope handles(realm.isolate());
  for (const auto& entry : std::exchange(pending_, {})) {
    auto error = describe(realm.context(), entry.second.Get(realm.isolate()), {});
    (error.stack.empty() ? error.message : error.stack).insert(0, "(in promise) ");
    realm.report(error);
  }
}

}  // namespace backline::script

#include "script/rejections.h"

#include <algorithm>

#include "script/realm.h"
#include "script/script_error.h"

namespace backline::script {

void Rejections::onReject(v8::PromiseRejectMessage message) {
  v8::Isolate* isolate = v8::Isolate::GetCurrent();
  auto& pending = Realm::from(isolate->GetCurrentContext()).rejections().pending_;
  const auto promise = message.GetPromise();
  if (message.GetEvent() == v8::kPromiseRejectWithNoHandler) {
    pending.emplace_back(v8::Global<v8::Promise>(isolate, promise),
                         v8::Global<v8::Value>(isolate, message.GetValue()));
  } else if (message.GetEvent() == v8::kPromiseHandlerAddedAfterReject) {
    std::erase_if(pending, [&](const auto& entry) { return entry.first == promise; });
  }
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

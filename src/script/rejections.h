#pragma once

#include <utility>
#include <vector>

#include "script/compat.h"

namespace backline::script {

class Realm;

/// Promises rejected with nobody listening: reported after the microtask checkpoint, unless someone listens by then.
class Rejections {
 public:
  static void onReject(v8::PromiseRejectMessage message);
  void report(Realm& realm);
  /// Someone will look at `promise` who does not show.
  void forget(v8::Local<v8::Promise> promise);
  void clear() { pending_.clear(); }

 private:
  std::vector<std::pair<v8::Global<v8::Promise>, v8::Global<v8::Value>>> pending_;
};

}  // namespace backline::script

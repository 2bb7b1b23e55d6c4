#pragma once

#include <mutex>
#include <optional>

#include "script/compat.h"

namespace backline::script {

class Realm;

/// The right to touch a realm on this thread, for as long as it lives. False if the realm is closed; with std::try_to_lock also while another
/// thread is inside. May nest on one thread.
class Entry {
 public:
  explicit Entry(Realm& realm);
  Entry(Realm& realm, std::try_to_lock_t);
  ~Entry();
  explicit operator bool() const { return inside_.has_value(); }

 private:
  struct Inside {
    explicit Inside(Realm& realm);
    v8::Locker locker;
    v8::Isolate::Scope isolate;
    v8::HandleScope handles;
    v8::Context::Scope context;
  };
  void enter(Realm& realm);
  std::unique_lock<std::recursive_mutex> gate_;
  std::optional<Inside> inside_;
};

}  // namespace backline::script

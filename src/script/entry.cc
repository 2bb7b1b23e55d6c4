#include "script/entry.h"

#include "script/realm.h"

namespace backline::script {

Entry::Entry(Realm& realm) : gate_(realm.gate_) {
  if (realm.own_ && !realm.closing()) inside_.emplace(realm);
}

Entry::~Entry() = default;

Entry::Inside::Inside(Realm& realm)
    : locker(realm.isolate()), isolate(realm.isolate()), handles(realm.isolate()), context(realm.context()) {}

}  // namespace backline::script

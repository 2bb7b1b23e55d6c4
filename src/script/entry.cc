#include "script/entry.h"

#include "script/realm.h"

namespace backline::script {

Entry::Entry(Realm& realm) : gate_(realm.gate_) { enter(realm); }

Entry::Entry(Realm& realm, std::try_to_lock_t) : gate_(realm.gate_, std::try_to_lock) {
  if (gate_.owns_lock()) enter(realm);
}

void Entry::enter(Realm& realm) {
  if (realm.own_ && !realm.closing()) inside_.emplace(realm);
}

Entry::~Entry() = default;

Entry::Inside::Inside(Realm& realm)
    : locker(realm.isolate()), isolate(realm.isolate()), handles(realm.isolate()), context(realm.context()) {}

}  // namespace backline::script

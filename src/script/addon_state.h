#pragma once

#include <memory>

#include "script/owner.h"

namespace backline::script {

/// What an add-on that contains this room sets up once for each environment that loads it: an Owner that is closed before the
/// environment ends, however it ends.
std::shared_ptr<Owner> attachOwner(v8::Local<v8::Context> context, const Limits& limits);

/// The pool of all environments of this process; null if there was no memory for it at the first call: nothing is shared then.
SharedPool* processPool() noexcept;

}  // namespace backline::script

#pragma once

#include "script/compat.h"

namespace backline::script {

class Realm;

/// The object `native` of the bootstrap scripts: what they cannot do themselves. `clock` holds currentFrame and currentTime.
v8::Local<v8::Object> makeNatives(Realm& realm, v8::Local<v8::Float64Array> clock);

}  // namespace backline::script

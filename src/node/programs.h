#pragma once

#include <napi.h>

namespace backline::node {

/// The programs of this user that have sessions, as `backline top` shows them.
Napi::Value programs(const Napi::CallbackInfo& info);

}  // namespace backline::node

#pragma once

#include <memory>

#include "render/worklet.h"
#include "script/realm.h"

namespace backline::script {

/// The worklet runtime over a realm. A null realm: the environment is ending, everything answers that.
std::unique_ptr<render::WorkletRuntime> makeRuntime(std::shared_ptr<Realm> realm);

}  // namespace backline::script

#pragma once

#include <napi.h>

namespace backline::node {

/// repairSoundFile(path, inPlace): a promise of {holds, findings, backup}, as media::repairSoundFile() has them.
Napi::Value repairSoundFile(const Napi::CallbackInfo& info);

}  // namespace backline::node

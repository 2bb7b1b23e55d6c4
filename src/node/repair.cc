#include "node/repair.h"

#include <memory>

#include "media/repair.h"
#include "node/work.h"

namespace backline::node {

Napi::Value repairSoundFile(const Napi::CallbackInfo& info) {
  const auto repair = std::make_shared<media::Repair>();
  const std::string path = info[0].As<Napi::String>().Utf8Value();
  const bool inPlace = info[1].ToBoolean();
  auto* work = new Work(info.Env(), "backline.repairSoundFile", [repair, path, inPlace] { *repair = media::repairSoundFile(path, inPlace); });
  work->gives([repair](Napi::Env env) -> Napi::Value {
    auto result = Napi::Object::New(env);
    auto findings = Napi::Array::New(env);
    for (const std::string& finding : repair->findings) findings.Set(findings.Length(), finding);
    result.Set("holds", repair->holds);
    result.Set("findings", findings);
    result.Set("backup", repair->backup);
    return result;
  });
  return work->start();
}

}  // namespace backline::node

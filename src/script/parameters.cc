#include "script/parameters.h"

#include <algorithm>
#include <cstring>

#include "script/script_error.h"

namespace backline::script {

Parameters::Parameters(v8::Isolate* isolate, const std::vector<render::ProcessorParam>& described,
                       std::span<const render::ProcessorParam> given, std::uint32_t frames)
    : parameters_(described.size()), frames_(frames) {
  for (std::size_t i = 0; i < described.size(); ++i) {
    const auto found = std::find_if(given.begin(), given.end(), [&](const auto& param) { return param.name == described[i].name; });
    parameters_[i].name.Reset(isolate, toV8(isolate, described[i].name));
    parameters_[i].block = found == given.end() ? kNone : static_cast<std::size_t>(found - given.begin());
    parameters_[i].initial = described[i].initial;
  }
}

v8::Local<v8::Value> Parameters::prepare(v8::Local<v8::Context> context,
                                         std::span<const render::ParamBlock> blocks) {
  v8::Isolate* isolate = context->GetIsolate();
  bool same = !frozen_.IsEmpty();
  for (Parameter& parameter : parameters_) {
    const render::ParamBlock block = parameter.block < blocks.size() ? blocks[parameter.block] : render::ParamBlock{&parameter.initial, true};
    const std::uint32_t length = block.constant ? 1 : frames_;
    Plane& plane = block.constant ? parameter.constant : parameter.varying;
    same = same && parameter.isConstant == block.constant;
    parameter.isConstant = block.constant;
    if (!plane.usable(isolate)) {
      plane.create(isolate, length);
      same = false;
    }
    std::memcpy(plane.data(), block.values, length * sizeof(float));
  }
  if (same) return frozen_.Get(isolate);
  const auto object = v8::Object::New(isolate);
  for (const Parameter& parameter : parameters_) {
    const Plane& plane = parameter.isConstant ? parameter.constant : parameter.varying;
    object->CreateDataProperty(context, parameter.name.Get(isolate), plane.array(isolate)).Check();
  }
  object->SetIntegrityLevel(context, v8::IntegrityLevel::kFrozen).Check();
  frozen_.Reset(isolate, object);
  return object;
}

}  // namespace backline::script

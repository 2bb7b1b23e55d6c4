#include "script/parameters.h"

#include <algorithm>
#include <cstring>

#include "script/script_error.h"

namespace backline::script {

Parameters::Parameters(v8::Isolate* isolate, const std::vector<render::ProcessorParam>& params, std::uint32_t frames)
    : parameters_(params.size()), frames_(frames) {
  for (std::size_t i = 0; i < params.size(); ++i) {
    parameters_[i].name.Reset(isolate, toV8(isolate, params[i].name));
  }
}

v8::Local<v8::Value> Parameters::prepare(v8::Local<v8::Context> context,
                                         std::span<const render::ParamBlock> blocks) {
  v8::Isolate* isolate = context->GetIsolate();
  const std::size_t count = std::min(blocks.size(), parameters_.size());
  bool same = !frozen_.IsEmpty();
  for (std::size_t i = 0; i < count; ++i) {
    Parameter& parameter = parameters_[i];
    const std::uint32_t length = blocks[i].constant ? 1 : frames_;
    Plane& plane = blocks[i].constant ? parameter.constant : parameter.varying;
    same = same && parameter.isConstant == blocks[i].constant;
    parameter.isConstant = blocks[i].constant;
    if (!plane.usable(isolate)) {
      plane.create(isolate, length);
      same = false;
    }
    std::memcpy(plane.data(), blocks[i].values, length * sizeof(float));
  }
  if (same) return frozen_.Get(isolate);
  const auto object = v8::Object::New(isolate);
  for (std::size_t i = 0; i < count; ++i) {
    const Parameter& parameter = parameters_[i];
    const Plane& plane = parameter.isConstant ? parameter.constant : parameter.varying;
    object->CreateDataProperty(context, parameter.name.Get(isolate), plane.array(isolate)).Check();
  }
  object->SetIntegrityLevel(context, v8::IntegrityLevel::kFrozen).Check();
  frozen_.Reset(isolate, object);
  return object;
}

}  // namespace backline::script

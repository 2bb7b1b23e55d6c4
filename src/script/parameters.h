#pragma once

#include <span>
#include <vector>

#include "render/worklet.h"
#include "script/plane.h"

namespace backline::script {

/// `parameters` of process(): a frozen object name → Float32Array, of one value where the parameter is constant in the quantum, of one
/// a frame otherwise. The same object until a length changes or something is detached. Inside an Entry.
class Parameters {
 public:
  Parameters(v8::Isolate* isolate, const std::vector<render::ProcessorParam>& params, std::uint32_t frames);
  v8::Local<v8::Value> prepare(v8::Local<v8::Context> context, std::span<const render::ParamBlock> blocks);

 private:
  struct Parameter {
    v8::Global<v8::Name> name;
    Plane constant, varying;
    bool isConstant = true;
  };
  std::vector<Parameter> parameters_;
  std::uint32_t frames_;
  v8::Global<v8::Object> frozen_;   ///< empty: to be made
};

}  // namespace backline::script

#pragma once

#include <span>
#include <vector>

#include "render/worklet.h"
#include "script/plane.h"

namespace backline::script {

/// `parameters` of process(): a frozen object name → Float32Array, of one value where the parameter is constant in the quantum, of one
/// a frame otherwise. The same object until a length changes or something is detached. A parameter that the class has and the node has not
/// (it was made for a class before this one) has its default value; one that only the node has is not shown. Inside an Entry.
class Parameters {
 public:
  /// `described`: by the class. `given`: the node's, in the order of their blocks.
  Parameters(v8::Isolate* isolate, const std::vector<render::ProcessorParam>& described, std::span<const render::ProcessorParam> given,
             std::uint32_t frames);
  v8::Local<v8::Value> prepare(v8::Local<v8::Context> context, std::span<const render::ParamBlock> blocks);

 private:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  struct Parameter {
    v8::Global<v8::Name> name;
    std::size_t block = 0;   ///< which of the node's; kNone: none of them
    float initial = 0;
    Plane constant, varying;
    bool isConstant = true;
  };
  std::vector<Parameter> parameters_;
  std::uint32_t frames_;
  v8::Global<v8::Object> frozen_;   ///< empty: to be made
};

}  // namespace backline::script

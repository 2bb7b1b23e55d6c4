#include "script/instance.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "script/realm.h"
#include "script/script_error.h"

namespace backline::script {

namespace {

/// Copies, and says whether every sample is zero (of either sign).
bool copySilent(const float* from, float* to, std::uint32_t frames) {
  std::uint32_t bits = 0;
  for (std::uint32_t i = 0; i < frames; ++i) {
    to[i] = from[i];
    bits |= std::bit_cast<std::uint32_t>(from[i]);
  }
  return bits << 1 == 0;
}

}  // namespace

Instance::Instance(Realm& realm, render::NodeId node, std::uint32_t port, v8::Local<v8::Object> processor,
                   const render::ProcessorOptions& options, std::span<const render::ProcessorParam> params)
    : realm_(realm),
      node_(node),
      port_(port),
      name_(options.name),
      processor_(realm.isolate(), processor),
      inputs_(options.inputs, realm.config().quantum),
      outputs_(options.outputs, realm.config().quantum),
      parameters_(realm.isolate(), realm.params(options.name), params, realm.config().quantum) {}

Instance::~Instance() { realm_.ports().close(port_); }

render::ProcessorResult Instance::process(const render::ProcessorArgs& args) {
  if (failed_) return render::ProcessorResult::failed;
  v8::Isolate* isolate = realm_.isolate();
  const v8::HandleScope handles(isolate);
  const v8::TryCatch caught(isolate);
  const Realm::Speaker speaker(realm_, name_);
  v8::Local<v8::Value> result;
  realm_.runFor(node_);
  const bool returned = call(args).ToLocal(&result);
  if (realm_.termination().passed()) {
    const auto sentence = realm_.termination().take();
    retire();
    error_ = sentence.error;
    if (sentence.heapFull) isolate->LowMemoryNotification();
    return render::ProcessorResult::failed;
  }
  if (!returned) {
    failed_ = true;
    processor_.Reset();   // what it holds may go, unless its port's handlers hold it too
    if (!realm_.closing()) error_ = describe(realm_.context(), caught);
    return render::ProcessorResult::failed;
  }
  takeOutputs(args);
  return result->BooleanValue(isolate) ? render::ProcessorResult::keepAlive : render::ProcessorResult::done;
}

v8::Local<v8::Value> Instance::processor() const {
  if (processor_.IsEmpty()) return v8::Undefined(realm_.isolate());
  return processor_.Get(realm_.isolate());
}

void Instance::retire() {
  failed_ = true;
  processor_.Reset();
  realm_.ports().close(port_);
}

v8::MaybeLocal<v8::Value> Instance::call(const render::ProcessorArgs& args) {
  const auto context = realm_.context();
  v8::Isolate* isolate = realm_.isolate();
  fillInputs(args);
  clearOutputs(args);
  v8::Local<v8::Value> values[] = {processor_.Get(isolate), inputs_.array(context), outputs_.array(context),
                                   parameters_.prepare(context, args.params)};
  return realm_.helper(Helper::process)->Call(context, v8::Undefined(isolate), 4, values);
}

void Instance::fillInputs(const render::ProcessorArgs& args) {
  for (std::size_t i = 0; i < inputs_.count(); ++i) {
    const render::Block* block = i < args.inputs.size() ? args.inputs[i] : nullptr;
    const std::uint32_t channels = block && block->active ? block->channels : 0;
    inputs_.prepare(realm_.isolate(), i, channels);
    for (std::uint32_t c = 0; c < channels; ++c) {
      std::memcpy(inputs_.plane(i, c).data(), block->channel(c), block->frames * sizeof(float));
    }
  }
}

void Instance::clearOutputs(const render::ProcessorArgs& args) {
  for (std::size_t i = 0; i < outputs_.count(); ++i) {
    const std::uint32_t channels = i < args.outputs.size() ? args.outputs[i].channels : 0;
    outputs_.prepare(realm_.isolate(), i, channels);
    for (std::uint32_t c = 0; c < channels; ++c) {
      std::fill_n(outputs_.plane(i, c).data(), args.outputs[i].frames, 0.0f);
    }
  }
}

void Instance::takeOutputs(const render::ProcessorArgs& args) {
  const std::size_t count = std::min(outputs_.count(), args.outputs.size());
  for (std::size_t i = 0; i < count; ++i) {
    render::Block& block = args.outputs[i];
    bool silent = true;
    for (std::uint32_t c = 0; c < block.channels; ++c) {
      const Plane& plane = outputs_.plane(i, c);
      if (!plane.usable(realm_.isolate())) continue;   // transferred away by process(): the block is zero already
      silent = copySilent(plane.data(), block.channel(c), block.frames) && silent;
    }
    block.silent = silent;
  }
}

}  // namespace backline::script

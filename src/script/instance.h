#pragma once

#include <span>
#include <string>

#include "render/worklet.h"
#include "script/buses.h"
#include "script/parameters.h"

namespace backline::script {

class Realm;

/// One constructed AudioWorkletProcessor with what it is called with. Belongs to its realm. Inside an Entry.
class Instance {
 public:
  /// `params`: of the node (Parameters).
  Instance(Realm& realm, render::NodeId node, std::uint32_t port, v8::Local<v8::Object> processor,
           const render::ProcessorOptions& options, std::span<const render::ProcessorParam> params);
  ~Instance();

  std::uint32_t port() const { return port_; }
  /// Undefined once it failed or was retired.
  v8::Local<v8::Value> processor() const;
  /// It is called no more, and what it held may go.
  void retire();
  /// Leaves microtasks to the end of the quantum ("rendering a graph", last steps): between processors none run. Once it has failed it is
  /// not called again, and fails always.
  render::ProcessorResult process(const render::ProcessorArgs& args);
  /// Why it failed.
  const render::ScriptError& error() const { return error_; }

 private:
  v8::MaybeLocal<v8::Value> call(const render::ProcessorArgs& args);
  void fillInputs(const render::ProcessorArgs& args);
  void clearOutputs(const render::ProcessorArgs& args);
  void takeOutputs(const render::ProcessorArgs& args);

  Realm& realm_;
  const render::NodeId node_;
  const std::uint32_t port_;
  const std::string name_;   ///< as registered
  v8::Global<v8::Object> processor_;
  Buses inputs_, outputs_;
  Parameters parameters_;
  bool failed_ = false;
  render::ScriptError error_;
};

}  // namespace backline::script

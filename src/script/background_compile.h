#pragma once

#include <memory>
#include <string>

#include "script/compat.h"

namespace backline::script {

/// A module that is parsed and compiled outside the isolate's lock, so that processors go on meanwhile. Made inside an Entry, run by a
/// thread that is in no isolate, finished and destroyed inside an Entry.
class BackgroundCompile {
 public:
  /// `source` outlives it.
  BackgroundCompile(v8::Isolate* isolate, const std::string& source);
  /// [any thread that is in no isolate]
  void run();
  v8::MaybeLocal<v8::Module> finish(v8::Local<v8::Context> context, v8::ScriptOrigin& origin);

  /// From this size on it pays: what is shorter compiles sooner than a thread starts.
  static constexpr std::size_t kWorthwhileBytes = 32768;

 private:
  const std::string& source_;
  v8::ScriptCompiler::StreamedSource streamed_;
  std::unique_ptr<v8::ScriptCompiler::ScriptStreamingTask> task_;
  std::unique_ptr<v8::String::ExternalOneByteStringResource> text_;   ///< if the source is ASCII: V8 uses it as it is
};

}  // namespace backline::script

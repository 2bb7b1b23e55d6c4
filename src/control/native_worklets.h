#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "render/worklet.h"

namespace backline {

/// Makes one processor; everything it will need is allocated here. [compile]
using NativeProcessorFactory =
    std::function<std::unique_ptr<render::Processor>(const render::ProcessorOptions& options, const render::WorkletConfig& config)>;

/// The processors written in C++ that a context's AudioWorkletNodes may name, and the runtime that makes them. Any thread.
class NativeWorklets : public std::enable_shared_from_this<NativeWorklets> {
 public:
  void add(const std::string& name, std::vector<render::ProcessorParam> params, NativeProcessorFactory create);
  /// The module that stands for a processor.
  static std::string urlOf(const std::string& name) { return "native:" + name; }
  /// For OfflineOptions.worklets.
  render::WorkletRuntimeFactory factory();

  struct Entry {
    std::vector<render::ProcessorParam> params;
    NativeProcessorFactory create;
  };
  /// Null: no such name.
  std::shared_ptr<const Entry> find(const std::string& name) const;

 private:
  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<const Entry>> entries_;
};

}  // namespace backline

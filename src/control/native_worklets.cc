#include "control/native_worklets.h"

namespace backline {

namespace {

constexpr std::string_view kPrefix = "native:";

class NativeRuntime final : public render::WorkletRuntime {
 public:
  NativeRuntime(std::shared_ptr<const NativeWorklets> worklets, const render::WorkletConfig& config)
      : worklets_(std::move(worklets)), config_(config) {}

  bool evaluate(std::span<const render::ModuleSource> modules, bool, render::ScriptError& error) override {
    const std::string& url = modules.front().url;
    const std::string name = url.starts_with(kPrefix) ? url.substr(kPrefix.size()) : std::string();
    const auto entry = worklets_->find(name);
    if (!entry) {
      error = {.name = "NotSupportedError",
               .message = "this program renders native processors only, no JavaScript modules",
               .url = url};
      return false;
    }
    config_.events->processorRegistered(name, entry->params);
    return true;
  }

  std::unique_ptr<render::Processor> create(render::NodeId, const render::ProcessorOptions& options,
                                            std::span<const render::ProcessorParam>, render::ScriptError& error) override {
    const auto entry = worklets_->find(options.name);
    if (!entry) {
      error = {.name = "InvalidStateError", .message = "no processor is registered as \"" + options.name + "\""};
      return nullptr;
    }
    try {
      auto processor = entry->create(options, config_);
      if (!processor) error = {.name = "Error", .message = "the factory of \"" + options.name + "\" made nothing"};
      return processor;
    } catch (const std::exception& thrown) {
      error = {.name = "Error", .message = thrown.what()};
      return nullptr;
    }
  }

  void beginQuantum(const render::Quantum&) noexcept override {}
  void endQuantum() noexcept override {}

 private:
  std::shared_ptr<const NativeWorklets> worklets_;
  render::WorkletConfig config_;
};

}  // namespace

void NativeWorklets::add(const std::string& name, std::vector<render::ProcessorParam> params,
                         NativeProcessorFactory create) {
  auto entry = std::make_shared<const Entry>(Entry{std::move(params), std::move(create)});
  std::lock_guard lock(mutex_);
  entries_[name] = std::move(entry);
}

std::shared_ptr<const NativeWorklets::Entry> NativeWorklets::find(const std::string& name) const {
  std::lock_guard lock(mutex_);
  auto found = entries_.find(name);
  return found == entries_.end() ? nullptr : found->second;
}

render::WorkletRuntimeFactory NativeWorklets::factory() {
  return [self = shared_from_this()](const render::WorkletConfig& config) {
    return std::make_unique<NativeRuntime>(self, config);
  };
}

}  // namespace backline

#include "script/runtime.h"

#include <optional>

#include "script/inspector.h"
#include "script/processor.h"
#include "transport/realtime.h"

namespace backline::script {

namespace {

void sayClosed(render::ScriptError& error) {
  error.name = "InvalidStateError";
  error.message = "The AudioWorkletGlobalScope is closed: its program is ending";
}

class Runtime final : public render::WorkletRuntime {
 public:
  explicit Runtime(std::shared_ptr<Realm> realm) : realm_(std::move(realm)) {}

  ~Runtime() override {
    leave();
    if (realm_) realm_->close();
  }

  bool evaluate(std::span<const render::ModuleSource> modules, bool replace, render::ScriptError& error) override {
    if (realm_) return realm_->modules().evaluate(*realm_, modules, replace, error);
    sayClosed(error);
    return false;
  }

  std::unique_ptr<render::Processor> create(render::NodeId node, const render::ProcessorOptions& options,
                                            std::span<const render::ProcessorParam> params, render::ScriptError& error) override {
    if (realm_) {
      if (const Entry entry(*realm_); entry) return createProcessor(realm_, node, options, params, error);
    }
    sayClosed(error);
    return nullptr;
  }

  void receive(std::span<const std::byte> message) noexcept override {
    if (!realm_) return;
    if (const Entry entry(*realm_); entry) realm_->ports().receive(realm_->scopePort(), message);
    realm_->config().events->wake();
  }

  void beginQuantum(const render::Quantum& quantum) noexcept override {
    const transport::RealtimeExempt exempt;
    if (!realm_) return;
    // Without a processor nothing of the quantum waits for the scope: it is served when whoever is inside, a module, has left.
    if (realm_->populated()) {
      quantum_.emplace(*realm_);
    } else {
      quantum_.emplace(*realm_, std::try_to_lock);
    }
    if (!*quantum_) return;
    realm_->rendering() = true;
    realm_->setTime(quantum.frame, quantum.sampleRate);
    if (realm_->inspector() != nullptr) realm_->inspector()->serve();
    realm_->runTimers();
    realm_->ports().deliver();
  }

  void endQuantum() noexcept override {
    const transport::RealtimeExempt exempt;
    if (quantum_ && *quantum_ && !realm_->closing()) {
      realm_->checkpoint();
      realm_->runTasks();
      realm_->ports().deliver();
      realm_->ports().flush();
    }
    leave();
  }

  void release() noexcept override {
    if (realm_ && realm_->inspector() != nullptr) realm_->inspector()->release();
  }

  render::Terminable* terminable() noexcept override { return realm_ ? &realm_->termination() : nullptr; }

  int nextTask() noexcept override {
    const transport::RealtimeExempt exempt;
    if (!realm_) return -1;
    const Entry entry(*realm_);
    return entry ? realm_->nextTask() : -1;
  }

 private:
  void leave() {
    if (realm_ && quantum_) realm_->rendering() = false;
    quantum_.reset();
  }

  const std::shared_ptr<Realm> realm_;
  std::optional<Entry> quantum_;   ///< open from beginQuantum to endQuantum: one Locker for all processors
};

}  // namespace

std::unique_ptr<render::WorkletRuntime> makeRuntime(std::shared_ptr<Realm> realm) {
  return std::make_unique<Runtime>(std::move(realm));
}

}  // namespace backline::script

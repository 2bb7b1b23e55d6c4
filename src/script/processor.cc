#include "script/processor.h"

#include <algorithm>

#include "script/instance.h"
#include "script/script_error.h"
#include "transport/realtime.h"

namespace backline::script {

namespace {

/// What the executor holds. The instance goes with the realm, which may be closed before.
class ScriptProcessor final : public render::Processor {
 public:
  ScriptProcessor(std::shared_ptr<Realm> realm, Instance* instance)
      : realm_(std::move(realm)), instance_(instance), port_(instance->port()) {}

  ~ScriptProcessor() override {
    const Entry entry(*realm_);
    if (!entry) return;
    std::erase_if(realm_->instances(), [&](const auto& owned) { return owned.get() == instance_; });
  }

  render::ProcessorResult process(const render::ProcessorArgs& args) noexcept override {
    const transport::RealtimeExempt exempt;
    return realm_->rendering() ? instance_->process(args) : render::ProcessorResult::failed;
  }

  void receive(std::span<const std::byte> message) noexcept override {
    const transport::RealtimeExempt exempt;
    const Entry entry(*realm_);
    if (entry) realm_->ports().receive(port_, message);
  }

 private:
  const std::shared_ptr<Realm> realm_;
  Instance* const instance_;
  const std::uint32_t port_;
};

v8::MaybeLocal<v8::Value> construct(Realm& realm, std::uint32_t port, const render::ProcessorOptions& options) {
  v8::Isolate* isolate = realm.isolate();
  v8::Local<v8::Value> value;
  if (!readMessage(realm.cloneScope(), options.options).ToLocal(&value)) return {};
  v8::Local<v8::Value> args[] = {toV8(isolate, options.name), value, realm.ports().object(port)};
  return realm.helper(Helper::construct)->Call(realm.context(), v8::Undefined(isolate), 3, args);
}

/// A constructor that was terminated: what it has made so far may go.
render::ScriptError endConstruction(Realm& realm, std::uint32_t port, const std::string& name) {
  const auto sentence = realm.termination().take();
  if (port != 0) realm.ports().close(port);
  if (sentence.heapFull) realm.isolate()->LowMemoryNotification();
  return realm.placed(sentence.error, name);
}

}  // namespace

std::unique_ptr<render::Processor> createProcessor(const std::shared_ptr<Realm>& realm, render::NodeId node,
                                                   const render::ProcessorOptions& options,
                                                   render::ScriptError& error) {
  const v8::TryCatch caught(realm->isolate());
  const Realm::Speaker speaker(*realm, options.name);
  const std::uint32_t port = realm->ports().open(node, options.name);
  realm->runFor(node);
  v8::Local<v8::Value> processor;
  const bool constructed = port != 0 && construct(*realm, port, options).ToLocal(&processor);
  if (realm->termination().passed()) {
    error = endConstruction(*realm, port, options.name);
    return nullptr;
  }
  if (!constructed) {
    error = realm->placed(describe(realm->context(), caught), options.name);
    if (port != 0) realm->ports().close(port);
    realm->checkpoint(node);
    return nullptr;
  }
  auto& instances = realm->instances();
  instances.push_back(std::make_unique<Instance>(*realm, node, port, processor.As<v8::Object>(), options));
  realm->checkpoint(node);
  return std::make_unique<ScriptProcessor>(realm, instances.back().get());
}

}  // namespace backline::script

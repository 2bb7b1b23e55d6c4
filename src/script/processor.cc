#include "script/processor.h"

#include "script/seat.h"
#include "transport/realtime.h"

namespace backline::script {

namespace {

/// What the executor holds. The seat goes with the realm, which may be closed before.
class ScriptProcessor final : public render::Processor {
 public:
  ScriptProcessor(std::shared_ptr<Realm> realm, Seat* seat) : realm_(std::move(realm)), seat_(seat) {}

  ~ScriptProcessor() override {
    const Entry entry(*realm_);
    if (entry) realm_->leave(seat_);
  }

  render::ProcessorResult process(const render::ProcessorArgs& args) noexcept override {
    const transport::RealtimeExempt exempt;
    return realm_->rendering() ? seat_->process(args) : render::ProcessorResult::failed;
  }

  bool renewed() noexcept override { return realm_->rendering() && seat_->renewed(); }

  void receive(std::span<const std::byte> message) noexcept override {
    const transport::RealtimeExempt exempt;
    const Entry entry(*realm_);
    if (entry) realm_->ports().receive(seat_->port(), message);
  }

 private:
  const std::shared_ptr<Realm> realm_;
  Seat* const seat_;
};

}  // namespace

std::unique_ptr<render::Processor> createProcessor(const std::shared_ptr<Realm>& realm, render::NodeId node, const render::ProcessorOptions& options,
                                                   std::span<const render::ProcessorParam> params, render::ScriptError& error) {
  auto seat = std::make_unique<Seat>(*realm, node, options, params);
  auto instance = seat->construct(error);
  if (!instance) return nullptr;
  seat->take(std::move(instance));
  Seat* const taken = realm->enter(std::move(seat));
  realm->checkpoint(node);
  return std::make_unique<ScriptProcessor>(realm, taken);
}

}  // namespace backline::script

#pragma once

#include <algorithm>
#include <limits>

#include "render/worklet.h"

namespace backline::fuzz {

/// What CreateWorkletNode may name. The first letter says how the processor behaves.
inline constexpr const char* kProcessors[] = {"keep", "done", "fails", "echo", "loud", "throws", "unknown"};

/// Native processors that do everything a worklet may do to its surroundings, and touch every sample they are given.
class NativeProcessor final : public render::Processor {
 public:
  NativeProcessor(render::NodeId node, char kind, render::WorkletEvents& events) : node_(node), kind_(kind), events_(events) {}

  render::ProcessorResult process(const render::ProcessorArgs& args) noexcept override {
    float sum = 0;
    for (const render::Block* in : args.inputs)
      for (std::uint32_t c = 0; c < in->channels; ++c)
        for (std::uint32_t i = 0; i < in->frames; ++i) sum += in->channel(c)[i];
    for (const render::ParamBlock& param : args.params) sum += param.at(args.quantum.frames - 1);
    if (kind_ == 'l') sum = calls_ % 2 == 0 ? std::numeric_limits<float>::quiet_NaN() : std::numeric_limits<float>::infinity();
    for (render::Block& out : args.outputs) {
      out.silent = false;
      for (std::uint32_t c = 0; c < out.channels; ++c) std::fill_n(out.channel(c), out.frames, sum);
    }
    ++calls_;
    if (kind_ == 'e') events_.processorMessage(node_, std::as_bytes(std::span(&calls_, 1)));
    if (kind_ == 'f' && calls_ > 1) {
      events_.processorError(node_, {"Error", "fuzz"});
      return render::ProcessorResult::failed;
    }
    return kind_ == 'd' ? render::ProcessorResult::done : render::ProcessorResult::keepAlive;
  }
  void receive(std::span<const std::byte> message) noexcept override { events_.processorMessage(node_, message); }

 private:
  const render::NodeId node_;
  const char kind_;
  render::WorkletEvents& events_;
  std::uint32_t calls_ = 0;
};

class NativeRuntime final : public render::WorkletRuntime {
 public:
  explicit NativeRuntime(const render::WorkletConfig& config) : events_(*config.events) {}

  bool evaluate(std::span<const render::ModuleSource> modules, bool, render::ScriptError& error) override {
    if (modules[0].source == "throw") {
      error = {"SyntaxError", "fuzz", modules[0].url, 1, 1};
      return false;
    }
    events_.processorRegistered("keep", {{"amount", 0.25f, 0, 1}});
    events_.registrationFailed({"keep", "fuzz"});
    events_.console("log", modules[0].source, modules[0].url);
    events_.wake();
    return true;
  }
  std::unique_ptr<render::Processor> create(render::NodeId node, const render::ProcessorOptions& options, std::span<const render::ProcessorParam>,
                                            render::ScriptError& error) override {
    const char kind = options.name.empty() ? 'u' : options.name[0];
    if (kind != 't' && kind != 'u') return std::make_unique<NativeProcessor>(node, kind, events_);
    error = {"InvalidStateError", "fuzz"};
    return nullptr;
  }
  void beginQuantum(const render::Quantum&) noexcept override {}
  void endQuantum() noexcept override {}

 private:
  render::WorkletEvents& events_;
};

}  // namespace backline::fuzz

#include "script/seat.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "script/realm.h"
#include "script/script_error.h"

namespace backline::script {

/// Equal-gain: what the two have in common, which with carried-over state is most, stays as loud as it is.
struct Seat::Fade {
  std::unique_ptr<Instance> before;
  std::vector<float> samples;
  std::vector<render::Block> blocks;   ///< what `before` renders into
  std::uint32_t frames = 1, done = 0;
};

Seat::Seat(Realm& realm, render::NodeId node, const render::ProcessorOptions& options, std::span<const render::ProcessorParam> params)
    : realm_(realm), node_(node), options_(options), params_(params.begin(), params.end()) {}

Seat::~Seat() = default;

std::unique_ptr<Instance> Seat::construct(render::ScriptError& error) {
  v8::Isolate* isolate = realm_.isolate();
  const v8::HandleScope handles(isolate);
  const v8::TryCatch caught(isolate);
  const Realm::Speaker speaker(realm_, options_.name);
  const std::uint32_t port = realm_.ports().open(node_, options_.name);
  realm_.runFor(node_);
  v8::Local<v8::Value> options, processor;
  bool constructed = port != 0 && readMessage(realm_.cloneScope(), options_.options).ToLocal(&options);
  if (constructed) {
    v8::Local<v8::Value> args[] = {toV8(isolate, options_.name), options, realm_.ports().object(port),
                                   playing_ ? playing_->processor() : v8::Undefined(isolate).As<v8::Value>()};
    constructed = realm_.helper(Helper::construct)->Call(realm_.context(), v8::Undefined(isolate), 4, args).ToLocal(&processor);
  }
  if (realm_.termination().passed()) {
    const auto sentence = realm_.termination().take();
    if (port != 0) realm_.ports().close(port);
    if (sentence.heapFull) isolate->LowMemoryNotification();   // what it has made so far may go
    error = realm_.placed(sentence.error, options_.name);
    return nullptr;
  }
  if (!constructed) {
    error = realm_.placed(describe(realm_.context(), caught), options_.name);
    if (port != 0) realm_.ports().close(port);
    realm_.checkpoint(node_);
    return nullptr;
  }
  return std::make_unique<Instance>(realm_, node_, port, processor.As<v8::Object>(), options_, params_);
}

void Seat::take(std::unique_ptr<Instance> next) {
  std::unique_ptr<Instance> before = std::exchange(playing_, std::move(next));
  spent_.reset();
  if (!before) return;
  realm_.ports().hand(before->port(), playing_->port());
  endFade();
  spent_.reset();
  if (std::exchange(failed_, false)) {
    renewed_.store(true, std::memory_order_relaxed);
    return;
  }
  fade_ = std::make_unique<Fade>();
  const render::WorkletConfig& config = realm_.config();
  const auto channels = [this](std::uint32_t output) { return options_.outputChannelCount ? (*options_.outputChannelCount)[output] : render::kMaxChannels; };
  std::size_t all = 0;
  for (std::uint32_t i = 0; i < options_.outputs; ++i) all += channels(i);
  fade_->samples.resize(all * config.quantum);
  float* at = fade_->samples.data();
  for (std::uint32_t i = 0; i < options_.outputs; ++i) {
    fade_->blocks.push_back({at, config.quantum, static_cast<std::uint8_t>(channels(i))});
    at += std::size_t{channels(i)} * config.quantum;
  }
  fade_->frames = std::max(1u, static_cast<std::uint32_t>(std::lround(kFadeSeconds * static_cast<double>(config.sampleRate))));
  fade_->before = std::move(before);
}

render::ProcessorResult Seat::process(const render::ProcessorArgs& args) {
  if (fade_) return crossfade(args);
  const render::ProcessorResult result = playing_->process(args);
  if (result == render::ProcessorResult::failed) sayFailed(playing_->error());
  return result;
}

render::ProcessorResult Seat::crossfade(const render::ProcessorArgs& args) {
  const std::size_t outputs = std::min(args.outputs.size(), fade_->blocks.size());
  for (std::size_t i = 0; i < outputs; ++i) fade_->blocks[i].zero(args.outputs[i].channels);
  const auto before = fade_->before->process({args.quantum, args.inputs, std::span(fade_->blocks).first(outputs), args.params});   // zeros, once it fails
  const auto result = playing_->process(args);
  if (result == render::ProcessorResult::failed) {
    takeBack(args);
    return before;
  }
  const float step = 1.0f / static_cast<float>(fade_->frames);
  for (std::size_t i = 0; i < outputs; ++i) {
    const render::Block& old = fade_->blocks[i];
    render::Block& block = args.outputs[i];
    for (std::uint32_t c = 0; c < block.channels; ++c) {
      const float* from = old.channel(c);
      float* to = block.channel(c);
      for (std::uint32_t n = 0; n < block.frames; ++n) {
        const float gain = std::min(1.0f, static_cast<float>(fade_->done + n + 1) * step);
        to[n] = from[n] + (to[n] - from[n]) * gain;
      }
    }
    block.silent = block.silent && old.silent;
  }
  fade_->done += args.quantum.frames;
  if (fade_->done < fade_->frames) return render::ProcessorResult::keepAlive;   // whatever the node does then, it fades to the end
  endFade();
  return result;
}

/// A successor that fails while it fades in has hardly been heard: the one before plays on.
void Seat::takeBack(const render::ProcessorArgs& args) {
  for (std::size_t i = 0; i < std::min(args.outputs.size(), fade_->blocks.size()); ++i) {
    const render::Block& old = fade_->blocks[i];
    render::Block& block = args.outputs[i];
    std::copy_n(old.data, std::size_t{block.channels} * block.frames, block.data);
    block.silent = old.silent;
  }
  const render::ScriptError error = realm_.placed(playing_->error(), options_.name);
  realm_.config().events->console("error", uncaught(error) + "\n    in the processor '" + options_.name + "', which has just been replaced: the one before plays on", {});
  realm_.ports().hand(playing_->port(), fade_->before->port());
  std::swap(playing_, fade_->before);
  endFade();
}

void Seat::endFade() {
  if (!fade_) return;
  fade_->before->retire();
  spent_ = std::move(fade_);
}

void Seat::fail(const render::ScriptError& error) {
  endFade();
  playing_->retire();
  sayFailed(error);
}

void Seat::sayFailed(const render::ScriptError& error) {
  if (std::exchange(failed_, true)) return;
  realm_.config().events->processorError(node_, realm_.placed(error, options_.name));
}

bool seatSuccessors(Realm& realm, render::ScriptError& error) {
  std::vector<std::pair<Seat*, std::unique_ptr<Instance>>> successors;
  for (const auto& seat : realm.seats()) {
    if (!realm.isStaged(seat->name())) continue;
    auto next = seat->construct(error);
    if (!next) {
      error.message = "'" + seat->name() + "' is not replaced, its new class cannot be constructed for a node that plays: " + error.message;
      return false;
    }
    successors.emplace_back(seat.get(), std::move(next));
  }
  realm.settle(true);
  for (auto& [seat, next] : successors) seat->take(std::move(next));
  return true;
}

}  // namespace backline::script

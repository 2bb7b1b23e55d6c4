#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <vector>

#include "render/node.h"
#include "transport/realtime.h"

namespace backline::test {

inline constexpr std::uint32_t kQuanta[] = {128, 64, 256, 1, 137};

/// An AudioBuffer in memory of its own.
class MemoryBuffer : public render::AudioBufferData {
 public:
  MemoryBuffer(std::vector<std::vector<float>> channels, float sampleRate) : channels_(std::move(channels)), sampleRate_(sampleRate) {}
  /// `length` frames of one channel: first, first + 1, …
  static MemoryBuffer ramp(std::size_t length, float sampleRate, float first = 1) {
    std::vector<float> samples(length);
    for (auto& sample : samples) sample = first++;
    return MemoryBuffer({samples}, sampleRate);
  }
  std::uint32_t channels() const override { return static_cast<std::uint32_t>(channels_.size()); }
  std::uint64_t length() const override { return channels_.empty() ? 0 : channels_[0].size(); }
  float sampleRate() const override { return sampleRate_; }
  const float* channel(std::uint32_t index) const override { return channels_[index].data(); }

 private:
  std::vector<std::vector<float>> channels_;
  float sampleRate_;
};

/// Drives one NodeRenderer through quanta, every call inside a RealtimeScope.
class NodeHarness {
 public:
  NodeHarness(const render::NodeDeclaration& type, float sampleRate, std::uint32_t quantum = render::kDefaultQuantum,
              std::uint32_t capacity = render::kMaxChannels)
      : type_(type), capacity_(capacity), quantum_{.frame = 0, .frames = quantum, .sampleRate = sampleRate}, input_(std::size_t{capacity} * quantum),
        output_(std::size_t{capacity} * quantum), params_(type.params.size()), fields_(type.fields.size()) {
    node_ = type.create({sampleRate, quantum});
    for (std::size_t i = 0; i < params_.size(); ++i) params_[i].constant = type.params[i].initial;
    for (std::size_t i = 0; i < fields_.size(); ++i) fields_[i].number = type.fields[i].initial;
  }

  /// Parameters: a constant, or a function of the context frame.
  NodeHarness& param(std::size_t index, float value) {
    params_[index] = {.constant = value, .curve = nullptr, .values = {}};
    return *this;
  }
  NodeHarness& param(std::size_t index, std::function<float(double)> curve) {
    params_[index].curve = std::move(curve);
    params_[index].values.resize(quantum_.frames);
    return *this;
  }
  NodeHarness& field(std::size_t index, double value) {
    fields_[index].number = value;
    return *this;
  }
  NodeHarness& field(std::size_t index, const render::Resource* resource) {
    fields_[index].resource = const_cast<render::Resource*>(resource);   // a renderer of constant data only reads it
    return *this;
  }
  /// Times in frames of the context.
  NodeHarness& start(double frame, double offset = 0, double duration = std::numeric_limits<double>::infinity()) {
    schedule_.start = frame / quantum_.sampleRate;
    schedule_.offset = offset;
    schedule_.duration = duration;
    return *this;
  }
  NodeHarness& stop(double frame) {
    schedule_.stop = frame / quantum_.sampleRate;
    return *this;
  }
  /// Input frames: channel and context frame to a sample. No input is connected without it.
  NodeHarness& input(std::uint32_t channels, std::function<float(std::uint32_t, double)> signal) {
    inputChannels_ = channels;
    signal_ = std::move(signal);
    return *this;
  }
  /// What an AudioListener says, for a panner: nine constants, or functions of the context frame.
  NodeHarness& listener(std::vector<std::function<float(double)>> channels, bool constant) {
    listener_ = std::move(channels);
    listenerSamples_.resize(listener_.size() * quantum_.frames);
    heard_ = {.data = listenerSamples_.data(), .frames = quantum_.frames, .capacity = static_cast<std::uint8_t>(listener_.size()),
              .channels = static_cast<std::uint8_t>(listener_.size()), .silent = false, .active = true, .constant = constant};
    return *this;
  }
  NodeHarness& connected(bool connected) {
    connected_ = connected;
    return *this;
  }
  void skipTo(std::uint64_t frame) { quantum_.frame = frame; }

  /// One quantum. After `finished` the node is not called any more.
  render::Activity step() {
    prepareInput();
    prepareParams();
    std::fill(output_.begin(), output_.end(), 1234.5f);  // what a node forgets to write shows
    out_ = {.data = output_.data(), .frames = quantum_.frames, .capacity = static_cast<std::uint8_t>(capacity_)};
    for (std::size_t c = 0; c < listener_.size(); ++c)
      for (std::uint32_t i = 0; i < quantum_.frames; ++i) listenerSamples_[c * quantum_.frames + i] = listener_[c](static_cast<double>(quantum_.frame + i));
    const render::Block* inputs[] = {&in_, &heard_};
    std::vector<render::ParamBlock> blocks;
    for (const Param& param : params_) {
      blocks.push_back(param.curve ? render::ParamBlock{param.values.data(), false} : render::ParamBlock{&param.constant, true});
    }
    render::Activity activity = render::Activity::idle;
    if (!finished_) {
      const transport::RealtimeScope scope;
      activity = node_->process({quantum_, {inputs, type_.inputs + (listener_.empty() ? 0u : 1u)}, {&out_, 1}, blocks, fields_, schedule_, render::ChannelInterpretation::speakers, connected_});
    }
    if (activity == render::Activity::idle) out_.clear();
    finished_ = finished_ || activity == render::Activity::finished;
    quantum_.frame += quantum_.frames;
    return activity;
  }

  /// As the session does when it is suspended.
  void pause() {
    const transport::RealtimeScope scope;
    node_->pause(fields_);
  }

  /// At least `count` frames, cut to `count`, of one channel; channels that an output lacks count as zeros.
  std::vector<float> play(std::size_t count, std::uint32_t channel = 0) {
    std::vector<float> all;
    while (all.size() < count) {
      step();
      if (channel < out_.channels) {
        all.insert(all.end(), out_.channel(channel), out_.channel(channel) + quantum_.frames);
      } else {
        all.resize(all.size() + quantum_.frames);
      }
    }
    all.resize(count);
    return all;
  }

  const render::Block& output() const { return out_; }
  bool finished() const { return finished_; }
  std::uint64_t frame() const { return quantum_.frame; }

 private:
  struct Param {
    float constant = 0;
    std::function<float(double)> curve;
    std::vector<float> values;
  };

  void prepareInput() {
    in_ = {.data = input_.data(), .frames = quantum_.frames, .capacity = static_cast<std::uint8_t>(capacity_)};
    in_.clear();
    if (!signal_) return;
    in_.zero(inputChannels_);
    in_.silent = false;
    for (std::uint32_t c = 0; c < inputChannels_; ++c) {
      for (std::uint32_t i = 0; i < quantum_.frames; ++i) in_.channel(c)[i] = signal_(c, static_cast<double>(quantum_.frame + i));
    }
  }
  void prepareParams() {
    for (Param& param : params_) {
      if (!param.curve) continue;
      for (std::uint32_t i = 0; i < quantum_.frames; ++i) param.values[i] = param.curve(static_cast<double>(quantum_.frame + i));
    }
  }

  const render::NodeDeclaration& type_;
  const std::uint32_t capacity_;
  render::Quantum quantum_;
  std::vector<float> input_, output_;
  render::Block in_, out_;
  std::vector<Param> params_;
  std::vector<render::Field> fields_;
  render::Schedule schedule_;
  std::vector<std::function<float(double)>> listener_;
  std::vector<float> listenerSamples_;
  render::Block heard_;
  std::uint32_t inputChannels_ = 0;
  std::function<float(std::uint32_t, double)> signal_;
  std::unique_ptr<render::NodeRenderer> node_;
  bool finished_ = false;
  bool connected_ = true;
};

}  // namespace backline::test

#pragma once

#include <benchmark/benchmark.h>

#include <memory>
#include <vector>

#include "render/nodes/list.h"
#include "transport/realtime.h"

namespace backline::render {

inline constexpr float kRate = 48000;

class Noise : public AudioBufferData {
 public:
  Noise(std::uint32_t channels, std::uint64_t length) : channels_(channels), samples_(length) {
    std::uint32_t seed = 1;
    for (auto& sample : samples_) sample = static_cast<float>(static_cast<std::int32_t>(seed = seed * 1664525 + 1013904223)) * 0x1p-31f;
  }
  std::uint32_t channels() const override { return channels_; }
  std::uint64_t length() const override { return samples_.size(); }
  float sampleRate() const override { return kRate; }
  const float* channel(std::uint32_t) const override { return samples_.data(); }

 private:
  std::uint32_t channels_;
  std::vector<float> samples_;
};

/// A stereo node at work on noise, one quantum after another.
struct Worker {
  Worker(const NodeDeclaration& type, std::uint32_t quantum)
      : node(type.create({kRate, quantum})), noise(1, 2 * quantum), samples(2 * quantum), fields(type.fields.size()), values(type.params.size()) {
    in = {.data = const_cast<float*>(noise.channel(0)), .frames = quantum, .capacity = 2, .channels = 2, .silent = false, .active = true};
    out = {.data = samples.data(), .frames = quantum, .capacity = 2};
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = type.params[i].initial;
    for (const float& value : values) params.push_back({&value, true});
    context = {.frame = 0, .frames = quantum, .sampleRate = kRate};
  }
  void step() {
    const Block* inputs[] = {&in};
    benchmark::DoNotOptimize(node->process({context, inputs, {&out, 1}, params, fields, schedule}));
    context.frame += context.frames;
  }
  const transport::DenormalsFlushed flushed;
  std::unique_ptr<NodeRenderer> node;
  Noise noise;
  std::vector<float> samples;
  std::vector<Field> fields;
  std::vector<float> values;
  std::vector<ParamBlock> params;
  Block in, out;
  Quantum context;
  Schedule schedule;
};

}  // namespace backline::render

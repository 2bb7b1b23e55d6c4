#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <vector>

#include "render/nodes/list.h"
#include "transport/realtime.h"

namespace backline::render {
namespace {

constexpr float kRate = 48000;

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

// A stereo node at work on noise, one quantum after another.
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

void compressor(benchmark::State& state) {
  Worker worker(kDynamicsCompressor, 128);
  for (auto _ : state) worker.step();
}
BENCHMARK(compressor);

// Seconds of stereo response, quantum. Counters: what a quantum took at the median, at 99.9 of 100 and at worst, in µs.
void convolver(benchmark::State& state) {
  const auto quantum = static_cast<std::uint32_t>(state.range(1));
  Worker worker(kConvolver, quantum);
  Noise response(2, static_cast<std::uint64_t>(state.range(0)) * static_cast<std::uint64_t>(kRate));
  worker.fields[1].resource = &response;
  const auto prepared = kConvolver.prepare({kRate, quantum}, 1, worker.fields);
  worker.fields[1].resource = prepared.get();
  std::vector<double> took;
  for (std::uint64_t i = 0; i < 2 * response.length() / quantum; ++i) worker.step();   // until the response is full of sound
  for (auto _ : state) {
    const auto begin = std::chrono::steady_clock::now();
    worker.step();
    took.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count());
  }
  std::sort(took.begin(), took.end());
  state.counters["median_us"] = took[took.size() / 2];
  state.counters["p999_us"] = took[took.size() * 999 / 1000];
  state.counters["worst_us"] = took.back();
}
BENCHMARK(convolver)->Args({4, 128})->Args({10, 128})->Args({4, 16})->Args({4, 1024});

}  // namespace
}  // namespace backline::render

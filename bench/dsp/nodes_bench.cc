#include <benchmark/benchmark.h>

#include <cmath>
#include <vector>

#include "render/nodes/list.h"

namespace backline::render {
namespace {

constexpr float kRate = 48000;
constexpr std::uint32_t kFrames = 128;

// One quantum of a scheduled source without inputs.
struct Source {
  std::unique_ptr<NodeRenderer> node;
  std::vector<float> samples = std::vector<float>(2 * kFrames);
  Block out{.data = samples.data(), .frames = kFrames, .capacity = 2};
  Quantum quantum{.frame = 0, .frames = kFrames, .sampleRate = kRate};
  Schedule schedule{.start = 0};

  explicit Source(const NodeDeclaration& type) {
    node = type.create({kRate, kFrames});
  }
  void step(std::span<const ParamBlock> params, std::span<const Field> fields) {
    benchmark::DoNotOptimize(node->process({quantum, {}, {&out, 1}, params, fields, schedule}));
    quantum.frame += kFrames;
  }
};

void oscillator(benchmark::State& state, int type, bool glides) {
  Source source(kOscillator);
  const float detune = 0;
  std::vector<float> frequency(kFrames);
  for (std::uint32_t i = 0; i < kFrames; ++i) frequency[i] = 440 + static_cast<float>(i);
  const ParamBlock params[] = {{frequency.data(), !glides}, {&detune, true}};
  const Field fields[] = {{.number = static_cast<double>(type)}, {}};
  for (auto _ : state) source.step(params, fields);
  state.SetItemsProcessed(state.iterations() * kFrames);
}
BENCHMARK_CAPTURE(oscillator, sine, 0, false);
BENCHMARK_CAPTURE(oscillator, sineGlide, 0, true);
BENCHMARK_CAPTURE(oscillator, sawtooth, 2, false);
BENCHMARK_CAPTURE(oscillator, sawtoothGlide, 2, true);

class Stereo : public AudioBufferData {
 public:
  std::uint32_t channels() const override { return 2; }
  std::uint64_t length() const override { return samples_.size(); }
  float sampleRate() const override { return kRate; }
  const float* channel(std::uint32_t) const override { return samples_.data(); }

 private:
  std::vector<float> samples_ = std::vector<float>(48000, 0.5f);
};

void bufferSource(benchmark::State& state, float rate) {
  Stereo buffer;
  Source source(kAudioBufferSource);
  const float detune = 0;
  const ParamBlock params[] = {{&rate, true}, {&detune, true}};
  const Field fields[] = {{.resource = &buffer}, {.number = 1}, {}, {}};
  for (auto _ : state) source.step(params, fields);
  state.SetItemsProcessed(state.iterations() * kFrames);
}
BENCHMARK_CAPTURE(bufferSource, copied, 1.0f);
BENCHMARK_CAPTURE(bufferSource, interpolated, 1.37f);

}  // namespace
}  // namespace backline::render

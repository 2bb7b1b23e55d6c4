#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <vector>

#include "bench/dsp/worker.h"
#include "render/curve_resource.h"

namespace backline::render {
namespace {

void compressor(benchmark::State& state) {
  Worker worker(kDynamicsCompressor, 128);
  for (auto _ : state) worker.step();
}
BENCHMARK(compressor);

// 0: no oversampling, 1: twice, 2: four times.
void waveShaper(benchmark::State& state) {
  Worker worker(kWaveShaper, 128);
  std::vector<float> points(1025);
  for (std::size_t i = 0; i < points.size(); ++i) points[i] = std::tanh(static_cast<float>(i) / 128 - 4);
  CurveResource curve(std::move(points));
  worker.fields[0].resource = &curve;
  worker.fields[1].number = static_cast<double>(state.range(0));
  const auto prepared = kWaveShaper.prepare({kRate, 128}, 1, worker.fields);
  worker.fields[1].resource = prepared.get();
  for (auto _ : state) worker.step();
}
BENCHMARK(waveShaper)->DenseRange(0, 2);

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

#include <benchmark/benchmark.h>

#include <vector>

#include "dsp/adaptive_resampler.h"

namespace backline::dsp {
namespace {

constexpr std::uint32_t kQuantum = 128;

using Interpolate = void (*)(const SincTable&, const float*, double, double, float*, std::size_t) noexcept;

void sinc(benchmark::State& state, Interpolate kernel) {
  const SincTable table = makeSincTable(48000, 48000);
  std::vector<float> in(table.taps + 2 * kQuantum, 0.1f), out(kQuantum);
  for (auto _ : state) {
    kernel(table, in.data(), 0.3, 1.0001, out.data(), out.size());
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * kQuantum);
}
BENCHMARK_CAPTURE(sinc, vector, &sincInterpolate);
BENCHMARK_CAPTURE(sinc, scalar, &scalar::sincInterpolate);

// A quantum of a drifting stereo stream.
void resampleStereo(benchmark::State& state, double inputRate) {
  AdaptiveResampler resampler(2, inputRate, 48000, kQuantum);
  std::vector<float> in(std::size_t{resampler.mostInput()} * 2, 0.1f), out(2 * kQuantum);
  for (auto _ : state) {
    resampler.convert(in.data(), out.data(), kQuantum, kQuantum, 1e-4);
    benchmark::ClobberMemory();
  }
}
BENCHMARK_CAPTURE(resampleStereo, equalRates, 48000.0);
BENCHMARK_CAPTURE(resampleStereo, from44100, 44100.0);

}  // namespace
}  // namespace backline::dsp

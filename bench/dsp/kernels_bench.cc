#include <benchmark/benchmark.h>

#include <vector>

#include "dsp/kernels.h"
#include "dsp/mixing.h"

namespace backline::dsp {
namespace {

using Binary = void (*)(const float*, const float*, float*, std::size_t) noexcept;

void binary(benchmark::State& state, Binary kernel) {
  const auto count = static_cast<std::size_t>(state.range(0));
  std::vector<float> in(count, 0.5f), gains(count, 0.25f), out(count, 0.0f);
  for (auto _ : state) {
    kernel(in.data(), gains.data(), out.data(), count);
    benchmark::DoNotOptimize(out.data());
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

BENCHMARK_CAPTURE(binary, multiply, &multiply)->Arg(128)->Arg(1024);
BENCHMARK_CAPTURE(binary, multiplyScalar, &scalar::multiply)->Arg(128)->Arg(1024);
BENCHMARK_CAPTURE(binary, addMultiplied, &addMultiplied)->Arg(128)->Arg(1024);
BENCHMARK_CAPTURE(binary, addMultipliedScalar, &scalar::addMultiplied)->Arg(128)->Arg(1024);

void scaleByConstant(benchmark::State& state) {
  std::vector<float> in(128, 0.5f), out(128);
  for (auto _ : state) {
    scale(in.data(), 0.3f, out.data(), in.size());
    benchmark::ClobberMemory();
  }
}
BENCHMARK(scaleByConstant);

void mixSurroundOntoStereo(benchmark::State& state) {
  constexpr std::uint32_t kFrames = 128;
  std::vector<float> in(6 * kFrames, 0.1f), out(2 * kFrames);
  for (auto _ : state) {
    mixOnto({in.data(), 6, kFrames}, {out.data(), 2, kFrames}, MixRule::speakers);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(mixSurroundOntoStereo);

}  // namespace
}  // namespace backline::dsp

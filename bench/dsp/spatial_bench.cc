#include <benchmark/benchmark.h>

#include <vector>

#include "bench/dsp/worker.h"

namespace backline::render {
namespace {

// One stereo panner: standing still, or moving at every frame (equal power) or quantum (HRTF).
void panner(benchmark::State& state, bool hrtf, bool moves) {
  Worker worker(kPanner, 128);
  worker.fields[0].number = hrtf ? 1 : 0;
  const auto prepared = kPanner.prepare({kRate, 128}, 0, worker.fields);
  worker.fields[0].resource = prepared.get();
  for (std::size_t i = 0; i < kPanner.fields.size(); ++i)
    if (i > 0) worker.fields[i].number = kPanner.fields[i].initial;
  std::vector<float> x(128);
  float place = -1;
  if (moves) worker.params[0] = {x.data(), false};
  for (auto _ : state) {
    if (moves)
      for (float& value : x) value = place += 0.0001f;
    worker.step();
  }
}
BENCHMARK_CAPTURE(panner, equalPower, false, false);
BENCHMARK_CAPTURE(panner, equalPowerMoving, false, true);
BENCHMARK_CAPTURE(panner, hrtf, true, false);
BENCHMARK_CAPTURE(panner, hrtfMoving, true, true);

}  // namespace
}  // namespace backline::render

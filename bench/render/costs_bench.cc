// What it costs to know what nodes cost: a quantum of 10,000 nodes in which some of them are measured, and one in which none is.
// The aims: nothing for the one, 0.3 ms in all for the other.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "tests/render/render_side.h"

namespace backline {
namespace {

using namespace render;
using Clock = std::chrono::steady_clock;

double median(std::vector<double>& values) {
  if (values.empty()) return 0;
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

void MeasuringTheCostOfNodes(benchmark::State& state) {
  const auto nodes = static_cast<NodeId>(state.range(0));
  NoticeQueue queue;
  Executor executor({48000, 128, 2}, queue);
  Compiler compiler({48000, 128, nullptr}, executor, queue, [](std::uint32_t, const Notice&) {});
  test::Batch batch;
  batch.node(1, kDestination);
  for (NodeId id = 2; id <= nodes; ++id) batch.node(id, kGain).connect(id, id % 10 == 0 ? 1 : id - 1);
  compiler.takeBatch(batch.take());
  compiler.submit();
  executor.applySubmitted();
  compiler.housekeep();

  std::vector<double> measuring, plain;
  std::vector<float> out(256);
  const std::uint32_t slices = (nodes + NodeCosts::kSteps - 1) / NodeCosts::kSteps;
  for (auto _ : state) {
    for (std::uint32_t quantum = 0; quantum < 256; ++quantum) {
      const auto start = Clock::now();
      executor.render(out.data());
      (quantum < slices ? measuring : plain).push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count());
    }
  }
  state.counters["plain_us"] = median(plain);
  state.counters["measuring_us"] = median(measuring);
  state.counters["round_us"] = (median(measuring) - median(plain)) * slices;
}
BENCHMARK(MeasuringTheCostOfNodes)->Arg(100)->Arg(1'000)->Arg(10'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace backline

// One connection made in a graph of 10,000 nodes: its bytes, its compile time, its cost on the render thread.
// The aims: 256 bytes, 1 ms, 20 µs.

#include <benchmark/benchmark.h>

#include <chrono>

#include "tests/render/render_side.h"

namespace backline {
namespace {

using namespace render;
using Clock = std::chrono::steady_clock;

double microseconds(Clock::duration time) { return std::chrono::duration<double, std::micro>(time).count(); }

void OneConnectionIn10000Nodes(benchmark::State& state) {
  constexpr NodeId kNodes = 10'000;
  NoticeQueue queue;
  Executor executor({48000, 128, 2}, queue);
  Compiler compiler({48000, 128, nullptr}, executor, queue, [](std::uint32_t, const Notice&) {});
  test::Batch batch;
  batch.node(1, kDestination);
  // Chains of ten, summed: what a mixer's graph looks like.
  for (NodeId id = 2; id <= kNodes; ++id) batch.node(id, kGain).connect(id, id % 10 == 0 ? 1 : id - 1);
  compiler.takeBatch(batch.take());
  compiler.submit();
  executor.applySubmitted();
  compiler.housekeep();

  bool connected = false;
  double compile = 0, apply = 0, bytes = 0;
  for (auto _ : state) {
    if (connected) {
      batch.add(5001, Disconnect{0, 7, 0});
    } else {
      batch.connect(5001, 7);
    }
    connected = !connected;
    std::vector<std::byte> message;
    for (const CommandRecord& record : batch.take()) encode(message, record);
    const auto start = Clock::now();
    compiler.takeBatch(decodeCommands(message));
    compiler.submit();
    const auto compiled = Clock::now();
    executor.applySubmitted();
    const auto applied = Clock::now();
    compiler.housekeep();
    compile += microseconds(compiled - start);
    apply += microseconds(applied - compiled);
    bytes = static_cast<double>(message.size());
  }
  const double count = static_cast<double>(state.iterations());
  state.counters["bytes"] = bytes;
  state.counters["compile_us"] = compile / count;
  state.counters["render_thread_us"] = apply / count;
}
BENCHMARK(OneConnectionIn10000Nodes)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace backline

#include <benchmark/benchmark.h>

#include <array>

#include "dsp/timeline.h"

namespace backline::dsp {
namespace {

constexpr float kRate = 48000;
constexpr std::uint64_t kQuantum = 128;

// One quantum of an endless piece of the given kind.
void piece(benchmark::State& state, EventKind kind) {
  Timeline timeline(1, -1e9f, 1e9f, kRate);
  TimelineEvent start{.kind = EventKind::setValue, .time = 0, .value = 1};
  const std::array<float, 4> values{0, 1, 0, 2};
  TimelineEvent event{.kind = kind, .time = 0, .value = 2, .timeConstant = 1e6, .duration = 1e7, .curve = values};
  if (event.isRamp()) event.time = 1e7;
  timeline.insert(&start);
  timeline.insert(&event);
  std::array<float, kQuantum> out;
  std::uint64_t frame = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(timeline.process(frame, out));
    frame += kQuantum;
  }
}
BENCHMARK_CAPTURE(piece, held, EventKind::setValue);
BENCHMARK_CAPTURE(piece, linearRamp, EventKind::linearRamp);
BENCHMARK_CAPTURE(piece, exponentialRamp, EventKind::exponentialRamp);
BENCHMARK_CAPTURE(piece, setTarget, EventKind::setTarget);
BENCHMARK_CAPTURE(piece, curve, EventKind::setValueCurve);

// A sequencer's load: events appended at the tail and passed, one a quantum, a thousand scheduled ahead.
void appendAndPass(benchmark::State& state) {
  constexpr std::size_t kAhead = 1000;
  Timeline timeline(1, -1e9f, 1e9f, kRate);
  std::array<TimelineEvent, kAhead + 2> events;
  std::array<float, kQuantum> out;
  std::uint64_t frame = 0, next = 0;
  TimelineEvent* free = nullptr;
  for (auto& event : events) event.next = free, free = &event;
  for (auto _ : state) {
    while (free && next < frame / kQuantum + kAhead) {
      TimelineEvent* event = free;
      free = event->next;
      event->time = static_cast<double>(next++ * kQuantum) / kRate;
      timeline.insert(event);
    }
    timeline.process(frame, out);
    frame += kQuantum;
    for (TimelineEvent* event = timeline.takeRetired(); event;) {
      TimelineEvent* following = event->next;
      event->next = free, free = event, event = following;
    }
  }
}
BENCHMARK(appendAndPass);

}  // namespace
}  // namespace backline::dsp

// The render host from outside, with this program in the place of both others: how long after a device callback is the ring full again,
// and how long after a commit is a value applied. Prints percentiles in microseconds.
//
//   host_bench [--seconds N] [--load N]     N busy threads beside it (default 2: both cores of a small machine)

#include <atomic>
#include <cstring>
#include <string>
#include <thread>

#include "bench/session/host_rig.h"
#include "transport/realtime.h"

namespace backline::bench {
namespace {

using namespace render;

void sleepTo(std::int64_t nanoseconds) {
  const timespec wake{nanoseconds / 1'000'000'000, nanoseconds % 1'000'000'000};
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &wake, nullptr);
}

/// What an audio server does, on the clock: for each callback, microseconds until the ring was full again.
std::vector<double> callbacks(HostRig& rig, double seconds) {
  const auto period = static_cast<std::int64_t>(1e9 * HostRig::kCallback / HostRig::kRate);
  std::vector<float> frames(HostRig::kCallback * HostRig::kChannels);
  std::vector<double> refilled;
  const transport::DenormalsFlushed denormals;
  transport::enterRealtimePriority(70);
  while (rig.reader.available() < HostRig::kCallback) sleepFor(1'000'000);   // it has started
  std::int64_t deadline = now();
  for (const std::int64_t end = deadline + static_cast<std::int64_t>(seconds * 1e9); deadline < end;) {
    deadline += period;
    sleepTo(deadline);
    const std::int64_t start = now();
    rig.reader.read(frames.data(), HostRig::kCallback);
    rig.refill.signal();
    // Asleep as a device's thread is, then told by the page when the ring was full; one that is not by now counts as that late.
    sleepTo(start + period * 3 / 4);
    const ipc::SessionStatus status = rig.status();
    const bool full = rig.reader.available() + HostRig::kQuantum > status.ringTarget;
    refilled.push_back(static_cast<double>((full ? status.nanoseconds : now()) - start) / 1000);
  }
  return refilled;
}

/// How late the machine itself wakes a bare thread of the render thread's priority: what the figure above cannot beat.
std::vector<double> bareWakeUps(double seconds) {
  std::vector<double> late;
  transport::enterRealtimePriority(60);
  constexpr std::int64_t kPeriod = 2'000'000;
  std::int64_t deadline = now();
  for (const std::int64_t end = deadline + static_cast<std::int64_t>(seconds * 1e9); deadline < end;) {
    deadline += kPeriod;
    sleepTo(deadline);
    late.push_back(static_cast<double>(now() - deadline) / 1000);
  }
  return late;
}

/// One value at a time; the ring is left full meanwhile.
std::vector<double> values(HostRig& rig, int count) {
  std::vector<double> applied;
  while (rig.reader.available() < HostRig::kCallback) sleepFor(1'000'000);
  for (int i = 0; i < count; ++i) {
    rig.batch.setValue(2, 0, static_cast<float>(i) / static_cast<float>(count), 0);
    applied.push_back(rig.apply(rig.batch));
    sleepFor(700'000);
  }
  return applied;
}

void run(double seconds, int load) {
  HostRig rig;
  rig.batch.node(1, kDestination).node(2, kGain).connect(2, 1);
  for (NodeId id = 3; id < 19; ++id) rig.batch.node(id, kOscillator).connect(id, 2).start(id, 0);
  rig.channel.commit(rig.batch.run().takeBytes());

  std::atomic<bool> ending{false};
  std::vector<std::thread> burning;
  for (int i = 0; i < load; ++i)
    burning.emplace_back([&ending] {
      volatile double sink = 0;
      while (!ending.load(std::memory_order_relaxed)) sink = sink + 1;
    });
  std::printf("16 oscillators, quantum %u, callback %u frames, render thread %s, %d busy threads beside it\n", HostRig::kQuantum, HostRig::kCallback,
              rig.priority > 0 ? ("SCHED_FIFO " + std::to_string(rig.priority)).c_str() : "ordinary", load);
  std::vector<double> refilled, late;
  std::thread([&] { refilled = callbacks(rig, seconds); }).join();
  std::thread([&] { late = bareWakeUps(seconds); }).join();
  ending = true;
  for (std::thread& thread : burning) thread.join();
  std::vector<double> applied = values(rig, static_cast<int>(std::max(50.0, seconds * 200)));
  print("device callback to ring refilled", refilled);
  print("  a bare thread's timer, same load", late);
  print("commit to value applied, idle", applied);
}

}  // namespace
}  // namespace backline::bench

int main(int argc, char** argv) {
  double seconds = 20;
  int load = 2;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--seconds") == 0) seconds = std::atof(argv[i + 1]);
    if (std::strcmp(argv[i], "--load") == 0) load = std::atoi(argv[i + 1]);
  }
  backline::bench::run(seconds, load);
}

// The render host from outside, with this program in the place of both others: how long after a device callback is the ring full again,
// and how long after a commit is a value applied. Prints percentiles in microseconds.
//
//   host_bench [--seconds N] [--load N]     N busy threads beside it (default 2: both cores of a small machine)

#include <pthread.h>
#include <time.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstring>
#include <string>
#include <thread>

#include "ipc/connection.h"
#include "ipc/helper_process.h"
#include "ipc/pages.h"
#include "ipc/ring_target.h"
#include "session/remote_session.h"
#include "tests/support/batch.h"
#include "transport/realtime.h"
#include "transport/ring_stream.h"

namespace backline {
namespace {

using namespace render;

constexpr float kRate = 48000;
constexpr std::uint32_t kCallback = 256, kQuantum = 128, kChannels = 2;

std::int64_t now() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

void print(const char* what, std::vector<double>& microseconds) {
  std::sort(microseconds.begin(), microseconds.end());
  const auto at = [&](double part) { return microseconds[std::min(microseconds.size() - 1, static_cast<std::size_t>(part * microseconds.size()))]; };
  std::printf("%-36s n %6zu   p50 %7.1f   p99 %7.1f   p99.9 %7.1f   max %7.1f µs\n", what, microseconds.size(), at(0.5), at(0.99), at(0.999),
              microseconds.back());
}

transport::SharedMemory again(const transport::SharedMemory& memory) { return transport::SharedMemory::map(memory.fd().duplicate()); }

struct Bench {
  session::SessionChannel channel;
  transport::SharedMemory timing = transport::createPage<ipc::SessionStatus>("bench-timing");
  transport::SharedMemory ring = transport::createRingStream("bench-ring", {kChannels, kRate, 4096});
  transport::NotifyFd refill = transport::NotifyFd::create();
  transport::RingReader reader{again(ring)};
  transport::PageReader<ipc::SessionStatus> status{again(timing)};
  test::Batch batch;
  std::vector<double> refilled, wakeUps, applied;

  ipc::SessionStatus read() {
    ipc::SessionStatus value;
    status.read(value);
    return value;
  }

  /// What an audio server does, on the clock; notes how long the ring stays short.
  void callbacks(double seconds, int priority) {
    const std::uint32_t target = ipc::ringTarget(kCallback, kQuantum, priority > 0, 0, kRate, reader.format().capacityFrames);
    const auto period = static_cast<std::int64_t>(1e9 * kCallback / kRate);
    std::vector<float> frames(kCallback * kChannels);
    const transport::DenormalsFlushed denormals;
    transport::enterRealtimePriority(70);
    while (reader.available() + kQuantum <= target) std::this_thread::sleep_for(std::chrono::milliseconds(1));   // it has started
    std::int64_t deadline = now();
    const std::int64_t end = deadline + static_cast<std::int64_t>(seconds * 1e9);
    while (deadline < end) {
      deadline += period;
      const timespec wake{deadline / 1'000'000'000, deadline % 1'000'000'000};
      clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &wake, nullptr);
      const std::int64_t start = now();
      reader.read(frames.data(), kCallback);
      refill.signal();
      // Asleep as a device's thread is, then told by the page when the ring was full; one that is not by now counts as that late.
      const std::int64_t look = start + period * 3 / 4;
      const timespec later{look / 1'000'000'000, look % 1'000'000'000};
      clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &later, nullptr);
      const bool full = reader.available() + kQuantum > target;
      refilled.push_back(static_cast<double>((full ? read().nanoseconds : now()) - start) / 1000);
    }
  }

  /// How late the machine itself wakes a bare thread of the render thread's priority: what the figure above cannot beat.
  void bareWakeUps(double seconds) {
    transport::enterRealtimePriority(60);
    constexpr std::int64_t kPeriod = 2'000'000;
    std::int64_t deadline = now();
    for (const std::int64_t end = deadline + static_cast<std::int64_t>(seconds * 1e9); deadline < end;) {
      deadline += kPeriod;
      const timespec wake{deadline / 1'000'000'000, deadline % 1'000'000'000};
      clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &wake, nullptr);
      wakeUps.push_back(static_cast<double>(now() - deadline) / 1000);
    }
  }

  /// Commits one value at a time and reads in the page when it was applied; the ring is left full meanwhile.
  void values(int count) {
    while (reader.available() < kCallback) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    for (int i = 0; i < count; ++i) {
      std::vector<CommandRecord> records = batch.setValue(2, 0, static_cast<float>(i) / static_cast<float>(count), 0).take();
      const std::uint64_t sequence = records.back().sequence;
      std::vector<std::byte> bytes;
      for (const CommandRecord& record : records) encode(bytes, record);
      const std::int64_t start = now();
      channel.commit(std::move(bytes));
      ipc::SessionStatus seen = read();
      while (seen.appliedSequence < sequence) {
        const timespec pause{0, 20000};
        clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, nullptr);
        seen = read();
      }
      applied.push_back(static_cast<double>(seen.nanoseconds - start) / 1000);
      std::this_thread::sleep_for(std::chrono::microseconds(700));
    }
  }
};

int run(double seconds, int load) {
  auto io = kj::setupAsyncIo();
  ipc::HelperProcess host = ipc::HelperProcess::start({BACKLINE_BINARIES "/backline-render"}, "backline-render");
  {
    ipc::Connection connection(*io.lowLevelProvider, host.takeSocket());
    Bench bench;
    auto request = connection.bootstrap().castAs<ipc::RenderHost>().createSessionRequest();
    auto config = request.initConfig();
    config.setSampleRate(kRate);
    config.setChannels(kChannels);
    config.setQuantum(kQuantum);
    config.setCallbackFrames(kCallback);
    request.setCommands(ipc::describe(bench.channel.commandMemory().fd().duplicate()));
    request.setCommandNotify(ipc::describe(bench.channel.commandNotify().fd().duplicate()));
    request.setNotices(ipc::describe(bench.channel.noticeMemory().fd().duplicate()));
    request.setNoticeNotify(ipc::describe(bench.channel.noticeNotify().fd().duplicate()));
    request.setTiming(ipc::describe(bench.timing.fd().duplicate()));
    request.setRing(ipc::describe(bench.ring.fd().duplicate()));
    request.setRefill(ipc::describe(bench.refill.fd().duplicate()));
    auto answer = request.send().wait(io.waitScope);
    auto session = answer.getSession();
    const int priority = answer.getPriority();

    bench.batch.node(1, kDestination).node(2, kGain).connect(2, 1);
    for (NodeId id = 3; id < 19; ++id) bench.batch.node(id, kOscillator).connect(id, 2).start(id, 0);
    bench.channel.commit(bench.batch.run().takeBytes());

    std::atomic<bool> ending{false};
    std::vector<std::thread> burning;
    for (int i = 0; i < load; ++i)
      burning.emplace_back([&ending] {
        volatile double sink = 0;
        while (!ending.load(std::memory_order_relaxed)) sink = sink + 1;
      });
    std::printf("16 oscillators, quantum %u, callback %u frames, render thread %s, %d busy threads beside it\n", kQuantum, kCallback,
                priority > 0 ? ("SCHED_FIFO " + std::to_string(priority)).c_str() : "ordinary", load);
    std::thread callback([&] { bench.callbacks(seconds, priority); });
    callback.join();
    std::thread bare([&] { bench.bareWakeUps(seconds); });
    bare.join();
    ending = true;
    for (std::thread& thread : burning) thread.join();
    bench.values(static_cast<int>(std::max(50.0, seconds * 200)));
    print("device callback to ring refilled", bench.refilled);
    print("  a bare thread's timer, same load", bench.wakeUps);
    print("commit to value applied, idle", bench.applied);
  }
  host.finish(2000);
  return 0;
}

}  // namespace
}  // namespace backline

int main(int argc, char** argv) {
  double seconds = 20;
  int load = 2;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--seconds") == 0) seconds = std::atof(argv[i + 1]);
    if (std::strcmp(argv[i], "--load") == 0) load = std::atoi(argv[i + 1]);
  }
  return backline::run(seconds, load);
}

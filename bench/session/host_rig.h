#pragma once

#include <time.h>

#include <algorithm>
#include <cstdio>
#include <vector>

#include "ipc/connection.h"
#include "ipc/helper_process.h"
#include "ipc/pages.h"
#include "session/session_channel.h"
#include "tests/support/batch.h"
#include "transport/ring_stream.h"

namespace backline::bench {

inline std::int64_t now() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

inline void sleepFor(std::int64_t nanoseconds) {
  const timespec pause{nanoseconds / 1'000'000'000, nanoseconds % 1'000'000'000};
  clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, nullptr);
}

/// One line of percentiles; sorts what it is given.
inline void print(const char* what, std::vector<double>& microseconds) {
  std::sort(microseconds.begin(), microseconds.end());
  const auto at = [&](double part) {
    return microseconds[std::min(microseconds.size() - 1, static_cast<std::size_t>(part * static_cast<double>(microseconds.size())))];
  };
  std::printf("%-44s n %6zu   p50 %7.1f   p99 %7.1f   p99.9 %7.1f   max %7.1f µs\n", what, microseconds.size(), at(0.5), at(0.99),
              at(0.999), microseconds.back());
}

inline transport::SharedMemory again(const transport::SharedMemory& memory) { return transport::SharedMemory::map(memory.fd().duplicate()); }

/// A native render host with one session, this program in the place of both others.
class HostRig {
 public:
  static constexpr float kRate = 48000;
  static constexpr std::uint32_t kCallback = 256, kQuantum = 128, kChannels = 2;

  HostRig() : io(kj::setupAsyncIo()), process_(ipc::HelperProcess::start({BACKLINE_BINARIES "/backline-render"}, "backline-render")) {
    connection_ = kj::heap<ipc::Connection>(*io.lowLevelProvider, process_.takeSocket());
    auto request = host().createSessionRequest();
    auto config = request.initConfig();
    config.setSampleRate(kRate);
    config.setChannels(kChannels);
    config.setQuantum(kQuantum);
    config.setCallbackFrames(kCallback);
    const auto give = [](const transport::Fd& fd) { return ipc::describe(fd.duplicate()); };
    request.setCommands(give(channel.commandMemory().fd()));
    request.setCommandNotify(give(channel.commandNotify().fd()));
    request.setNotices(give(channel.noticeMemory().fd()));
    request.setNoticeNotify(give(channel.noticeNotify().fd()));
    request.setTiming(give(timing_.fd()));
    request.setRing(give(ring_.fd()));
    request.setRefill(give(refill.fd()));
    request.setCosts(give(costs_.fd()));
    request.setOutput(give(output_.fd()));
    request.setBlackBox(give(blackBox_.fd()));
    auto answer = request.send().wait(io.waitScope);
    session_ = answer.getSession();
    priority = answer.getPriority();
  }
  ~HostRig() {
    session_ = nullptr;
    connection_ = nullptr;
    process_.finish(2000);
  }

  ipc::RenderHost::Client host() { return connection_->bootstrap().castAs<ipc::RenderHost>(); }
  ipc::SessionStatus status() const {
    ipc::SessionStatus value;
    status_.read(value);
    return value;
  }
  /// Sends a batch and waits, looking every 20 µs, until the render thread has applied it. Microseconds from commit to applied.
  double apply(test::Batch& batch) {
    std::vector<render::CommandRecord> records = batch.take();
    const std::uint64_t sequence = records.back().sequence;
    std::vector<std::byte> bytes;
    for (const render::CommandRecord& record : records) encode(bytes, record);
    const std::int64_t start = now();
    channel.commit(std::move(bytes));
    ipc::SessionStatus seen = status();
    while (seen.appliedSequence < sequence) {
      sleepFor(20'000);
      seen = status();
    }
    return static_cast<double>(seen.nanoseconds - start) / 1000;
  }

 private:
  transport::SharedMemory timing_ = transport::createPage<ipc::SessionStatus>("bench-timing");
  transport::SharedMemory costs_ = transport::createPage<ipc::SessionCosts>("bench-costs");
  transport::SharedMemory output_ = transport::createPage<ipc::OutputStatus>("bench-output");
  transport::SharedMemory blackBox_ = render::BlackBox::create();
  transport::SharedMemory ring_ = transport::createRingStream("bench-ring", {kChannels, kRate, 4096});
  transport::PageReader<ipc::SessionStatus> status_{again(timing_)};

 public:
  session::SessionChannel channel;
  transport::NotifyFd refill = transport::NotifyFd::create();
  transport::RingReader reader{again(ring_)};
  test::Batch batch;
  kj::AsyncIoContext io;
  int priority = 0;

 private:
  ipc::HelperProcess process_;
  kj::Own<ipc::Connection> connection_;
  kj::Maybe<ipc::RenderSession::Client> session_;
};

}  // namespace backline::bench

#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <thread>

#include "tests/support/child_process.h"
#include "transport/shared_memory.h"

namespace backline::transport::test {

/// Where the other side of a stream runs: in a process as in life, or in a thread, where ThreadSanitizer sees
/// it.
enum class Side { process, thread };

/// Runs `body` on the other side until it returns.
class Peer {
 public:
  Peer(Side side, std::function<int()> body) {
    if (side == Side::process) {
      process_ = std::make_unique<backline::test::ChildProcess>(body);
    } else {
      thread_ = std::thread([this, body = std::move(body)] { status_ = body(); });
    }
  }
  ~Peer() { wait(); }

  int wait() {
    if (process_) return process_->wait();
    if (thread_.joinable()) thread_.join();
    return status_;
  }

 private:
  std::unique_ptr<backline::test::ChildProcess> process_;
  std::thread thread_;
  int status_ = 0;
};

/// The same segment mapped a second time, as a peer does it.
inline SharedMemory mapAgain(const SharedMemory& memory) {
  return SharedMemory::map(memory.fd().duplicate());
}

/// A field of a segment, to spoil it.
template <class T>
T& field(const SharedMemory& memory, std::size_t offset) {
  return *reinterpret_cast<T*>(memory.bytes().data() + offset);
}

inline std::uint64_t mix(std::uint64_t value) {
  value = (value ^ (value >> 31)) * 0x7fb5d329728ea185u;
  value = (value ^ (value >> 27)) * 0x81dadef4bc2dd44du;
  return value ^ (value >> 33);
}

/// Sleeps for a random time in which a busy peer gets to any point of its work.
template <class Random>
void pauseAtRandom(Random& random) {
  std::this_thread::sleep_for(std::chrono::microseconds(std::uniform_int_distribution<int>(0, 400)(random)));
}

}  // namespace backline::transport::test

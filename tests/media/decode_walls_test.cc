// What a process that decodes can reach: nothing but what it was given, in limited memory and time.

#include "media/decode_walls.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <vector>

#include "ipc/syscall_filter.h"
#include "tests/host/denied_calls.h"
#include "tests/support/child_process.h"

namespace backline::media {
namespace {

constexpr DecodeLimits kLimits{.memory = 256 << 20, .written = 1 << 20, .processorSeconds = 1};

/// What `body` returns behind the walls, in a process of its own; 100: the walls do not stand.
int behindWalls(const std::function<int()>& body) {
  test::ChildProcess child([&] { return enterDecodeWalls(kLimits).empty() ? body() : 100; });
  return child.wait();
}

class DecodeWalls : public testing::Test {
 protected:
  void SetUp() override {
    if (const std::string why = ipc::whyWithoutWalls(); !why.empty()) GTEST_SKIP() << why;
    ASSERT_EQ(behindWalls([] { return 0; }), 0);
  }
};

TEST_F(DecodeWalls, DenyWhatAHostMayNotDoEither) {
  EXPECT_EQ(behindWalls([] {
              const std::string allowed = host::test::callsNotDenied();
              static_cast<void>(!write(STDERR_FILENO, allowed.data(), allowed.size()));
              return allowed.empty() ? 0 : 1;
            }),
            0);
}

TEST_F(DecodeWalls, DenyThreadsMemoryThatIsSharedAndCodeThatIsMade) {
  EXPECT_EQ(behindWalls([] {
              const auto denied = [](void* mapped) { return mapped == MAP_FAILED && errno == EPERM; };
              if (!denied(mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))) return 1;
              if (!denied(mmap(nullptr, 4096, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0))) return 2;
              if (!denied(mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))) return 3;
              void* page = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
              if (page == MAP_FAILED) return 4;
              if (mprotect(page, 4096, PROT_READ | PROT_EXEC) == 0 || errno != EPERM) return 5;
              if (memfd_create("more", 0) >= 0 || errno != EPERM) return 6;
              pthread_t thread;
              if (pthread_create(&thread, nullptr, [](void*) -> void* { return nullptr; }, nullptr) == 0) return 7;
              return 0;
            }),
            0);
}

TEST_F(DecodeWalls, BoundMemoryHoweverItIsAskedFor) {
  EXPECT_EQ(behindWalls([] {
              if (mmap(nullptr, 257 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED) return 1;
              // Reserved as unreadable or read-only first, and made writable later.
              for (const int first : {PROT_NONE, PROT_READ}) {
                void* reserved = mmap(nullptr, 257 << 20, first, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
                if (reserved != MAP_FAILED && mprotect(reserved, 257 << 20, PROT_READ | PROT_WRITE) == 0) return 2;
              }
              if (sbrk(257 << 20) != reinterpret_cast<void*>(-1)) return 3;
              std::vector<char> some(16 << 20, 'x');
              return some.back() == 'x' ? 0 : 4;
            }),
            0);
}

TEST_F(DecodeWalls, EndAProcessWhoseTimeIsOver) {
  EXPECT_EQ(behindWalls([] {
              for (std::atomic<int> i = 0;; ++i) {
              }
              return 0;
            }),
            -SIGXCPU);
}

TEST_F(DecodeWalls, BoundWhatIsWritten) {
  const int file = memfd_create("samples", MFD_CLOEXEC);
  ASSERT_GE(file, 0);
  EXPECT_EQ(behindWalls([&] {
              const std::vector<char> much(1 << 20);
              if (write(file, much.data(), much.size()) != 1 << 20) return 1;
              return write(file, much.data(), 1) < 0 && errno == EFBIG ? 0 : 2;
            }),
            0);
  close(file);
}

}  // namespace
}  // namespace backline::media

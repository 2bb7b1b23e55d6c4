// What another user of the machine can reach of a program that plays: nothing. There are no files and no sockets with names; the shared
// memory is anonymous, and the kernel keeps the ways to a process's descriptors and memory to its owner.

#include <gtest/gtest.h>
#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/session/playing.h"
#include "tests/support/child_process.h"

namespace backline {
namespace {

using namespace test;

constexpr uid_t kNobody = 65534;

enum Reached { kNothing = 0, kDescriptors = 1, kMemoryFile = 2, kMemory = 4, kTracing = 8, kSignals = 16, kOneself = 32 };

/// What this process can reach of that one. `address`: something in its memory.
int reach(int pid, void* address) {
  const std::string folder = "/proc/" + std::to_string(pid);
  int reached = kNothing;
  if (opendir((folder + "/fd").c_str()) != nullptr) reached |= kDescriptors;
  for (int fd = 0; fd < 256; ++fd) {
    if (open((folder + "/fd/" + std::to_string(fd)).c_str(), O_RDONLY | O_NONBLOCK) >= 0) reached |= kDescriptors;
  }
  if (open((folder + "/mem").c_str(), O_RDONLY) >= 0) reached |= kMemoryFile;
  char byte;
  const iovec to{&byte, 1}, from{address, 1};
  if (process_vm_readv(pid, &to, 1, &from, 1, 0) >= 0) reached |= kMemory;
  if (ptrace(PTRACE_SEIZE, pid, nullptr, nullptr) == 0) reached |= kTracing;
  if (kill(pid, 0) == 0) reached |= kSignals;
  return reached;
}

TEST(Walls, AnotherUserReachesNeitherDescriptorsNorMemoryOfTheProgramOrItsHelpers) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  Playing playing("virtual", "walls");
  const session::Engine::Helpers helpers = playing.engine().helpers();
  int known = 0;
  for (const int pid : {getpid(), helpers.audioPid, helpers.renderPid}) {
    backline::test::ChildProcess other([&]() -> int {
      if (setgroups(0, nullptr) != 0 || setgid(kNobody) != 0 || setuid(kNobody) != 0) return kOneself;
      return reach(pid, &known);
    });
    EXPECT_EQ(other.wait(), kNothing) << "of process " << pid;
  }
  playing.goesOn();
}

}  // namespace
}  // namespace backline

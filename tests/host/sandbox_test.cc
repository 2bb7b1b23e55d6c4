// The walls around a render host: what is denied, and that all it lives on goes on behind them.

#include "host/sandbox.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/socket.h>

#include <cstdlib>
#include <fstream>
#include <thread>

#include "tests/host/denied_calls.h"
#include "tests/host/host_process.h"
#include "tests/support/child_process.h"
#include "transport/block_stream.h"
#include "transport/realtime.h"

namespace backline::host::test {
namespace {

/// What `body` says after the walls stand, in a process of its own; empty: all is well.
std::string behindWalls(const std::function<std::string()>& body) {
  int ends[2];
  EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  const transport::Fd ours(ends[0]);
  transport::Fd theirs(ends[1]);
  backline::test::ChildProcess child([&]() -> int {
    const Sandbox sandbox = enterSandbox();
    const std::string said = sandbox.walls == Walls::standing ? body() : "no walls: " + sandbox.why;
    return write(theirs.get(), said.data(), said.size()) == static_cast<ssize_t>(said.size()) ? 0 : 1;
  });
  theirs.reset();
  std::string said;
  char text[4096];
  for (ssize_t count; (count = read(ours.get(), text, sizeof text)) > 0;) said.append(text, static_cast<std::size_t>(count));
  EXPECT_EQ(child.wait(), 0);
  return said;
}

class SandboxTest : public testing::Test {
 protected:
  void SetUp() override {
    const Sandbox probe = [] {
      std::string why = behindWalls([] { return std::string(); });
      return Sandbox{why.empty() ? Walls::standing : Walls::switchedOff, why};
    }();
    if (probe.why.find("sanitizers") != std::string::npos) GTEST_SKIP() << probe.why;
    ASSERT_EQ(probe.why, "");
  }
};

TEST_F(SandboxTest, FilesSocketsProcessesAndSignalsToOthersAreDeniedWithAnErrno) {
  EXPECT_EQ(behindWalls([] { return callsNotDenied(); }), "");
}

TEST_F(SandboxTest, TheFilterHoldsForThreadsThatWereThereBeforeAndThatComeAfter) {
  EXPECT_EQ(behindWalls([] {
              std::string said;
              std::thread([&] { said = callsNotDenied(); }).join();
              return said;
            }),
            "");
}

TEST_F(SandboxTest, ThreadsMemoryDescriptorsAndClocksGoOn) {
  EXPECT_EQ(behindWalls([]() -> std::string {
              std::string said;
              std::thread([&] {
                pthread_setname_np(pthread_self(), "behind-walls");
                transport::enterRealtimePriority(10);   // obtained or refused: an answer, not an end
                const auto blocks = transport::createBlockStream("behind-walls", 4096);
                const auto again = transport::SharedMemory::map(blocks.fd().duplicate());
                const auto bell = transport::NotifyFd::create();
                bell.signal();
                if (!bell.drain()) said += "an eventfd; ";
                std::vector<std::byte> large(64 << 20, std::byte{1});
                if (large.back() != std::byte{1}) said += "memory; ";
              }).join();
              return said;
            }),
            "");
}

TEST_F(SandboxTest, ItCanBeSwitchedOff) {
  backline::test::ChildProcess child([]() -> int {
    setenv("BACKLINE_SANDBOX", "off", 1);
    const Sandbox sandbox = enterSandbox();
    return sandbox.walls == Walls::switchedOff && seccompMode() == 0 && !sandbox.why.empty() ? 0 : 1;
  });
  EXPECT_EQ(child.wait(), 0);
}

TEST_F(SandboxTest, TheNativeRenderHostPlaysBehindIt) {
  HostProcess host;
  HostedSession session(host);
  playConstant(session, 0.25f);
  ASSERT_TRUE(session.applied(1));
  session.play(8192);
  for (const float sample : session.play(2048)) ASSERT_EQ(sample, 0.25f);
  std::ifstream status("/proc/" + std::to_string(host.pid()) + "/status");
  std::string word, mode;
  while (status >> word)
    if (word == "Seccomp:") status >> mode;
  EXPECT_EQ(mode, "2");
}

}  // namespace
}  // namespace backline::host::test

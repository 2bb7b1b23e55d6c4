#include "ipc/helper_process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "transport/error.h"

namespace backline::ipc {
namespace {

constexpr int kPatience = 10000;  // milliseconds; only a failing test takes them

HelperProcess shell(const std::string& script) { return HelperProcess::start({"/bin/sh", "-c", script}, "helper-test"); }

/// 32 and 33, which glibc keeps to itself.
constexpr unsigned long long kLibrarySignals = 0x1'8000'0000;

/// What the script writes to its socket until it ends.
std::string output(const std::string& script) {
  HelperProcess helper = shell(script);
  const transport::Fd socket = helper.takeSocket();
  std::string text;
  char buffer[4096];
  for (ssize_t got; (got = read(socket.get(), buffer, sizeof buffer)) > 0;) text.append(buffer, static_cast<std::size_t>(got));
  helper.finish(kPatience);
  return text;
}

TEST(HelperProcess, HasItsSocketAsDescriptorThree) { EXPECT_EQ(output("echo hello >&3"), "hello\n"); }

TEST(HelperProcess, InheritsNoOtherDescriptor) {
  const int leak = open("/dev/null", O_RDONLY);  // not close-on-exec
  const std::string fds = output("exec >&3; ls /proc/$$/fd");
  close(leak);
  EXPECT_EQ(fds, "0\n1\n2\n3\n");
}

TEST(HelperProcess, ReadsEndOfFileFromStandardInput) { EXPECT_EQ(output("readlink /proc/$$/fd/0 >&3"), "/dev/null\n"); }

TEST(HelperProcess, TellsTheProcessorTimeThatItHasBeenGivenAsLongAsThereIsOne) {
  HelperProcess helper = shell("i=0; while [ $i -lt 50000 ]; do i=$((i + 1)); done; echo done >&3; read line <&3");
  const transport::Fd socket = helper.takeSocket();
  char text[8];
  const double early = helper.processorTime();
  ASSERT_EQ(read(socket.get(), text, sizeof text), 5);
  EXPECT_GT(helper.processorTime(), early);
  helper.kill();
  helper.finish(kPatience);
  EXPECT_EQ(helper.processorTime(), 0);
}

/// Standard error of this process is something else for as long as this lives.
class StandardError {
 public:
  /// -1: closed.
  explicit StandardError(int replacement) : saved_(fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10)) {
    replacement < 0 ? close(STDERR_FILENO) : dup2(replacement, STDERR_FILENO);
  }
  ~StandardError() {
    dup2(saved_, STDERR_FILENO);
    close(saved_);
  }

 private:
  int saved_;
};

TEST(HelperProcess, WritesBothOutputsToTheProgramsStandardErrorThoughItIsCloseOnExec) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  {
    const StandardError here(ends[1]);
    fcntl(STDERR_FILENO, F_SETFD, FD_CLOEXEC);   // as Node has it
    EXPECT_EQ(shell("echo out; echo err >&2").finish(kPatience), 0);
  }
  close(ends[1]);
  char text[64] = "";
  EXPECT_EQ(read(ends[0], text, sizeof text - 1), 8);
  EXPECT_STREQ(text, "out\nerr\n");
  close(ends[0]);
}

TEST(HelperProcess, OfAProgramWithoutStandardErrorWritesToNowhere) {
  const StandardError closed(-1);
  EXPECT_EQ(output("echo lost >&2; files=$(readlink /proc/$$/fd/1 /proc/$$/fd/2); echo \"$files\" >&3"), "/dev/null\n/dev/null\n");
}

TEST(HelperProcess, IsShownUnderItsName) { EXPECT_EQ(output("tr '\\0' '\\n' </proc/$$/cmdline | head -n 1 >&3"), "helper-test\n"); }

TEST(HelperProcess, IsTheLeaderOfItsOwnGroup) {
  HelperProcess helper = shell("read line <&3");
  EXPECT_EQ(getpgid(helper.pid()), helper.pid());
  helper.takeSocket().reset();
  EXPECT_EQ(helper.finish(kPatience), W_EXITCODE(1, 0));
}

TEST(HelperProcess, StartsWithNoSignalBlockedOrIgnored) {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  const auto handler = signal(SIGUSR1, SIG_IGN);
  const std::string masks = output("exec sed -nE 's/^Sig(Blk|Ign):\\t//p' /proc/self/status >&3");
  signal(SIGUSR1, handler);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  std::size_t end = 0;
  const unsigned long long blocked = std::stoull(masks, &end, 16);
  const unsigned long long ignored = std::stoull(masks.substr(end), nullptr, 16) & ~kLibrarySignals;
  EXPECT_EQ(blocked, 0u) << std::hex << blocked;
  EXPECT_EQ(ignored, 0u) << std::hex << ignored;
}

TEST(HelperProcess, AProgramThatIsMissingIsNamed) {
  try {
    HelperProcess::start({"/nowhere/backline-nothing"}, "helper-test");
    FAIL() << "it started";
  } catch (const transport::TransportError& error) {
    EXPECT_NE(std::string(error.what()).find("/nowhere/backline-nothing"), std::string::npos) << error.what();
  }
}

TEST(HelperProcess, ItsPidFdTellsItsEnd) {
  HelperProcess helper = shell("exit 7");
  pollfd ended{helper.pidFd().get(), POLLIN, 0};
  ASSERT_EQ(poll(&ended, 1, kPatience), 1);
  EXPECT_EQ(helper.finish(0), W_EXITCODE(7, 0));
}

TEST(HelperProcess, OneThatDoesNotEndIsKilledAndReaped) {
  HelperProcess helper = shell("while :; do sleep 1; done");
  const int pid = helper.pid();
  EXPECT_EQ(helper.finish(50), W_EXITCODE(0, SIGKILL));
  EXPECT_EQ(kill(pid, 0), -1) << "the process is still there";
}

TEST(HelperProcess, NoneIsLeftWhenItEndedBeforeItsObject) {
  int pid;
  {
    HelperProcess helper = shell("exit 0");
    pid = helper.pid();
    pollfd ended{helper.pidFd().get(), POLLIN, 0};
    ASSERT_EQ(poll(&ended, 1, kPatience), 1);
  }
  EXPECT_EQ(kill(pid, 0), -1) << "a zombie is left";
}

TEST(HelperProcess, CanBeMoved) {
  HelperProcess first = shell("exit 3");
  HelperProcess second = std::move(first);
  EXPECT_EQ(second.finish(kPatience), W_EXITCODE(3, 0));
}

}  // namespace
}  // namespace backline::ipc

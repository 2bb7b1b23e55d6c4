// Processes that decode and are killed, hang or take too long, and programs that go while one decodes.

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <thread>

#include "ipc/syscall_filter.h"
#include "tests/media/decoding.h"
#include "tests/media/guests.h"
#include "tests/media/sound_files.h"
#include "tests/support/child_process.h"

namespace backline {
namespace {

using test::childrenOf;
using test::comes;
using test::decodingFailure;
using test::decodingFor;
using test::runs;
using test::sine;
using test::writeSound;

/// A file whose decoding takes seconds: minutes of noise, to be resampled.
const std::vector<std::byte>& longFile() {
  static const auto bytes = writeSound(SF_FORMAT_WAV | SF_FORMAT_PCM_16, 44100, 2, sine(440, 44100, 2, 20'000'000));
  return bytes;
}

/// A decoding of the long file that has begun, on a thread of its own.
class Decoding {
 public:
  explicit Decoding(media::Decoder& decoder) : thread_([this, &decoder] {
    failure_ = decodingFailure(decoder, longFile());
    over_ = true;
  }) {
    EXPECT_TRUE(comes([&] { return decoder.helper()->pid() != 0 && !decodingFor(decoder.helper()->pid()).empty(); }));
    const auto pids = decodingFor(decoder.helper()->pid());
    pid_ = pids.empty() ? 0 : pids.back();
  }
  int pid() const { return pid_; }
  bool isOver() const { return over_; }
  std::string failure() {
    if (thread_.joinable()) thread_.join();
    return failure_;
  }

 private:
  int pid_ = 0;
  std::string failure_;
  std::atomic<bool> over_ = false;
  std::jthread thread_;
};

TEST(DecoderDeath, AProcessThatCrashesFailsItsDecodingOnly) {
  longFile();
  media::Decoder decoder({.command = {BACKLINE_DECODE}});
  Decoding first(decoder);
  std::string other = "has not run";
  {
    std::jthread second([&] { other = decodingFailure(decoder, writeSound(SF_FORMAT_WAV | SF_FORMAT_PCM_16, 44100, 2, sine(440, 44100, 2, 3'000'000))); });
    ASSERT_EQ(kill(first.pid(), SIGSEGV), 0);
  }
  EXPECT_NE(first.failure().find("signal 11 (Segmentation fault)"), std::string::npos) << first.failure();
  EXPECT_EQ(other, "");
}

TEST(DecoderDeath, OneThatIsKilledSaysSo) {
  longFile();
  media::Decoder decoder({.command = {BACKLINE_DECODE}});
  Decoding decoding(decoder);
  const int helper = decoder.helper()->pid();
  ASSERT_EQ(kill(decoding.pid(), SIGKILL), 0);
  EXPECT_NE(decoding.failure().find("signal 9 (Killed)"), std::string::npos) << decoding.failure();
  EXPECT_EQ(decoder.helper()->pid(), helper);
}

TEST(DecoderDeath, OneThatWaitedForAFileIsReplaced) {
  media::Decoder decoder({.command = {BACKLINE_DECODE}});
  const auto bytes = writeSound(SF_FORMAT_WAV | SF_FORMAT_PCM_16, 48000, 1, sine(440, 48000, 1, 100));
  for (int i = 0; i < 20; ++i) {
    ASSERT_EQ(decodingFailure(decoder, bytes), "");
    ASSERT_TRUE(comes([&] { return childrenOf(decoder.helper()->pid()).size() == 1 && decodingFor(decoder.helper()->pid()).empty(); }));
    const int waits = childrenOf(decoder.helper()->pid())[0];
    kill(waits, SIGKILL);
    ASSERT_TRUE(comes([&] { return childrenOf(decoder.helper()->pid()).empty(); }));
  }
}

TEST(DecoderDeath, HowEachEndedIsToldWhereverItWasKilled) {
  media::Decoder decoder({.command = {BACKLINE_DECODE}});
  const auto bytes = writeSound(SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 44100, 2, sine(440, 44100, 2, 500'000));
  ASSERT_EQ(decodingFailure(decoder, bytes), "");
  std::atomic<bool> over = false;
  std::jthread killer([&] {
    for (int pause = 0; !over; pause = (pause + 137) % 2000) {
      for (const int pid : childrenOf(decoder.helper()->pid())) kill(pid, SIGKILL);
      std::this_thread::sleep_for(std::chrono::microseconds(pause));
    }
  });
  for (int i = 0; i < 200; ++i) {
    const std::string failure = decodingFailure(decoder, bytes);
    EXPECT_TRUE(failure.empty() || failure.find("signal 9") != std::string::npos) << failure;
  }
  over = true;
}

TEST(DecoderDeath, AHelperThatIsKilledTakesItsDecodingsAlongAndTheNextFileStartsAnother) {
  longFile();
  media::Decoder decoder({.command = {BACKLINE_DECODE}});
  Decoding decoding(decoder);
  const int helper = decoder.helper()->pid();
  ASSERT_EQ(kill(helper, SIGKILL), 0);
  EXPECT_NE(decoding.failure().find("backline-decode"), std::string::npos) << decoding.failure();
  EXPECT_TRUE(comes([&] { return !runs(decoding.pid()); })) << "the process that decoded is still there";
  EXPECT_EQ(decodingFailure(decoder, writeSound(SF_FORMAT_WAV | SF_FORMAT_PCM_16, 48000, 1, sine(440, 48000, 1, 100))), "");
  EXPECT_NE(decoder.helper()->pid(), helper);
}

TEST(DecoderDeath, OneThatTakesTooMuchProcessorTimeIsEnded) {
  media::Decoder decoder({.command = {BACKLINE_DECODE}, .seconds = 0.001});   // a second at least
  const auto slow = writeSound(SF_FORMAT_WAV | SF_FORMAT_PCM_16, 8000, 1, sine(440, 8000, 1, 5'000'000));
  const std::string failure = decodingFailure(decoder, slow, "EncodingError", 768000);   // 480 million frames, in the end
  EXPECT_NE(failure.find("was not decoded in 1 s of processor time"), std::string::npos) << "\"" << failure << "\"";
}

TEST(DecoderDeath, OneThatHangsIsGivenUp) {
  longFile();
  media::Decoder decoder({.command = {BACKLINE_DECODE}, .seconds = 0.001, .patience = 1});
  Decoding decoding(decoder);
  ASSERT_EQ(kill(decoding.pid(), SIGSTOP), 0);
  EXPECT_NE(decoding.failure().find("given up"), std::string::npos) << decoding.failure();
  EXPECT_TRUE(comes([&] { return !runs(decoding.pid()); })) << "it is still there";
}

TEST(DecoderDeath, OneThatWantsMoreMemoryThanItMayHaveSaysSo) {
  if (const std::string why = ipc::whyWithoutWalls(); !why.empty()) GTEST_SKIP() << why;
  media::Decoder decoder({.command = {BACKLINE_DECODE}, .memory = 8 << 20});
  const auto many = writeSound(SF_FORMAT_WAV | SF_FORMAT_FLOAT, 48000, 32, sine(440, 48000, 32, 200'000));
  const std::string failure = decodingFailure(decoder, many);
  EXPECT_NE(failure.find("memory"), std::string::npos) << failure;
}

TEST(DecoderDeath, WhenItIsShutADecodingFailsAtOnce) {
  longFile();
  auto decoder = std::make_unique<media::Decoder>(media::DecoderOptions{.command = {BACKLINE_DECODE}});
  Decoding decoding(*decoder);
  decoder->shut();
  EXPECT_NE(decoding.failure(), "");
  EXPECT_TRUE(comes([&] { return !runs(decoding.pid()); }));
}

TEST(DecoderDeath, AProgramThatIsKilledLeavesNoProcessBehind) {
  longFile();
  int told[2];
  ASSERT_EQ(pipe(told), 0);
  test::ChildProcess program([&]() -> int {
    media::Decoder decoder({.command = {BACKLINE_DECODE}});
    Decoding decoding(decoder);
    const int pids[] = {decoder.helper()->pid(), decoding.pid()};
    static_cast<void>(!write(told[1], pids, sizeof pids));
    pause();
    return 0;
  });
  int pids[2] = {};
  ASSERT_EQ(read(told[0], pids, sizeof pids), static_cast<ssize_t>(sizeof pids));
  EXPECT_TRUE(runs(pids[1]));
  program.kill();
  program.wait();
  for (const int pid : pids) EXPECT_TRUE(comes([&] { return !runs(pid); })) << pid << " is still there";
  close(told[0]);
  close(told[1]);
}

}  // namespace
}  // namespace backline

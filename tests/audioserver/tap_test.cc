#include "audioserver/tap.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <filesystem>
#include <thread>

#include "audioserver/device_info.h"
#include "fake_session.h"
#include "server_process.h"
#include "tests/support/seed.h"

namespace backline::audioserver {
namespace {

using namespace test;

void finish(Tap& tap) {
  tap.end();
  while (!tap.done()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

class TapTest : public testing::Test {
 protected:
  const std::vector<float> sound = [] {
    std::mt19937_64 random(backline::test::seed());
    return noise(random, 2 * 50000);
  }();
  void write(Tap& tap, std::uint32_t frames, std::uint32_t from = 0) {
    for (std::uint32_t done = 0; done < frames; done += 500) {
      while (!tap.hasRoom(500)) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      tap.write(sound.data() + 2 * (from + done), 500);
    }
  }
  std::vector<float> beginning(std::size_t frames) const { return {sound.begin(), sound.begin() + static_cast<std::ptrdiff_t>(2 * frames)}; }
  TemporaryFolder folder;
  const std::string path = folder.path("tap.wav");
};

TEST_F(TapTest, KeepsNothingBeforeItIsOpened) {
  Tap tap(path, 0);
  tap.begin(2, 48000);
  write(tap, 1000, 10000);
  tap.open();
  write(tap, 1000);
  finish(tap);
  expectSameBits(readWav(path).samples, beginning(1000), 2);
  EXPECT_EQ(tap.result().frames, 1000u);
  EXPECT_EQ(tap.result().error, "");
}

TEST_F(TapTest, TheFileIsReadableWhileItGrows) {
  Tap tap(path, 0);
  tap.begin(2, 48000);
  tap.open();
  write(tap, 20000);
  const std::size_t bytes = 2 * 20000 * sizeof(float);
  while (std::filesystem::file_size(path) < bytes) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  // The header follows the samples, so it may be a moment behind them.
  Recording half;
  for (int tries = 0; tries < 5000 && half.samples.size() < 2 * 20000; ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    half = readWav(path);
  }
  expectSameBits(half.samples, beginning(20000), 2);
  write(tap, 5000, 20000);
  finish(tap);
  expectSameBits(readWav(path).samples, beginning(25000), 2);
}

TEST_F(TapTest, ADiskThatIsFullEndsTheFileWithEverythingUntilThen) {
  rlimit before;
  getrlimit(RLIMIT_FSIZE, &before);
  const auto handler = signal(SIGXFSZ, SIG_IGN);
  const rlimit small{100000, before.rlim_max};
  Tap tap(path, 0);
  tap.begin(2, 48000);
  setrlimit(RLIMIT_FSIZE, &small);  // it would hold for the tap's ring, too
  tap.open();
  write(tap, 50000);  // and the device is never held up
  finish(tap);
  setrlimit(RLIMIT_FSIZE, &before);
  signal(SIGXFSZ, handler);
  const Tap::Result result = tap.result();
  EXPECT_NE(result.error.find(path), std::string::npos) << result.error;
  EXPECT_NE(result.error.find("File too large"), std::string::npos) << result.error;
  const Recording kept = readWav(path);
  EXPECT_GT(kept.samples.size(), 2u * 12000) << "of 12500 frames that had room";
  expectSameBits(kept.samples, beginning(kept.samples.size() / 2), 2);
  EXPECT_EQ(result.frames, kept.samples.size() / 2);
}

TEST_F(TapTest, OneThatWasNeverBegunLeavesNoThread) {
  { Tap tap(path, 0); }
  EXPECT_TRUE(std::filesystem::exists(path));
}

TEST_F(TapTest, AFolderIsNoTapFile) {
  try {
    Tap tap(folder.path("."), 0);
    FAIL() << "it was made";
  } catch (const DeviceError& error) {
    EXPECT_NE(std::string(error.what()).find("Is a directory"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace backline::audioserver

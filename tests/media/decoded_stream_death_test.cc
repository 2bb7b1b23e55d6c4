// Guests and helpers that end, stop or lie while a sound is decoded piece by piece.

#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "media/decoded_stream.h"
#include "tests/media/decoding.h"
#include "tests/media/guests.h"
#include "tests/media/media_files.h"

namespace backline {
namespace {

using media::DecodedStream;
using media::DecodeHelper;
using media::MediaErrorCode;
using media::MediaFailure;
using test::MediaFile;
using test::numberedSamples;
using test::writeSound;

constexpr std::size_t kFrames = 300'000;

class DecodedStreamDeath : public testing::Test {
 protected:
  static bool neverInterrupted() { return false; }
  std::unique_ptr<DecodedStream> open() { return std::make_unique<DecodedStream>(helper, media::locate(file.path()), &neverInterrupted); }
  int guest() {
    EXPECT_TRUE(test::comes([&] { return test::decodingFor(helper->pid()).size() == 1; }));
    const auto pids = test::decodingFor(helper->pid());
    return pids.empty() ? 0 : pids[0];
  }
  static MediaFailure failureOf(DecodedStream& stream) {
    try {
      while (!stream.next().empty()) {
      }
    } catch (const MediaFailure& failure) {
      return failure;
    }
    return MediaFailure(MediaErrorCode::aborted, "it did not fail");
  }

  const std::vector<float> samples = numberedSamples(kFrames, 2);
  const MediaFile file{"death.wav", writeSound(SF_FORMAT_WAV | SF_FORMAT_FLOAT, 48000, 2, samples)};
  const std::shared_ptr<DecodeHelper> helper = std::make_shared<DecodeHelper>(media::DecodeHelperOptions{.command = {BACKLINE_DECODE}});
};

TEST_F(DecodedStreamDeath, AGuestThatCrashesIsAFailureOfItsFileWhichCanBePlayedFromElsewhere) {
  const auto stream = open(), other = open();
  stream->next();
  const auto guests = test::decodingFor(helper->pid());
  ASSERT_EQ(guests.size(), 2u);
  ASSERT_EQ(kill(guests[0], SIGSEGV), 0);
  const MediaFailure failure = failureOf(*stream);
  EXPECT_EQ(failure.code, MediaErrorCode::decode);
  EXPECT_NE(std::string(failure.what()).find(file.path() + ": the process that decoded it was ended by signal 11 (Segmentation fault)"), std::string::npos) << failure.what();
  EXPECT_FALSE(other->next().empty()) << "another is not touched";
  stream->seek(200'000);
  const auto block = stream->next();
  ASSERT_FALSE(block.empty());
  EXPECT_EQ(block[0], samples[2 * 200'000]);
}

TEST_F(DecodedStreamDeath, WhereTheHelperIsKilledAgainAndAgainNotAFrameIsMissing) {
  const auto stream = open();
  std::vector<float> heard;
  for (int blocks = 0;; ++blocks) {
    const auto block = stream->next();
    if (block.empty()) break;
    heard.insert(heard.end(), block.begin(), block.end());
    if (blocks % 5 == 2 && helper->pid() > 0) kill(helper->pid(), SIGKILL);
  }
  EXPECT_EQ(heard, samples);
  EXPECT_EQ(stream->end(), kFrames);
}

TEST_F(DecodedStreamDeath, AGuestThatIsStoppedIsGivenUpWhenItIsInterrupted) {
  std::atomic<bool> interrupted = false;
  DecodedStream stream(helper, media::locate(file.path()), [&] { return interrupted.load(); });
  const int pid = guest();
  ASSERT_EQ(kill(pid, SIGSTOP), 0);
  std::jthread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    interrupted = true;
  });
  EXPECT_EQ(failureOf(stream).code, MediaErrorCode::aborted);
}

TEST_F(DecodedStreamDeath, ItsGuestEndsWithIt) {
  auto stream = open();
  const int pid = guest();
  stream.reset();
  EXPECT_TRUE(test::comes([&] { return !test::runs(pid); }));
  helper->shut();
  EXPECT_EQ(helper->pid(), 0);
}

TEST_F(DecodedStreamDeath, AHelperThatIsShutFailsIt) {
  const auto stream = open();
  helper->shut();
  EXPECT_NE(std::string(failureOf(*stream).what()).find("cannot be decoded: the program is ending"), std::string::npos);
}

TEST_F(DecodedStreamDeath, AFileThatIsCutOffWhilePlayingSaysSo) {
  const auto stream = open();
  stream->next();
  std::filesystem::resize_file(file.path(), 1'000'000);
  const MediaFailure failure = failureOf(*stream);
  EXPECT_EQ(failure.code, MediaErrorCode::decode);
  EXPECT_NE(std::string(failure.what()).find("is truncated"), std::string::npos) << failure.what();
}

TEST_F(DecodedStreamDeath, NothingThatAGuestSaysIsBelieved) {
  for (const char* lie : {"dies", "magic", "short", "long", "channels", "no channels", "rate", "negative rate", "duration", "no duration", "long text", "code", "kind",
                          "frames first", "wants", "then opened", "then more frames", "then very many", "then none there", "then position", "then end", "then dies"}) {
    const auto liar = std::make_shared<DecodeHelper>(media::DecodeHelperOptions{.command = {FAKE_DECODE, lie}});
    try {
      DecodedStream stream(liar, media::locate(file.path()), &neverInterrupted);
      const auto frames = stream.next();
      ADD_FAILURE() << lie << ": " << frames.size() << " samples";
    } catch (const MediaFailure& failure) {
      EXPECT_NE(std::string(failure.what()).find(file.path()), std::string::npos) << lie;
    }
  }
  const auto colours = std::make_shared<DecodeHelper>(media::DecodeHelperOptions{.command = {FAKE_DECODE, "control characters"}});
  try {
    DecodedStream(colours, media::locate(file.path()), &neverInterrupted);
    ADD_FAILURE() << "opened";
  } catch (const MediaFailure& failure) {
    EXPECT_EQ(failure.what(), file.path() + ": ?[31m!");
  }
}

}  // namespace
}  // namespace backline

// Decoding away from the program: what comes back, when the helper runs, and that nothing it says is believed.

#include "media/decoder.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "media/decode.h"
#include "tests/media/decoding.h"
#include "tests/media/media_files.h"
#include "tests/media/sound_files.h"

namespace backline {
namespace {

using test::decodingFailure;
using test::sine;
using test::writeSound;

constexpr int kWav = SF_FORMAT_WAV | SF_FORMAT_FLOAT;

media::DecoderOptions options() { return {.command = {BACKLINE_DECODE}}; }

bool isSame(const AudioBuffer& one, const AudioBuffer& other) {
  if (one.numberOfChannels() != other.numberOfChannels() || one.length() != other.length()) return false;
  for (std::uint32_t c = 0; c < one.numberOfChannels(); ++c) {
    if (!std::ranges::equal(one.channel(c), other.channel(c))) return false;
  }
  return true;
}

/// Whether `condition` comes true within a time that is long for it.
bool comes(const std::function<bool()>& condition) {
  for (int i = 0; i < 2000 && !condition(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  return condition();
}

/// Bytes of memory that this process has in use.
double residentMegabytes() {
  std::size_t all = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> all >> resident;
  return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20);
}

TEST(Decoder, GivesToTheBitWhatDecodingInTheProgramGives) {
  media::Decoder decoder(options());
  for (const int channels : {1, 2, 7}) {
    for (const std::size_t frames : {1, 16383, 16384, 16385, 100000}) {
      const auto bytes = writeSound(kWav, 44100, channels, sine(440, 44100, channels, frames));
      for (const float rate : {44100.f, 48000.f, 8000.f}) {
        EXPECT_TRUE(isSame(*decoder.decodeAudioData(bytes, rate), *media::decodeAudioDataInProcess(bytes, rate)))
            << channels << " channels of " << frames << " frames at " << rate << " Hz";
      }
    }
  }
}

TEST(Decoder, GivesBackEverySampleOfALongFile) {
  media::Decoder decoder(options());
  constexpr std::size_t kFrames = 12'000'000;   // beyond where read memory is let go of
  const auto buffer = decoder.decodeAudioData(writeSound(SF_FORMAT_WAV | SF_FORMAT_PCM_24, 48000, 2, test::numberedSamples(kFrames, 2)), 48000);
  ASSERT_EQ(buffer->length(), kFrames);
  std::size_t wrong = 0;
  for (std::uint32_t c = 0; c < 2; ++c) {
    for (std::size_t f = 0; f < kFrames; ++f) wrong += std::abs(buffer->channel(c)[f] - test::numberedSample(f, static_cast<int>(c))) > 2e-7;
  }
  EXPECT_EQ(wrong, 0u);
}

TEST(Decoder, DecodesAHundredFilesAtOnce) {
  media::Decoder decoder(options());
  const auto bytes = writeSound(SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 44100, 2, sine(440, 44100, 2, 44100));
  const auto expected = media::decodeAudioDataInProcess(bytes, 48000);
  std::atomic<int> same = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 100; ++i) threads.emplace_back([&] { same += isSame(*decoder.decodeAudioData(bytes, 48000), *expected); });
  }
  EXPECT_EQ(same, 100);
}

TEST(Decoder, OneThatIsRefusedAmongManyFailsAlone) {
  media::Decoder decoder(options());
  const auto good = writeSound(kWav, 48000, 1, sine(440, 48000, 1, 48000));
  const auto bad = std::vector<std::byte>(good.begin(), good.begin() + 30000);
  std::atomic<int> decoded = 0, refused = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 20; ++i) {
      threads.emplace_back([&, i] { ++(decodingFailure(decoder, i % 2 ? good : bad).empty() ? decoded : refused); });
    }
  }
  EXPECT_EQ(decoded, 10);
  EXPECT_EQ(refused, 10);
}

TEST(Decoder, KeepsNothingOfWhatItDecoded) {
  media::Decoder decoder(options());
  const auto bytes = writeSound(kWav, 48000, 2, sine(440, 48000, 2, 200000));   // 1.6 MB of samples
  const auto decodeSome = [&](int times) {
    for (int i = 0; i < times; ++i) decoder.decodeAudioData(bytes, 48000);
  };
  const auto descriptors = [] { return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {}); };
  decodeSome(20);
  const double before = residentMegabytes();
  const auto opened = descriptors();
  decodeSome(200);
  EXPECT_LT(residentMegabytes() - before, 8) << "MB more after 200 decodings of 1.6 MB each";
  EXPECT_EQ(descriptors(), opened);
}

TEST(Decoder, StartsItsHelperWithTheFirstFileAndEndsItWhenThereWasNoneForAWhile) {
  media::DecoderOptions short_ = options();
  short_.idle = 0.1;
  media::Decoder decoder(short_);
  EXPECT_EQ(decoder.helper()->pid(), 0);
  const auto bytes = writeSound(kWav, 48000, 1, sine(440, 48000, 1, 100));
  for (int i = 0; i < 2; ++i) {
    decoder.decodeAudioData(bytes, 48000);
    EXPECT_TRUE(comes([&] { return decoder.helper()->pid() == 0; })) << "it still runs";
  }
}

TEST(Decoder, OfManyCallsOneHelperServesAll) {
  media::Decoder decoder(options());
  const auto bytes = writeSound(kWav, 48000, 1, sine(440, 48000, 1, 100));
  decoder.decodeAudioData(bytes, 48000);
  const int pid = decoder.helper()->pid();
  EXPECT_NE(pid, 0);
  decoder.decodeAudioData(bytes, 48000);
  EXPECT_EQ(decoder.helper()->pid(), pid);
}

TEST(Decoder, SaysWhichHelperCannotBeStarted) {
  media::Decoder wrong({.command = {"/nonexistent/backline-decode"}});
  const auto bytes = writeSound(kWav, 48000, 1, sine(440, 48000, 1, 100));
  const std::string failure = decodingFailure(wrong, bytes, "OperationError");
  EXPECT_NE(failure.find("/nonexistent/backline-decode"), std::string::npos) << failure;
  EXPECT_NE(failure.find("No such file"), std::string::npos) << failure;

  media::Decoder nowhere;
  const std::string looked = decodingFailure(nowhere, bytes, "OperationError");
  EXPECT_NE(looked.find("no program backline-decode in"), std::string::npos) << looked;
  EXPECT_NE(looked.find("BACKLINE_HELPERS"), std::string::npos) << looked;
}

TEST(Decoder, BelievesNothingThatItsHelperSays) {
  const auto bytes = writeSound(kWav, 48000, 1, sine(440, 48000, 1, 100));
  for (const char* lie : {"dies", "magic", "channels", "no channels", "no frames", "more frames", "more written", "overflow", "outcome", "long text", "short"}) {
    media::Decoder decoder({.command = {FAKE_DECODE, lie}});
    EXPECT_NE(decodingFailure(decoder, bytes), "") << lie;
  }
  media::Decoder colours({.command = {FAKE_DECODE, "control characters"}});
  EXPECT_EQ(decodingFailure(colours, bytes), "?[31m!");
}

TEST(Decoder, NoHelperCanChangeTheFileOrCutTheSamples) {
  const auto bytes = writeSound(kWav, 48000, 1, sine(440, 48000, 1, 100));
  for (const char* attempt : {"changes the file", "cuts"}) {
    media::Decoder decoder({.command = {FAKE_DECODE, attempt}});
    const auto buffer = decoder.decodeAudioData(bytes, 48000);
    EXPECT_EQ(buffer->length(), 1000u) << attempt;
  }
}

TEST(Decoder, IsOverWhenItIsShut) {
  media::Decoder decoder(options());
  const auto bytes = writeSound(kWav, 48000, 1, sine(440, 48000, 1, 100));
  decoder.decodeAudioData(bytes, 48000);
  decoder.shut();
  EXPECT_EQ(decoder.helper()->pid(), 0);
  EXPECT_NE(decodingFailure(decoder, bytes, "OperationError").find("ending"), std::string::npos);
}

}  // namespace
}  // namespace backline

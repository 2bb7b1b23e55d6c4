// Sound files of all formats, decoded by backline-decode.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <thread>

#include "tests/media/decoding.h"
#include "tests/media/sound_files.h"
#include "tests/support/seed.h"

namespace backline {
namespace {

using Bytes = std::vector<std::byte>;
using test::decode;
using test::sine;
using test::writeSound;

/// What decoding fails with; empty if it does not.
std::string failureOf(std::span<const std::byte> bytes, float sampleRate = 48000) {
  try {
    decode(bytes, sampleRate);
  } catch (const Error& error) {
    EXPECT_EQ(error.name(), "EncodingError");
    return error.what();
  }
  return "";
}

/// The error against the interleaved original, in dB below the original; `skip` frames at both ends are left out.
double errorDecibels(const AudioBuffer& buffer, const std::vector<float>& original, std::size_t skip) {
  const std::size_t channels = buffer.numberOfChannels(), frames = original.size() / channels;
  double error = 1e-30, signal = 1e-30;
  for (std::size_t i = skip; i + skip < frames; ++i) {
    for (std::uint32_t c = 0; c < channels; ++c) {
      const double wanted = original[i * channels + c];
      const double difference = buffer.channel(c)[i] - wanted;
      error += difference * difference;
      signal += wanted * wanted;
    }
  }
  return 10 * std::log10(error / signal);
}

struct Format {
  const char* name;
  int format;
  double limit;   // dB
};

class DecodeFormat : public testing::TestWithParam<Format> {};

TEST_P(DecodeFormat, GivesBackWhatWasWritten) {
  constexpr int kRate = 48000;
  const auto original = sine(440, kRate, 2, 2 * kRate + 100);
  const auto bytes = writeSound(GetParam().format, kRate, 2, original);
  const auto buffer = decode(bytes, kRate);
  EXPECT_EQ(buffer->numberOfChannels(), 2u);
  EXPECT_EQ(buffer->sampleRate(), kRate);
  EXPECT_EQ(buffer->length(), 2u * kRate + 100) << "encoder delay or padding is left in, or sound is missing";
  const double decibels = errorDecibels(*buffer, original, 4096);
  EXPECT_LT(decibels, GetParam().limit) << decibels << " dB; the limit is " << GetParam().limit << " dB";
}

TEST_P(DecodeFormat, NamesTheByteWhereItWasCutOff) {
  const auto original = sine(440, 48000, 2, 96000);
  const auto bytes = writeSound(GetParam().format, 48000, 2, original);
  for (const double part : {0.3, 0.6, 0.95}) {
    const auto size = static_cast<std::size_t>(static_cast<double>(bytes.size()) * part);
    const std::string failure = failureOf(std::span(bytes).first(size));
    EXPECT_NE(failure.find("truncated"), std::string::npos) << part << " of it: \"" << failure << "\"";
    EXPECT_NE(failure.find("at byte " + std::to_string(size)), std::string::npos) << failure;
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, DecodeFormat,
                         testing::Values(Format{"wav16", SF_FORMAT_WAV | SF_FORMAT_PCM_16, -85},
                                         Format{"wav24", SF_FORMAT_WAV | SF_FORMAT_PCM_24, -130},
                                         Format{"wavFloat", SF_FORMAT_WAV | SF_FORMAT_FLOAT, -200},
                                         Format{"rf64", SF_FORMAT_RF64 | SF_FORMAT_PCM_16, -85},
                                         Format{"w64", SF_FORMAT_W64 | SF_FORMAT_PCM_16, -85},
                                         Format{"aiff", SF_FORMAT_AIFF | SF_FORMAT_PCM_16, -85},
                                         Format{"au", SF_FORMAT_AU | SF_FORMAT_PCM_16, -85},
                                         Format{"flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16, -85},
                                         Format{"vorbis", SF_FORMAT_OGG | SF_FORMAT_VORBIS, -30},
                                         Format{"opus", SF_FORMAT_OGG | SF_FORMAT_OPUS, -25},
                                         Format{"mp3", SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III, -30}),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(Decode, VorbisIsAsLongAsItWasWhateverItsBlocks) {
  for (const std::size_t silence : {0, 100, 5000}) {
    for (const std::size_t frames : {44416, 44417, 44544, 48000, 50001}) {
      auto original = sine(440, 48000, 1, frames);
      std::fill_n(original.begin(), silence, 0.f);
      const auto buffer = decode(writeSound(SF_FORMAT_OGG | SF_FORMAT_VORBIS, 48000, 1, original), 48000);
      ASSERT_EQ(buffer->length(), frames) << silence << " frames of silence before it";
      const double decibels = errorDecibels(*buffer, original, 0);
      EXPECT_LT(decibels, -30) << decibels << " dB of " << frames << " frames";
    }
  }
}

TEST(Decode, MoreThanPaddingBehindADeclaredEndIsSound) {
  // Two Ogg files one after the other are one sound; what the first one's last page says is not its end.
  const auto first = writeSound(SF_FORMAT_OGG | SF_FORMAT_VORBIS, 48000, 1, sine(440, 48000, 1, 48000));
  auto chained = first;
  chained.insert(chained.end(), first.begin(), first.end());
  EXPECT_GT(decode(chained, 48000)->length(), 90000u);
}

TEST(Decode, ResamplesWithoutWhatCanBeHeard) {
  for (const int from : {44100, 96000, 22050, 8000}) {
    const auto bytes = writeSound(SF_FORMAT_WAV | SF_FORMAT_FLOAT, from, 1, sine(1000, from, 1, static_cast<std::size_t>(2 * from)));
    const auto buffer = decode(bytes, 48000);
    EXPECT_EQ(buffer->length(), 96000u) << "from " << from << " Hz";
    const double decibels = errorDecibels(*buffer, sine(1000, 48000, 1, 96000), 12000);
    EXPECT_LT(decibels, -110) << decibels << " dB from " << from << " Hz; the limit is -110 dB";
  }
}

TEST(Decode, LetsNothingAliasWhenItResamplesDown) {
  // 15 kHz is above the band of 24 kHz by 3 kHz and would come back as 9 kHz.
  const auto bytes = writeSound(SF_FORMAT_WAV | SF_FORMAT_FLOAT, 96000, 1, sine(15000, 96000, 1, 96000));
  const auto buffer = decode(bytes, 24000);
  double peak = 0;
  for (std::size_t i = 1000; i < 23000; ++i) peak = std::max(peak, std::abs(double{buffer->channel(0)[i]}));
  const double decibels = 20 * std::log10(peak / 0.5 + 1e-30);
  EXPECT_LT(decibels, -110) << decibels << " dB; the limit is -110 dB";
}

TEST(Decode, KeepsEveryChannelApart) {
  for (const int channels : {1, 3, 6, 9, 16, 32}) {
    std::vector<float> original(1000 * static_cast<std::size_t>(channels));
    for (std::size_t i = 0; i < original.size(); ++i) original[i] = static_cast<float>(i % static_cast<std::size_t>(channels) + 1) / 64;
    for (const float rate : {48000.f, 44100.f}) {
      const auto buffer = decode(writeSound(SF_FORMAT_WAV | SF_FORMAT_FLOAT, 48000, channels, original), rate);
      ASSERT_EQ(buffer->numberOfChannels(), static_cast<std::uint32_t>(channels));
      for (std::uint32_t c = 0; c < buffer->numberOfChannels(); ++c) {
        EXPECT_NEAR(buffer->channel(c)[500], static_cast<float>(c + 1) / 64, 1e-4) << channels << " channels, channel " << c << ", " << rate << " Hz";
      }
    }
  }
}

TEST(Decode, RefusesMoreChannelsThanABufferHas) {
  const auto bytes = writeSound(SF_FORMAT_WAV | SF_FORMAT_FLOAT, 48000, 33, std::vector<float>(33 * 100));
  EXPECT_NE(failureOf(bytes).find("33 channels"), std::string::npos) << failureOf(bytes);
}

TEST(Decode, SaysThatDataIsNoSound) {
  EXPECT_NE(failureOf({}).find("empty"), std::string::npos);
  const std::string text = "Dear Sir or Madam, this is a letter and no sound at all. ";
  Bytes letter;
  for (int i = 0; i < 100; ++i) for (char c : text) letter.push_back(static_cast<std::byte>(c));
  EXPECT_NE(failureOf(letter).find("no sound"), std::string::npos) << failureOf(letter);
  EXPECT_NE(failureOf(Bytes(10000)), "");
}

TEST(Decode, RefusesNoise) {
  std::mt19937 random(test::seed());
  for (int i = 0; i < 20; ++i) {
    Bytes noise(std::uniform_int_distribution<std::size_t>(1, 100000)(random));
    for (auto& byte : noise) byte = static_cast<std::byte>(random());
    EXPECT_NE(failureOf(noise), "") << "noise of " << noise.size() << " bytes was taken for sound";
  }
}

TEST(Decode, SurvivesDamageAnywhere) {
  std::mt19937 random(test::seed());
  const auto original = sine(440, 48000, 2, 20000);
  for (const int format : {SF_FORMAT_WAV | SF_FORMAT_PCM_16, SF_FORMAT_FLAC | SF_FORMAT_PCM_16, SF_FORMAT_OGG | SF_FORMAT_VORBIS,
                           SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III}) {
    const auto good = writeSound(format, 48000, 2, original);
    for (int i = 0; i < 60; ++i) {
      Bytes bad = good;
      // Half of it in the header, where the sizes stand.
      const std::size_t reach = i % 2 ? bad.size() : std::min<std::size_t>(bad.size(), 100);
      for (int k = 0; k < 8; ++k) bad[random() % reach] = static_cast<std::byte>(random());
      failureOf(bad);   // fails with an EncodingError or decodes something; never anything else
    }
  }
}

TEST(Decode, DoesNotBelieveAHeaderThatPromisesGigabytes) {
  auto bytes = writeSound(SF_FORMAT_WAV | SF_FORMAT_PCM_16, 48000, 2, sine(440, 48000, 2, 1000));
  const auto data = std::search(bytes.begin(), bytes.end(), reinterpret_cast<const std::byte*>("data"),
                                reinterpret_cast<const std::byte*>("data") + 4);
  ASSERT_NE(data, bytes.end());
  data[4] = data[5] = data[6] = std::byte{0xf0};
  data[7] = std::byte{0x7f};
  const std::string failure = failureOf(bytes);
  EXPECT_NE(failure.find("truncated"), std::string::npos) << failure;
  EXPECT_NE(failure.find("frame 1000"), std::string::npos) << failure;
}

TEST(Decode, RunsOnManyThreadsAtOnce) {
  const auto bytes = writeSound(SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 44100, 2, sine(440, 44100, 2, 44100));
  const auto expected = decode(bytes, 48000);
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      const auto buffer = decode(bytes, 48000);
      EXPECT_TRUE(std::ranges::equal(buffer->channel(1), expected->channel(1)));
    });
  }
}

}  // namespace
}  // namespace backline

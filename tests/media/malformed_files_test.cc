// Files made to do harm: each is refused or decoded, in bounded time and memory, and ends no process but the one that decodes it.

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string_view>

#include "tests/media/decoding.h"
#include "tests/media/sound_files.h"
#include "tests/support/seed.h"

namespace backline {
namespace {

using Bytes = std::vector<std::byte>;
using test::decodingFailure;
using test::sine;
using test::writeSound;

constexpr int kFormats[] = {SF_FORMAT_WAV | SF_FORMAT_PCM_16, SF_FORMAT_AIFF | SF_FORMAT_PCM_16, SF_FORMAT_FLAC | SF_FORMAT_PCM_16,
                            SF_FORMAT_OGG | SF_FORMAT_VORBIS, SF_FORMAT_OGG | SF_FORMAT_OPUS, SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III};

class MalformedFiles : public testing::Test {
 protected:
  /// It fails as a file should, or is decoded; the helper is there afterwards.
  std::string failure(const Bytes& bytes) { return decodingFailure(decoder_, bytes); }
  /// The process that decodes has not ended but by itself.
  void expectAnswer(const Bytes& bytes, const std::string& what) {
    const std::string said = failure(bytes);
    EXPECT_EQ(said.find("signal"), std::string::npos) << what << ": " << said;
  }

  media::Decoder decoder_{{.command = {BACKLINE_DECODE}}};
};

void append(Bytes& bytes, std::string_view text) {
  for (const char each : text) bytes.push_back(static_cast<std::byte>(each));
}

void appendBig(Bytes& bytes, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<std::byte>(value >> shift));
}

void setLittle(Bytes& bytes, std::size_t at, std::uint32_t value) {
  for (int i = 0; i < 4; ++i) bytes.at(at + static_cast<std::size_t>(i)) = static_cast<std::byte>(value >> (8 * i));
}

std::size_t find(const Bytes& bytes, std::string_view text) {
  const auto* begin = reinterpret_cast<const std::byte*>(text.data());
  return static_cast<std::size_t>(std::search(bytes.begin(), bytes.end(), begin, begin + text.size()) - bytes.begin());
}

TEST_F(MalformedFiles, OnesThatWereCutOffAnywhere) {
  std::mt19937 random(test::seed());
  const auto samples = sine(440, 48000, 2, 30000);
  for (const int format : kFormats) {
    const auto whole = writeSound(format, 48000, 2, samples);
    for (std::size_t size = 1; size <= 200; size += 7) expectAnswer({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)}, "cut at " + std::to_string(size));
    for (int i = 0; i < 30; ++i) {
      const auto size = static_cast<std::ptrdiff_t>(1 + random() % (whole.size() - 1));
      expectAnswer({whole.begin(), whole.begin() + size}, "cut at " + std::to_string(size));
    }
  }
}

TEST_F(MalformedFiles, OnesWithFlippedBits) {
  std::mt19937 random(test::seed());
  const auto samples = sine(440, 48000, 2, 30000);
  for (const int format : kFormats) {
    const auto whole = writeSound(format, 48000, 2, samples);
    for (int i = 0; i < 60; ++i) {
      Bytes bad = whole;
      const std::size_t reach = i % 2 ? bad.size() : std::min<std::size_t>(bad.size(), 200);
      for (int k = 0; k < 1 + i % 8; ++k) bad[random() % reach] ^= static_cast<std::byte>(1 << random() % 8);
      expectAnswer(bad, "bits flipped, round " + std::to_string(i));
    }
  }
}

TEST_F(MalformedFiles, AWavThatClaimsFourGigabytes) {
  Bytes bytes = writeSound(SF_FORMAT_WAV | SF_FORMAT_PCM_16, 48000, 2, sine(440, 48000, 2, 1000));
  setLittle(bytes, 4, 0xffffffff);
  setLittle(bytes, find(bytes, "data") + 4, 0xfffffff0);
  const std::string said = failure(bytes);
  EXPECT_NE(said.find("truncated"), std::string::npos) << said;
}

TEST_F(MalformedFiles, AWavOfAStreamThatHadNoTimeToTellItsLengthIsWhole) {
  Bytes bytes = writeSound(SF_FORMAT_WAV | SF_FORMAT_PCM_16, 48000, 2, sine(440, 48000, 2, 1000));
  setLittle(bytes, 4, 0xffffffff);
  setLittle(bytes, find(bytes, "data") + 4, 0xffffffff);
  EXPECT_EQ(failure(bytes), "");
}

TEST_F(MalformedFiles, AWavOfOneChannelMoreThanThereCanBeOrOfNone) {
  for (const std::uint32_t channels : {0u, 33u, 0xffffu}) {
    Bytes bytes = writeSound(SF_FORMAT_WAV | SF_FORMAT_PCM_16, 48000, 2, sine(440, 48000, 2, 1000));
    const std::size_t at = find(bytes, "fmt ") + 10;
    bytes.at(at) = static_cast<std::byte>(channels);
    bytes.at(at + 1) = static_cast<std::byte>(channels >> 8);
    EXPECT_NE(failure(bytes), "") << channels << " channels";
  }
}

TEST_F(MalformedFiles, AnOggWhoseLastPageNeverComes) {
  const Bytes whole = writeSound(SF_FORMAT_OGG | SF_FORMAT_VORBIS, 48000, 2, sine(440, 48000, 2, 100000));
  // The pages after the headers, again and again, with the same numbers and times.
  std::size_t third = 0;
  for (int page = 0; page < 3; ++page) third += find(Bytes(whole.begin() + static_cast<std::ptrdiff_t>(third) + 1, whole.end()), "OggS") + 1;
  Bytes endless = whole;
  while (endless.size() < 20 << 20) endless.insert(endless.end(), whole.begin() + static_cast<std::ptrdiff_t>(third), whole.end());
  expectAnswer(endless, "an Ogg without an end");
}

TEST_F(MalformedFiles, AFlacWithAbsurdNumbers) {
  const Bytes whole = writeSound(SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 48000, 2, sine(440, 48000, 2, 30000));
  // STREAMINFO begins behind "fLaC" and 4 bytes; 20 bits of rate, 3 of channels, 5 of width, 36 of length from its byte 10 on.
  for (std::size_t byte = 8; byte < 26; ++byte) {
    for (const int value : {0x00, 0x0e, 0x7f, 0xff}) {
      Bytes bad = whole;
      bad[byte] = static_cast<std::byte>(value);
      expectAnswer(bad, "STREAMINFO byte " + std::to_string(byte) + " is " + std::to_string(value));
    }
  }
  Bytes blocks(whole.begin(), whole.begin() + 4);
  for (int i = 0; i < 100000; ++i) append(blocks, std::string_view("\x04\x00\x00\x00", 4));   // comments without end
  EXPECT_NE(failure(blocks), "");
}

TEST_F(MalformedFiles, AnMp4OfAtomsInAtomsAndOfTablesThatAreNotThere) {
  Bytes nested;
  appendBig(nested, 16);
  append(nested, std::string_view("ftypM4A \0\0\0\0", 12));
  constexpr std::uint32_t kDepth = 100000;
  for (std::uint32_t i = 0; i < kDepth; ++i) {
    appendBig(nested, 8 * (kDepth - i));
    append(nested, i == 0 ? "moov" : i % 2 ? "trak" : "mdia");
  }
  EXPECT_NE(failure(nested), "");

  for (const std::uint32_t size : {0u, 1u, 7u, 0x7fffffffu, 0xffffffffu}) {
    for (const char* table : {"stsz", "stts", "stco", "stsc", "ctts", "elst", "sbgp"}) {
      Bytes bytes;
      appendBig(bytes, 16);
      append(bytes, std::string_view("ftypM4A \0\0\0\0", 12));
      for (const char* atom : {"moov", "trak", "mdia", "minf", "stbl"}) {
        appendBig(bytes, 0x7fffffff);
        append(bytes, atom);
      }
      appendBig(bytes, size);
      append(bytes, table);
      appendBig(bytes, 0);
      appendBig(bytes, 0);
      appendBig(bytes, 0x0fffffff);   // entries
      bytes.resize(bytes.size() + 1000);
      EXPECT_NE(failure(bytes), "") << table << " of " << size;
    }
  }
}

TEST_F(MalformedFiles, AWavWhoseDataGoesOnAndOnInChunksThatMeanNothing) {
  Bytes bytes = writeSound(SF_FORMAT_WAV | SF_FORMAT_PCM_16, 48000, 1, sine(440, 48000, 1, 100));
  bytes.resize(find(bytes, "data"));
  for (int i = 0; i < 500000; ++i) append(bytes, std::string_view("JUNK\0\0\0\0", 8));
  EXPECT_NE(failure(bytes), "");
}

}  // namespace
}  // namespace backline

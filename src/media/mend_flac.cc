#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "media/flac_layout.h"
#include "media/mending.h"
#include "media/sound_format.h"

namespace backline::media {

namespace {

using View = std::span<const std::byte>;

constexpr std::uint64_t kTail = 1 << 24;      // bytes at the end among which the last frame is
constexpr std::size_t kSumAt = 26, kSumBytes = 16;
constexpr std::size_t kTagBytes = 128;        // an ID3v1 tag
constexpr std::size_t kMostEnds = 16;         // places of a frame's end that are tried

/// A byte; behind the end 0.
std::uint32_t at(View file, std::uint64_t offset) { return offset < file.size() ? std::to_integer<std::uint32_t>(file[offset]) : 0; }

/// RFC 9639 9.1.8 and 9.3: checksums with the polynomials 0x07 and 0x8005.
template <unsigned bits, std::uint32_t polynomial>
std::uint32_t checksum(View bytes) {
  static const auto table = [] {
    std::array<std::uint32_t, 256> sums{};
    for (std::uint32_t value = 0; value < 256; ++value) {
      std::uint32_t sum = value << (bits - 8);
      for (int bit = 0; bit < 8; ++bit) sum = (sum << 1) ^ ((sum >> (bits - 1) & 1) != 0 ? polynomial : 0);
      sums[value] = sum & ((1u << bits) - 1);
    }
    return sums;
  }();
  std::uint32_t sum = 0;
  for (const std::byte byte : bytes) sum = ((sum << 8) ^ table[(sum >> (bits - 8) ^ std::to_integer<std::uint32_t>(byte)) & 0xff]) & ((1u << bits) - 1);
  return sum;
}

struct StreamInfo {
  std::uint32_t blockSize, sampleRate, channels;
  std::uint64_t frames;
};

StreamInfo infoOf(View file) {
  return {at(file, 10) << 8 | at(file, 11), at(file, 18) << 12 | at(file, 19) << 4 | at(file, 20) >> 4, (at(file, 20) >> 1 & 7) + 1,
          std::uint64_t{at(file, kFlacTotal) & 0xf} << 32 | at(file, kFlacTotal + 1) << 24 | at(file, kFlacTotal + 2) << 16 | at(file, kFlacTotal + 3) << 8 | at(file, kFlacTotal + 4)};
}

/// Where the first frame begins.
std::uint64_t headEnd(View file) {
  for (std::uint64_t block = 4; block + 4 <= file.size();) {
    const bool last = (at(file, block) & 0x80) != 0;
    block += 4 + (at(file, block + 1) << 16 | at(file, block + 2) << 8 | at(file, block + 3));
    if (last && block <= file.size()) return block;
    if (last) break;
  }
  throw WriteFailure("it breaks off before its sound begins");
}

struct Frame {
  std::uint64_t offset;
  std::uint64_t end;   // of its sound, in frames of the file
};

/// The header of a FLAC frame at an offset, if one is there (RFC 9639 9.1).
std::optional<Frame> frameAt(View file, std::uint64_t offset, const StreamInfo& info) {
  if (at(file, offset) != 0xff || (at(file, offset + 1) & 0xfe) != 0xf8) return {};
  const bool variable = (at(file, offset + 1) & 1) != 0;
  const std::uint32_t sizeCode = at(file, offset + 2) >> 4, rateCode = at(file, offset + 2) & 0xf;
  if (sizeCode == 0 || rateCode == 15 || (at(file, offset + 3) & 1) != 0) return {};
  std::uint64_t cursor = offset + 4;
  const std::uint32_t lead = at(file, cursor++);
  std::uint32_t more = 0;
  while (more < 7 && (lead & (0x80u >> more)) != 0) ++more;
  if (more == 1) return {};
  std::uint64_t number = lead & (0x7fu >> more);
  for (std::uint32_t i = 1; i < more; ++i) number = number << 6 | (at(file, cursor++) & 0x3f);
  std::uint32_t size = 0;
  if (sizeCode == 1) size = 192;
  else if (sizeCode <= 5) size = 576u << (sizeCode - 2);
  else if (sizeCode == 6) size = at(file, cursor++) + 1;
  else if (sizeCode == 7) {
    size = (at(file, cursor) << 8 | at(file, cursor + 1)) + 1;
    cursor += 2;
  } else size = 256u << (sizeCode - 8);
  if (rateCode == 12) ++cursor;
  else if (rateCode > 12) cursor += 2;
  if (cursor >= file.size() || checksum<8, 0x07>(file.subspan(offset, cursor - offset + 1)) != 0) return {};
  return Frame{offset, (variable ? number : number * info.blockSize) + size};
}

/// The last whole frame: where it ends in the file, and in the sound.
std::pair<std::uint64_t, std::uint64_t> lastFrame(View file, std::uint64_t from, const StreamInfo& info) {
  std::vector<Frame> frames;
  for (std::uint64_t offset = from; offset < file.size(); ++offset) {
    const auto* next = static_cast<const std::byte*>(std::memchr(file.data() + offset, 0xff, file.size() - offset));
    if (next == nullptr) break;
    offset = static_cast<std::uint64_t>(next - file.data());
    if (const auto frame = frameAt(file, offset, info)) frames.push_back(*frame);
  }
  // What looks like a header may be sound: only the checksum of all of a frame tells where it ends.
  for (std::size_t i = frames.size(); i-- > 0;)
    for (std::size_t j = i + 1; j <= std::min(i + kMostEnds, frames.size()); ++j) {
      const std::uint64_t end = j < frames.size() ? frames[j].offset : file.size();
      if (checksum<16, 0x8005>(file.subspan(frames[i].offset, end - frames[i].offset)) == 0) return {end, frames[i].end};
    }
  throw WriteFailure("no whole frame is in " + std::string(file.size() - from < kTail ? "it" : "its last 16 MB"));
}

}  // namespace

Mending examineFlac(View file) {
  if (file.size() < kFlacHead) throw WriteFailure("it breaks off before its sound begins");
  const StreamInfo info = infoOf(file);
  const bool begins = (at(file, 4) & 0x7f) == 0 && at(file, 5) == 0 && at(file, 6) == 0 && at(file, 7) == kFlacHead - 8;   // STREAMINFO
  if (!begins || info.sampleRate == 0) throw WriteFailure("its head is lost: nothing tells rate and channels");
  const std::uint64_t begin = headEnd(file);
  const bool tagged = file.size() >= begin + kTagBytes && std::equal(file.end() - kTagBytes, file.end() - kTagBytes + 3, std::as_bytes(std::span("TAG")).begin());
  const View sound = file.first(file.size() - (tagged ? kTagBytes : 0));
  const auto [end, frames] = lastFrame(sound, sound.size() - begin > kTail ? sound.size() - kTail : begin, info);
  Mending mending;
  mending.size = end == sound.size() ? file.size() : end;
  if (mending.size < file.size()) mending.findings.push_back(std::to_string(file.size() - mending.size) + " bytes behind its last whole frame are cut off");
  const std::uint64_t told = frames > kMostFlacFrames ? 0 : frames;
  if (info.frames != told) {
    mending.findings.push_back("its head counts " + std::to_string(info.frames) + " frames, there are " + std::to_string(frames));
    std::vector<std::byte> head(file.begin(), file.begin() + kFlacHead);
    setFlacFrames(head, frames);
    // The checksum of all samples is of others, then; zeros say that there is none.
    std::fill_n(head.begin() + kSumAt, kSumBytes, std::byte{0});
    mending.patches.push_back({0, std::move(head)});
  }
  mending.holds = "FLAC, " + std::to_string(frames) + " frames of " + std::to_string(info.channels) + " channels at " + std::to_string(info.sampleRate) + " Hz";
  return mending;
}

}  // namespace backline::media

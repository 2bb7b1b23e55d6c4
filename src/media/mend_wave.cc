#include <algorithm>
#include <optional>
#include <string_view>

#include "media/bytes.h"
#include "media/mending.h"
#include "media/sound_format.h"
#include "media/wave_layout.h"

namespace backline::media {

namespace {

using View = std::span<const std::byte>;

constexpr std::uint32_t kUnknown = 0xffffffff;
constexpr std::size_t kFirstChunk = 12;

std::string_view idAt(View file, std::uint64_t offset) { return {reinterpret_cast<const char*>(file.data()) + offset, 4}; }

struct Layout {
  std::uint64_t data = 0;                    // where the samples begin
  std::uint64_t declared = 0;                // bytes of them, as the head says
  std::uint32_t frameBytes = 0, sampleRate = 0, channels = 0;
  std::optional<std::uint64_t> fact;         // where its count is
  bool large = false;                        // RF64
  bool hasRoom = false;                      // for a ds64 chunk, or has one
  bool ds64 = false;
};

void readFormat(Layout& layout, View file, std::uint64_t body, std::uint32_t size) {
  if (size < 16) throw WriteFailure("its format chunk is too short");
  layout.channels = numberAt<std::uint16_t>(file, body + 2);
  layout.sampleRate = numberAt<std::uint32_t>(file, body + 4);
  layout.frameBytes = numberAt<std::uint16_t>(file, body + 12);
}

Layout layoutOf(View file) {
  Layout layout;
  layout.large = idAt(file, 0) == "RF64";
  for (std::uint64_t at = kFirstChunk; at + 8 <= file.size();) {
    const std::string_view id = idAt(file, at);
    const std::uint32_t size = numberAt<std::uint32_t>(file, at + 4);
    const std::uint64_t body = at + 8;
    if (id == "data") {
      layout.data = body;
      layout.declared = size;
      if (size == kUnknown && layout.ds64) layout.declared = numberAt<std::uint64_t>(file, kFirstChunk + 8 + 8);
      break;
    }
    if (body + size > file.size()) break;
    if (at == kFirstChunk && size >= kDs64Body && (id == "JUNK" || id == "ds64")) {
      layout.hasRoom = true;
      layout.ds64 = id == "ds64";
    }
    if (id == "fmt ") readFormat(layout, file, body, size);
    if (id == "fact" && size >= 4) layout.fact = body;
    at = body + size + size % 2;
  }
  if (layout.data == 0) throw WriteFailure("it breaks off, or its head is lost, before its samples begin");
  if (layout.frameBytes == 0 || layout.channels == 0 || layout.sampleRate == 0) throw WriteFailure("its format is lost: nothing tells rate and channels");
  return layout;
}

/// The end of the chunks that follow one another from `at` on.
std::uint64_t chunksFrom(View file, std::uint64_t at) {
  const auto isLetter = [](char letter) { return letter >= ' ' && letter <= '~'; };
  while (at + 8 <= file.size()) {
    const std::string_view id = idAt(file, at);
    const std::uint64_t size = numberAt<std::uint32_t>(file, at + 4);
    if (!std::all_of(id.begin(), id.end(), isLetter) || at + 8 + size > file.size()) break;
    at += 8 + size + size % 2;
  }
  return std::min<std::uint64_t>(at, file.size());
}

/// Bytes of sound in the file, and where they and the chunks behind them end.
struct Extent {
  std::uint64_t data, end;
};

Extent extentOf(View file, const Layout& layout, std::vector<std::string>& findings) {
  const std::uint64_t there = file.size() - layout.data;
  const auto whole = [&](std::uint64_t bytes) { return bytes - bytes % layout.frameBytes; };
  if (layout.declared <= there) {
    const std::uint64_t behind = layout.data + layout.declared + layout.declared % 2, chunks = behind < file.size() ? chunksFrom(file, behind) : file.size();
    // A head that says "no sound" is believed only if all that follows are chunks.
    if (layout.declared != 0 ? behind >= file.size() || chunks > behind : chunks == file.size()) return {layout.declared, file.size()};
  }
  if (layout.declared == there) return {there, file.size()};
  std::uint64_t end = file.size();
  if (layout.declared <= there) {
    // What a file system leaves of blocks that were never written is no sound.
    while (end > layout.data + layout.declared && file[end - 1] == std::byte{0}) --end;
    end += (layout.frameBytes - (end - layout.data) % layout.frameBytes) % layout.frameBytes;
    end = std::min<std::uint64_t>(end, file.size());
    if (whole(end - layout.data) > layout.declared)
      findings.push_back("its head counts " + std::to_string(layout.declared / layout.frameBytes) + " frames, there are " + std::to_string((end - layout.data) / layout.frameBytes));
  } else if (layout.declared != kUnknown || layout.ds64) {
    findings.push_back("its head promises " + std::to_string(layout.declared / layout.frameBytes) + " frames, there are " + std::to_string(there / layout.frameBytes));
  } else {
    findings.push_back("its head does not say how long it is");
  }
  const std::uint64_t data = std::max(whole(end - layout.data), layout.declared <= there ? layout.declared : 0);
  if (layout.data + data < file.size()) findings.push_back(std::to_string(file.size() - layout.data - data) + " bytes behind its last frame are cut off");
  return {data, layout.data + data};
}

/// Adds a patch, unless the bytes are there already.
void require(Mending& mending, View file, std::uint64_t offset, std::vector<std::byte> bytes) {
  if (offset + bytes.size() <= file.size() && std::equal(bytes.begin(), bytes.end(), file.begin() + static_cast<std::ptrdiff_t>(offset))) return;
  mending.patches.push_back({offset, std::move(bytes)});
}

}  // namespace

Mending examineWave(View file) {
  const Layout layout = layoutOf(file);
  Mending mending;
  const auto [data, end] = extentOf(file, layout, mending.findings);
  mending.size = end;
  if (data % 2 != 0 && end == layout.data + data) {
    mending.size = end + 1;
    require(mending, file, end, {std::byte{0}});
  }
  const std::uint64_t riff = mending.size - 8, frames = data / layout.frameBytes;
  const bool large = layout.hasRoom && (riff > kRiffLimit || (layout.large && layout.ds64));
  const auto count = [](std::uint64_t value) { return static_cast<std::uint32_t>(std::min(value, kRiffLimit)); };
  if (layout.hasRoom) {
    require(mending, file, 0, Bytes().text(large ? "RF64" : "RIFF").number(large ? kUnknown : count(riff)).take());
    Bytes sizes;
    sizes.text(large ? "ds64" : "JUNK");
    require(mending, file, kFirstChunk, sizes.take());
    if (large) require(mending, file, kFirstChunk + 8, Bytes().number(riff).number(data).number(frames).take());
  } else {
    require(mending, file, 0, Bytes().text("RIFF").number(count(riff)).take());
    if (riff > kRiffLimit) mending.findings.push_back("it is larger than a WAV file's head can say, and there is no room for RF64's: programs that read on to its end read all of it");
  }
  require(mending, file, layout.data - 4, Bytes().number(large ? kUnknown : count(data)).take());
  if (layout.fact) require(mending, file, *layout.fact, Bytes().number(large ? kUnknown : count(frames)).take());
  if (mending.findings.empty() && !mending.patches.empty()) mending.findings.push_back("the sizes in its head are not those of the file");
  mending.holds = std::string(large ? "RF64" : "WAV") + ", " + std::to_string(frames) + " frames of " + std::to_string(layout.channels) + " channels at " +
                  std::to_string(layout.sampleRate) + " Hz";
  return mending;
}

}  // namespace backline::media

#include "media/recording_notes.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

#include "media/bytes.h"

namespace backline::media {

namespace {

constexpr std::size_t kMostNotes = 1000;   // no header has room for more
constexpr std::int64_t kSecond = 1'000'000'000;

std::tm utc(std::int64_t nanoseconds) {
  const std::time_t seconds = nanoseconds / kSecond;
  std::tm time{};
  gmtime_r(&seconds, &time);
  return time;
}

std::string formatted(std::int64_t nanoseconds, const char* format) {
  const std::tm time = utc(nanoseconds);
  std::array<char, 64> text{};
  return {text.data(), std::strftime(text.data(), text.size(), format, &time)};
}

std::string counted(std::uint64_t count, const char* what) { return std::to_string(count) + " " + what + (count == 1 ? "" : "s"); }

Bytes& chunk(Bytes& to, std::string_view id, std::span<const std::byte> body) {
  to.text(id).number(static_cast<std::uint32_t>(body.size())).add(body);
  return body.size() % 2 != 0 ? to.zeros(1) : to;
}

std::vector<std::byte> terminated(std::string_view text) { return Bytes().text(text).zeros(1).take(); }

}  // namespace

std::string utcText(std::int64_t nanoseconds) {
  std::array<char, 16> fraction{};
  std::snprintf(fraction.data(), fraction.size(), ".%09dZ", static_cast<int>(nanoseconds % kSecond));
  return formatted(nanoseconds, "%Y-%m-%dT%H:%M:%S") + fraction.data();
}

void RecordingNotes::gap(std::uint64_t frame, std::uint64_t frames, std::string_view reason) {
  ++gaps_;
  gapFrames_ += frames;
  if (notes_.size() < kMostNotes) notes_.push_back({frame, frames, true, "gap: " + counted(frames, "frame") + " of silence, " + std::string(reason)});
}

void RecordingNotes::pause(std::uint64_t frame, std::uint64_t frames) {
  ++pauses_;
  if (notes_.size() < kMostNotes) notes_.push_back({frame, frames, false, "pause: " + counted(frames, "frame") + " left out"});
}

std::string RecordingNotes::summary() const {
  return counted(gaps_, "gap") + ", " + counted(gapFrames_, "frame") + " of silence in them; " + counted(pauses_, "pause");
}

std::vector<std::string> RecordingNotes::comments(std::size_t bytes) const {
  std::vector<std::string> comments;
  std::size_t used = 0;
  const auto add = [&](std::string comment) {
    used += comment.size() + 4;
    if (used <= bytes) comments.push_back(std::move(comment));
    return used <= bytes;
  };
  add("ENCODER=Backline");
  add("DATE=" + utcText(origin_.utcNanoseconds));
  if (!origin_.device.empty()) add("DEVICE=" + origin_.device.substr(0, 256));
  if (origin_.sourceFrame) add("DEVICE_FRAME=" + std::to_string(*origin_.sourceFrame));
  if (origin_.takeFrame > 0) add("TAKE_FRAME=" + std::to_string(origin_.takeFrame));
  if (!notes_.empty()) add("GAPS=" + summary());
  for (const Note& note : notes_)
    if (!add((note.isGap ? "GAP=at frame " : "PAUSE=at frame ") + std::to_string(note.frame) + ", " + note.text)) break;
  return comments;
}

std::vector<std::byte> RecordingNotes::broadcastChunk(std::uint32_t sampleRate) const {
  const std::int64_t sinceMidnight = origin_.utcNanoseconds % (86400 * kSecond);
  const auto reference = static_cast<std::uint64_t>(sinceMidnight / kSecond) * sampleRate +
                         static_cast<std::uint64_t>(sinceMidnight % kSecond) * sampleRate / static_cast<std::uint64_t>(kSecond);
  std::string description = "first frame at " + utcText(origin_.utcNanoseconds);
  if (origin_.sourceFrame) description += ", frame " + std::to_string(*origin_.sourceFrame) + " of the device";
  if (origin_.takeFrame > 0) description += ", frame " + std::to_string(origin_.takeFrame) + " of the take";
  if (!origin_.device.empty()) description += "; " + origin_.device;
  Bytes body;
  body.field(description, 256).field("Backline", 32).field("", 32);
  body.text(formatted(origin_.utcNanoseconds, "%Y-%m-%d%H:%M:%S")).number(reference).number(std::uint16_t{1}).zeros(64 + 190);
  Bytes all;
  chunk(all, "bext", body.take());
  return all.take();
}

std::vector<std::byte> RecordingNotes::waveChunks(std::size_t bytes) const {
  Bytes info;
  info.text("INFO");
  chunk(info, "ISFT", terminated("Backline"));
  chunk(info, "ICRD", terminated(formatted(origin_.utcNanoseconds, "%Y-%m-%d")));
  chunk(info, "ICMT", terminated(summary()));
  Bytes all;
  chunk(all, "LIST", info.take());
  Bytes points, labels;
  labels.text("adtl");
  std::uint32_t count = 0;
  for (const Note& note : notes_) {
    // A cue point's place has 32 bits.
    if (note.frame > 0xffffffff) break;
    const auto frame = static_cast<std::uint32_t>(note.frame);
    const std::uint32_t id = count + 1;
    Bytes label;
    chunk(label, "labl", Bytes().number(id).text(note.text).zeros(1).take());
    if (note.isGap)
      chunk(label, "ltxt", Bytes().number(id).number(static_cast<std::uint32_t>(std::min<std::uint64_t>(note.frames, 0xffffffff))).text("rgn ").zeros(8).take());
    if (all.size() + 8 + 4 + points.size() + 24 + 8 + labels.size() + label.size() > bytes) break;
    points.number(id).number(frame).text("data").zeros(8).number(frame);
    labels.add(label.take());
    ++count;
  }
  if (count > 0) {
    chunk(all, "cue ", Bytes().number(count).add(points.take()).take());
    chunk(all, "LIST", labels.take());
  }
  return all.take();
}

}  // namespace backline::media

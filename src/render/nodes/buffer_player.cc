#include "render/nodes/buffer_player.h"

#include <algorithm>
#include <cmath>

#include "render/node.h"

namespace backline::render {

namespace {

constexpr double kFastest = 0x1p40;   // buffer frames a frame
constexpr double kFarthest = 0x1p60;  // buffer frames
constexpr unsigned kFractionBits = 64;
constexpr __int128 kOne = __int128{1} << kFractionBits;
constexpr __int128 kFar = static_cast<__int128>(kFarthest) << kFractionBits;

// A ratio of rates need not be representable: 4,800 steps of 44100/48000 miss 4410 by a hair. Positions are kept this much too high and
// count as whole within it on both sides, so that ends, wraps and exact samples fall on the frames where they belong.
constexpr std::uint64_t kSlack = std::uint64_t{1} << (kFractionBits - 20);

std::int64_t wholeOf(__int128 position) { return static_cast<std::int64_t>(position >> kFractionBits); }
double fractionOf(__int128 position) {
  const auto fraction = static_cast<std::uint64_t>(position);
  return fraction <= 2 * kSlack ? 0 : static_cast<double>(fraction - kSlack) * 0x1p-64;
}

/// `count` frames, each between two neighbouring samples; as Tap reads them.
void readBetween(const float* samples, __int128 position, __int128 step, float* out, std::uint32_t count) {
  for (std::uint32_t i = 0; i < count; ++i, position += step) {
    const float* at = samples + wholeOf(position);
    const double part = fractionOf(position), from = at[0];
    out[i] = part == 0 ? at[0] : static_cast<float>(from + (at[1] - from) * part);
  }
}

}  // namespace

// Two places to read and how to weigh them: (1 − part) · first + part · second. The second is itself between two samples where a loop whose
// ends are no whole frames is spliced, and beyond the last sample it continues the line through the last two.
struct BufferPlayer::Tap {
  std::int64_t first;
  double part;
  std::int64_t second, third;
  double spliced;   ///< part of third in second
  bool extrapolated;

  float read(const float* samples) const {
    const double from = samples[first];
    if (part == 0) return samples[first];
    if (extrapolated) return static_cast<float>(from + (from - samples[second]) * part);
    const double next = spliced == 0 ? samples[second] : samples[second] + (double{samples[third]} - samples[second]) * spliced;
    return static_cast<float>(from + (next - from) * part);
  }
};

BufferPlayer::Position BufferPlayer::positionOf(double frames) {
  frames = std::clamp(frames, -kFarthest, kFarthest);
  const auto whole = static_cast<std::int64_t>(frames);
  // A double times 2^64 is slow to convert.
  return static_cast<double>(whole) == frames ? Position{whole} * kOne : static_cast<Position>(frames * 0x1p64);
}

BufferPlayer::Region BufferPlayer::loopOf(const Settings& settings) {
  const auto& buffer = settings.buffer;
  const double length = static_cast<double>(buffer.length());
  const double start = framesOf(settings.loopStart, buffer.sampleRate());
  const double end = std::min(framesOf(settings.loopEnd, buffer.sampleRate()), length);
  if (settings.loopStart >= 0 && settings.loopEnd > 0 && start < end) return {positionOf(start), positionOf(end)};
  return {0, positionOf(length)};
}

BufferPlayer::Position BufferPlayer::wrap(Position position, const Region& loop) {
  if (position >= loop.start && position < loop.end) return position;
  const Position size = loop.end - loop.start;
  const Position into = (position - loop.start) % size;
  return loop.start + (into < 0 ? into + size : into);
}

void BufferPlayer::start(const Settings& settings, double offset, double duration, double lead) noexcept {
  const auto& buffer = settings.buffer;
  const double length = static_cast<double>(buffer.length());
  const double leading = lead * std::clamp(settings.step, -kFastest, kFastest);
  offset_ = positionOf(std::clamp(framesOf(offset, buffer.sampleRate()), 0.0, length));
  if (settings.loop) {
    const Region loop = loopOf(settings);
    if (settings.step >= 0 && offset_ >= loop.end) {
      offset_ = loop.end;
      enteredLoop_ = true;  // and goes on from the loop's start at once
    }
    if (settings.step < 0) offset_ = std::max(offset_, loop.start);
  }
  position_ = offset_ + positionOf(leading) + kSlack;
  elapsed_ = positionOf(leading) + kSlack;
  duration_ = positionOf(framesOf(duration, buffer.sampleRate()));
  started_ = true;
}

void BufferPlayer::enterLoop(const Region& loop) {
  if (enteredLoop_) return;
  const bool fromBefore = offset_ < loop.end && position_ >= loop.start;
  const bool fromBehind = offset_ >= loop.end && position_ < loop.end;
  enteredLoop_ = fromBefore || fromBehind;
}

void BufferPlayer::move(Position distance) {
  position_ = std::clamp(position_ + distance, -kFar, kFar);
  elapsed_ = std::clamp(elapsed_ + distance, -kFar, kFar);
}

BufferPlayer::Tap BufferPlayer::tapAt(Position position, const Region* loop, std::int64_t length) const {
  Tap tap{wholeOf(position), fractionOf(position), 0, 0, 0, false};
  const std::int64_t following = tap.first + 1;
  tap.second = tap.third = std::min(following, length - 1);
  if (loop && following * kOne >= loop->end) {
    const Position splice = wrap(following * kOne + kSlack, *loop);
    tap.second = wholeOf(splice);
    tap.third = std::min(tap.second + 1, length - 1);
    tap.spliced = fractionOf(splice);
  } else if (following >= length) {
    tap.extrapolated = true;
    tap.second = std::max<std::int64_t>(tap.first - 1, 0);
  }
  return tap;
}

// True once no later frame can sound at the present rate.
bool BufferPlayer::exhausted(const Settings& settings, Position step) const {
  if (elapsed_ >= duration_) return true;
  if (settings.loop) return false;
  return step < 0 ? position_ < 0 : position_ >= static_cast<Position>(settings.buffer.length()) * kOne;
}

bool BufferPlayer::play(const Settings& settings, Block& out, std::uint32_t begin, std::uint32_t end) noexcept {
  const auto length = static_cast<std::int64_t>(settings.buffer.length());
  const std::uint32_t channels = out.channels;
  const float* samples[kMaxChannels];
  for (std::uint32_t c = 0; c < channels; ++c) samples[c] = settings.buffer.channel(c);

  const Position step = positionOf(std::clamp(settings.step, -kFastest, kFastest));
  const Region loop = settings.loop ? loopOf(settings) : Region{};
  if (!settings.loop) enteredLoop_ = false;

  std::uint32_t i = begin;
  while (i < end && !exhausted(settings, step)) {
    if (settings.loop) {
      enterLoop(loop);
      if (enteredLoop_) position_ = wrap(position_, loop);
    }
    std::uint32_t count = 1;
    const bool inside = position_ >= 0 && position_ < length * kOne;
    if (inside && step == kOne && fractionOf(position_) == 0) {
      // Whole frames at the buffer's own pace, up to the next thing that could happen.
      Position limit = length * kOne - position_;
      if (settings.loop) limit = std::min(limit, (position_ < loop.start ? loop.start : loop.end) - position_);
      limit = std::min(limit, duration_ - elapsed_);
      const Position most = (limit + kOne - 1) >> kFractionBits;
      count = most < 1 ? 1 : most < end - i ? static_cast<std::uint32_t>(most) : end - i;
      for (std::uint32_t c = 0; c < channels; ++c) {
        std::copy_n(samples[c] + wholeOf(position_), count, out.channel(c) + i);
      }
    } else if (const Position room = std::min((settings.loop ? loop.end : length * kOne) - kOne - position_, duration_ - elapsed_);
               inside && step > 0 && room > 0 && (!settings.loop || enteredLoop_)) {
      // Up to where the next sample is no longer the following one, or the duration is over.
      count = static_cast<std::uint32_t>(std::min<Position>((room + step - 1) / step, end - i));
      for (std::uint32_t c = 0; c < channels; ++c) readBetween(samples[c], position_, step, out.channel(c) + i, count);
    } else if (inside) {
      const Tap tap = tapAt(position_, enteredLoop_ ? &loop : nullptr, length);
      for (std::uint32_t c = 0; c < channels; ++c) out.channel(c)[i] = tap.read(samples[c]);
    } else {
      for (std::uint32_t c = 0; c < channels; ++c) out.channel(c)[i] = 0;
    }
    move(step * count);
    i += count;
  }
  for (std::uint32_t c = 0; c < channels; ++c) std::fill(out.channel(c) + i, out.channel(c) + end, 0.0f);
  return !exhausted(settings, step);
}

// For how many frames, at least one, the next steps are alike: up to the end of what plays or the entry into the loop.
BufferPlayer::Position BufferPlayer::framesToTurn(const Settings& settings, const Region& loop, Position step) const {
  const Position size = step < 0 ? -step : step;
  if (size == 0) return kFar;
  Position frames = kFar / size;
  const auto until = [&](Position distance) { frames = std::min(frames, (distance + size - 1) / size); };
  if (step > 0) until(duration_ - elapsed_);
  if (!settings.loop) {
    until(step > 0 ? static_cast<Position>(settings.buffer.length()) * kOne - position_ : position_ + 1);
  } else if (!enteredLoop_) {
    if (step > 0 && position_ < loop.start) until(loop.start - position_);
    if (step < 0 && position_ >= loop.end) until(position_ - loop.end + 1);
  }
  return frames;
}

void BufferPlayer::skip(const Settings& settings, double frames) noexcept {
  const double pace = std::clamp(settings.step, -kFastest, kFastest), whole = std::floor(frames);
  const Position step = positionOf(pace);
  const Region loop = loopOf(settings);
  if (!settings.loop) enteredLoop_ = false;
  for (auto left = static_cast<Position>(whole); left > 0 && !exhausted(settings, step);) {
    if (settings.loop) {
      enterLoop(loop);
      if (enteredLoop_) position_ = wrap(position_, loop);
    }
    const Position count = std::min(left, framesToTurn(settings, loop, step));
    move(step * count);
    left -= count;
  }
  if (frames > whole) move(positionOf((frames - whole) * pace));
}

}  // namespace backline::render

#include "render/nodes/hrtf_panner.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "dsp/convolution_kernels.h"

namespace backline::render {

namespace {
constexpr std::uint32_t kRun = 128;         // frames that are done at once
constexpr std::uint32_t kLeastFade = 128;   // frames
constexpr std::uint32_t kJumpFade = 512;    // frames
constexpr double kJump = 10;                // degrees

bool isJump(const dsp::Head::Direction& from, const dsp::Head::Direction& to) noexcept {
  const double turn = std::abs(from.azimuth - to.azimuth);
  return std::min(turn, 360 - turn) > kJump || std::abs(from.elevation - to.elevation) > kJump;
}
}  // namespace

HrtfPanner::HrtfPanner(std::shared_ptr<const HrtfTable> table, std::uint32_t quantum)
    : table_(std::move(table)),
      quantum_(quantum),
      history_(table_->mostDelay() + table_->taps()),
      tail_(static_cast<std::uint32_t>(history_)) {
  for (EarFilters& filters : rt_.filters) filters = table_->makeFilters();
  for (auto& line : rt_.lines) line.resize(history_ + kRun);
  rt_.other.resize(kRun);
  if (isReady()) return;
  rt_.standInSamples.resize(std::size_t{2} * quantum);
  rt_.standIn.data = rt_.standInSamples.data();
  rt_.standIn.frames = quantum;
  rt_.standIn.capacity = 2;
}

void HrtfPanner::reset() noexcept {
  if (!rt_.aimed) return;
  for (auto& line : rt_.lines) std::fill(line.begin(), line.end(), 0.0f);
  rt_.aimed = false;
  rt_.fade = 0;
  rt_.stereoFrames = 0;
}

void HrtfPanner::aim(const dsp::Head::Direction& direction) noexcept {
  const bool same = rt_.aimed && direction.azimuth == rt_.direction.azimuth && direction.elevation == rt_.direction.elevation;
  if (same || rt_.fade > 0) return;
  if (rt_.aimed) {
    rt_.jumps = isJump(rt_.direction, direction);
    rt_.fade = std::max(quantum_, rt_.jumps ? kJumpFade : kLeastFade);
    rt_.faded = 0;
  }
  table_->find(direction.azimuth, direction.elevation, rt_.filters[rt_.aimed ? 1 - rt_.now : rt_.now]);
  rt_.direction = direction;
  rt_.aimed = true;
}

void HrtfPanner::process(const Block& in, const dsp::Head::Direction& direction, double gain, Block& out) noexcept {
  if (!rt_.aimed) rt_.gain = gain;
  if (in.channels == 2 && rt_.stereoFrames == 0) std::copy(rt_.lines[0].begin(), rt_.lines[0].end(), rt_.lines[1].begin());
  if (in.channels == 2) rt_.stereoFrames = history_ + in.frames;
  out.channels = 2;
  out.silent = false;
  for (std::uint32_t done = 0; done < in.frames;) {
    aim(direction);
    std::uint32_t count = std::min(kRun, in.frames - done);
    if (rt_.fade > 0) count = std::min(count, rt_.fade - rt_.faded);
    run(in, done, count, out);
    done += count;
  }
  const double step = (gain - rt_.gain) / in.frames;
  for (std::uint32_t c = 0; c < 2; ++c) {
    float* samples = out.channel(c);
    for (std::uint32_t i = 0; i < in.frames; ++i) samples[i] *= static_cast<float>(rt_.gain + step * (i + 1));
  }
  rt_.gain = gain;
  rt_.stereoFrames -= std::min<std::size_t>(rt_.stereoFrames, in.frames);
}

void HrtfPanner::arrive(Block& out) noexcept {
  for (std::uint32_t c = 0; c < 2; ++c) {
    const float* from = rt_.standIn.channel(c);
    float* samples = out.channel(c);
    for (std::uint32_t i = 0; i < std::min(out.frames, rt_.arriving); ++i) {
      const float left = static_cast<float>(rt_.arriving - i) / static_cast<float>(kArrival);
      samples[i] += (from[i] - samples[i]) * left * left * (3 - 2 * left);
    }
  }
  rt_.arriving -= std::min(rt_.arriving, out.frames);
}

void HrtfPanner::run(const Block& in, std::uint32_t from, std::uint32_t count, Block& out) noexcept {
  const std::uint32_t lines = rt_.stereoFrames > 0 ? 2 : 1;
  for (std::uint32_t c = 0; c < lines; ++c) std::copy_n(in.channel(c < in.channels ? c : 0) + from, count, rt_.lines[c].data() + history_);
  const bool fading = rt_.fade > 0;
  for (unsigned ear = 0; ear < 2; ++ear) {
    float* samples = out.channel(ear) + from;
    hear(rt_.filters[rt_.now], ear, count, samples);
    if (!fading) continue;
    hear(rt_.filters[1 - rt_.now], ear, count, rt_.other.data());
    for (std::uint32_t i = 0; i < count; ++i) {
      const float way = static_cast<float>(rt_.faded + i + 1) / static_cast<float>(rt_.fade);
      samples[i] += (rt_.other[i] - samples[i]) * (rt_.jumps ? way * way * (3 - 2 * way) : way);
    }
  }
  if (fading && (rt_.faded += count) == rt_.fade) {
    rt_.now = 1 - rt_.now;
    rt_.fade = 0;
  }
  for (std::uint32_t c = 0; c < lines; ++c) std::copy_n(rt_.lines[c].data() + count, history_, rt_.lines[c].data());
}

void HrtfPanner::hear(const EarFilters& filters, unsigned ear, std::uint32_t count, float* out) const noexcept {
  const std::vector<float>& line = rt_.lines[rt_.stereoFrames > 0 ? ear : 0];
  std::fill_n(out, count, 0.0f);
  dsp::addFiltered(line.data() + history_ - filters.delay[ear], filters.taps[ear].data(), filters.taps[ear].size(), out, count);
}

}  // namespace backline::render

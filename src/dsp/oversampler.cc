#include "dsp/oversampler.h"

#include <algorithm>

namespace backline::dsp {

namespace {

constexpr std::size_t kDelay = 64;   // samples of a step's lower rate
/// The first step has to part what lies just below half the rate from what lies just above. The second has an octave for that: there is nothing
/// near half of its rate but what the first step takes away.
constexpr std::size_t kTaps[] = {128, 16};

}  // namespace

Oversampler::Oversampler(std::uint32_t factor, std::uint32_t channels) {
  std::size_t run = kRun;
  for (std::uint32_t rate = 1; rate < factor; rate *= 2) {
    Step step{HalfBand(kTaps[steps_.size()], kDelay), stride_, 0};
    step.down = stride_ + step.filter.upHistory();
    stride_ = step.down + step.filter.downHistory();
    tail_ += (2 * static_cast<std::uint32_t>(step.filter.memory()) + rate - 1) / rate;
    latency_ += 2 * static_cast<std::uint32_t>(kDelay) / rate;
    scratch_.resize(std::max(scratch_.size(), step.filter.scratch(run)));
    run *= 2;
    raised_.emplace_back(run);
    steps_.push_back(std::move(step));
  }
  histories_ = std::make_unique<float[]>(stride_ * channels);
}

std::span<float> Oversampler::raise(std::uint32_t channel, const float* in, std::uint32_t count) noexcept {
  std::size_t have = count;
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const Step& step = steps_[i];
    step.filter.up(in, have, raised_[i].data(), {historyOf(channel) + step.up, step.filter.upHistory()}, scratch_.data());
    in = raised_[i].data();
    have *= 2;
  }
  return {raised_.back().data(), have};
}

void Oversampler::lower(std::uint32_t channel, float* out, std::uint32_t count) noexcept {
  for (std::size_t i = steps_.size(); i-- > 0;) {
    const Step& step = steps_[i];
    float* to = i == 0 ? out : raised_[i - 1].data();
    step.filter.down(raised_[i].data(), std::size_t{count} << i, to, {historyOf(channel) + step.down, step.filter.downHistory()}, scratch_.data());
  }
}

void Oversampler::copy(std::uint32_t from, std::uint32_t to) noexcept { std::copy_n(historyOf(from), stride_, historyOf(to)); }

void Oversampler::clear(std::uint32_t channel) noexcept { std::fill_n(historyOf(channel), stride_, 0.0f); }

}  // namespace backline::dsp

#include "media/resampler.h"

#include <array>
#include <utility>

#include "media/sound_decoding.h"
#include "render/block.h"

extern "C" {
#include <libavutil/opt.h>
}

namespace backline::media {

namespace {

// SoX's resampler at its highest quality: 28 bits, nothing but the last few percent of the band is lost.
constexpr double kPrecision = 28;
constexpr double kCutoff = 0.99;
// Where FFmpeg comes without it, its own with a filter as long.
constexpr int kFilterTaps = 128;

AvResampler open(const AVFrame& first, int channels, int sampleRate, bool sox) {
  AVChannelLayout layout = layoutOf(channels);
  SwrContext* context = nullptr;
  const int error = swr_alloc_set_opts2(&context, &layout, AV_SAMPLE_FMT_FLTP, sampleRate, &layout,
                                        static_cast<AVSampleFormat>(first.format), first.sample_rate, 0, nullptr);
  AvResampler resampler(context);
  if (error < 0) return nullptr;
  if (sox) {
    av_opt_set_int(context, "resampler", SWR_ENGINE_SOXR, 0);
    av_opt_set_double(context, "precision", kPrecision, 0);
    av_opt_set_double(context, "cutoff", kCutoff, 0);
  } else {
    av_opt_set_int(context, "filter_size", kFilterTaps, 0);
    av_opt_set_double(context, "cutoff", kCutoff, 0);
    av_opt_set_int(context, "exact_rational", 1, 0);
  }
  if (swr_init(context) < 0) return nullptr;
  return resampler;
}

}  // namespace

Resampler::Resampler(const AVFrame& first, int sampleRate, std::uint64_t mostSamples, TakePlanar take)
    : inputRate_(first.sample_rate),
      channels_(first.ch_layout.nb_channels),
      outputRate_(sampleRate),
      mostSamples_(mostSamples),
      take_(std::move(take)) {
  resampler_ = open(first, channels_, sampleRate, true);
  if (!resampler_) resampler_ = open(first, channels_, sampleRate, false);
  if (!resampler_) {
    failDecoding("no conversion is possible from " + std::to_string(inputRate_) + " to " + std::to_string(sampleRate) + " Hz");
  }
  planes_.resize(static_cast<std::size_t>(channels_));
  rows_.resize(planes_.size());
}

void Resampler::give(std::size_t frames) {
  if (frames == 0) return;
  outputFrames_ += frames;
  if (outputFrames_ * planes_.size() > mostSamples_) {
    failDecoding("the sound is too long to be held in memory: more than " +
                 std::to_string(mostSamples_ / planes_.size() / static_cast<std::uint64_t>(outputRate_)) + " s with " + std::to_string(channels_) + " channels");
  }
  std::array<const float*, render::kMaxChannels> channels;
  for (std::size_t i = 0; i < planes_.size(); ++i) channels[i] = planes_[i].data();
  take_(std::span(channels).first(planes_.size()), frames);
}

void Resampler::convert(const std::uint8_t* const* samples, int frames) {
  const int room = swr_get_out_samples(resampler_.get(), frames);
  if (room <= 0) return;
  for (std::size_t i = 0; i < planes_.size(); ++i) {
    if (planes_[i].size() < static_cast<std::size_t>(room)) planes_[i].resize(static_cast<std::size_t>(room));
    rows_[i] = reinterpret_cast<std::uint8_t*>(planes_[i].data());
  }
  const int written = swr_convert(resampler_.get(), rows_.data(), room, const_cast<const std::uint8_t**>(samples), frames);
  if (written < 0) failDecoding("the sample rate cannot be converted: " + avText(written));
  give(static_cast<std::size_t>(written));
}

void Resampler::add(const AVFrame& frame) {
  inputFrames_ += static_cast<std::uint64_t>(frame.nb_samples);
  convert(frame.extended_data, frame.nb_samples);
}

std::uint64_t Resampler::finish() {
  if (outputRate_ != inputRate_) convert(nullptr, 0);
  const auto in = static_cast<std::uint64_t>(inputRate_), out = static_cast<std::uint64_t>(outputRate_);
  const std::uint64_t length = (inputFrames_ * out + in - 1) / in;
  if (length > outputFrames_) {   // what a filter keeps to itself
    const auto missing = static_cast<std::size_t>(length - outputFrames_);
    for (auto& plane : planes_) plane.assign(missing, 0);
    give(missing);
  }
  return length;
}

}  // namespace backline::media

#include "media/stream_converter.h"

#include <SoundTouch.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "transport/realtime.h"

extern "C" {
#include <libavutil/opt.h>
}

namespace backline::media {

namespace {

// Debian's SoundTouch is built with -ffast-math: loading it makes the thread that loads it flush denormals, and that is the program's own.
[[gnu::constructor]] void undoFastMath() { transport::keepDenormals(); }

constexpr double kPrecision = 20;      // bits, of SoX's resampler
constexpr double kCutoff = 0.99;
constexpr std::uint32_t kBlock = 4096;   // frames

AvResampler openResampler(int channels, int from, int to, bool sox) {
  AVChannelLayout layout = layoutOf(channels);
  SwrContext* context = nullptr;
  const int error = swr_alloc_set_opts2(&context, &layout, AV_SAMPLE_FMT_FLT, to, &layout, AV_SAMPLE_FMT_FLT, from, 0, nullptr);
  AvResampler resampler(context);
  if (error < 0) return nullptr;
  if (sox) {
    av_opt_set_int(context, "resampler", SWR_ENGINE_SOXR, 0);
    av_opt_set_double(context, "precision", kPrecision, 0);
  }
  av_opt_set_double(context, "cutoff", kCutoff, 0);
  if (swr_init(context) < 0) return nullptr;
  return resampler;
}

}  // namespace

StreamConverter::StreamConverter(std::uint32_t channels, int inputRate, int outputRate)
    : channels_(channels), inputRate_(inputRate), outputRate_(outputRate) {
  open();
}

StreamConverter::~StreamConverter() = default;

void StreamConverter::open() {
  tempo_.reset();
  resampler_.reset();
  const bool stretches = preservesPitch_ && rate_ != 1 && channels_ <= SOUNDTOUCH_MAX_CHANNELS;
  if (stretches) {
    tempo_ = std::make_unique<soundtouch::SoundTouch>();
    tempo_->setSampleRate(static_cast<unsigned>(inputRate_));
    tempo_->setChannels(channels_);
    tempo_->setTempo(rate_);
  }
  const int from = stretches ? inputRate_ : static_cast<int>(std::lround(inputRate_ * rate_));
  step_ = static_cast<double>(from) * (stretches ? rate_ : 1) / outputRate_;
  if (from == outputRate_) return;
  resampler_ = openResampler(static_cast<int>(channels_), from, outputRate_, true);
  if (!resampler_) resampler_ = openResampler(static_cast<int>(channels_), from, outputRate_, false);
  if (!resampler_) throw std::runtime_error("no conversion is possible from " + std::to_string(from) + " to " + std::to_string(outputRate_) + " Hz");
}

void StreamConverter::setSpeed(double rate, bool preservesPitch) {
  if (rate == rate_ && (preservesPitch == preservesPitch_ || rate == 1)) {
    preservesPitch_ = preservesPitch;
    return;
  }
  finish();
  rate_ = rate;
  preservesPitch_ = preservesPitch;
  open();
}

void StreamConverter::reset() {
  out_.clear();
  begin_ = 0;
  open();
}

void StreamConverter::add(std::span<const float> interleaved) {
  // What was consumed makes room once it is most of the vector.
  if (begin_ > 0 && begin_ * 2 >= out_.size()) {
    out_.erase(out_.begin(), out_.begin() + static_cast<std::ptrdiff_t>(begin_));
    begin_ = 0;
  }
  const auto frames = static_cast<std::uint32_t>(interleaved.size() / channels_);
  if (!tempo_) return resample(interleaved.data(), static_cast<int>(frames));
  tempo_->putSamples(interleaved.data(), frames);
  drainTempo();
}

void StreamConverter::drainTempo() {
  stretched_.resize(std::size_t{kBlock} * channels_);
  while (const unsigned got = tempo_->receiveSamples(stretched_.data(), kBlock)) resample(stretched_.data(), static_cast<int>(got));
}

void StreamConverter::resample(const float* samples, int frames) {
  if (!resampler_) {
    if (samples) out_.insert(out_.end(), samples, samples + std::size_t(frames) * channels_);
    return;
  }
  const int room = swr_get_out_samples(resampler_.get(), frames);
  if (room < 0) throw std::runtime_error("the sound cannot be resampled: " + avText(room));
  const std::size_t before = out_.size();
  out_.resize(before + std::size_t(room) * channels_);
  auto* to = reinterpret_cast<std::uint8_t*>(out_.data() + before);
  const auto* from = reinterpret_cast<const std::uint8_t*>(samples);
  const int written = swr_convert(resampler_.get(), &to, room, samples ? &from : nullptr, frames);
  out_.resize(before + std::size_t(std::max(0, written)) * channels_);
  if (written < 0) throw std::runtime_error("the sound cannot be resampled: " + avText(written));
}

void StreamConverter::finish() {
  if (tempo_) {
    tempo_->flush();
    drainTempo();
  }
  resample(nullptr, 0);
}

}  // namespace backline::media

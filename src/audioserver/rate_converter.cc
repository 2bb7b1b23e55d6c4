#include "audioserver/rate_converter.h"

extern "C" {
#include <libavutil/channel_layout.h>
#include <libavutil/opt.h>
#include <libswresample/swresample.h>
}

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "audioserver/device_info.h"
#include "audioserver/gap_fade.h"

namespace backline::audioserver {
namespace {

constexpr int kFilterTaps = 64;       // for the lower of the two rates
constexpr double kCutoff = 0.95;      // of the lower Nyquist frequency
constexpr double kKaiserBeta = 12;    // 118 dB down beyond the transition

}  // namespace

void RateConverter::Free::operator()(SwrContext* context) const { swr_free(&context); }

RateConverter::RateConverter(std::uint32_t channels, std::uint32_t inputRate, std::uint32_t outputRate, std::uint32_t maxOutput)
    : channels_(channels), inputRate_(inputRate), outputRate_(outputRate) {
  AVChannelLayout layout{AV_CHANNEL_ORDER_UNSPEC, static_cast<int>(channels), {0}, nullptr};
  SwrContext* context = nullptr;
  int error = swr_alloc_set_opts2(&context, &layout, AV_SAMPLE_FMT_FLTP, static_cast<int>(outputRate), &layout, AV_SAMPLE_FMT_FLT,
                                  static_cast<int>(inputRate), 0, nullptr);
  context_.reset(context);
  if (error >= 0) {
    av_opt_set_int(context, "filter_size", kFilterTaps, 0);
    av_opt_set_double(context, "cutoff", kCutoff, 0);
    av_opt_set_double(context, "kaiser_beta", kKaiserBeta, 0);
    error = swr_init(context);
  }
  if (error < 0 || channels > kMaxChannels) {
    throw DeviceError("cannot convert " + std::to_string(channels) + " channels from " + std::to_string(inputRate) + " Hz to the device's " +
                      std::to_string(outputRate) + " Hz; ask for the device's rate");
  }
  // The library's buffers grow to twice what it has ever held or been given at once: let that be more than there will be.
  const double taps = kFilterTaps * std::max(1.0, static_cast<double>(inputRate) / outputRate);
  const std::uint32_t most = 4 * (inputFor(maxOutput) + static_cast<std::uint32_t>(std::ceil(taps)));
  const std::vector<float> silence(std::size_t{most} * channels);
  std::vector<float> sink(std::size_t{maxOutput} * channels);
  convert(silence.data(), most, sink.data(), maxOutput, 1);
  while (convert(silence.data(), 0, sink.data(), maxOutput, maxOutput) > 0) {
  }
  const std::int64_t ticks = std::int64_t{inputRate} * outputRate;  // a second, such that no frame of either is rounded
  latency_ = static_cast<double>(swr_get_delay(context, ticks)) / static_cast<double>(ticks);
}

std::uint32_t RateConverter::convert(const float* input, std::uint32_t inputFrames, float* output, std::size_t stride,
                                     std::uint32_t outputFrames) noexcept {
  std::array<std::uint8_t*, kMaxChannels> planes{};
  for (std::uint32_t c = 0; c < channels_; ++c) planes[c] = reinterpret_cast<std::uint8_t*>(output + c * stride);
  // An input without frames still needs an address: none would mean the end of the stream.
  const std::uint8_t* in = reinterpret_cast<const std::uint8_t*>(input);
  const int got = swr_convert(context_.get(), planes.data(), static_cast<int>(outputFrames), &in, static_cast<int>(inputFrames));
  return got > 0 ? static_cast<std::uint32_t>(got) : 0;
}

std::uint32_t RateConverter::inputFor(std::uint32_t outputFrames) const noexcept {
  return static_cast<std::uint32_t>((std::uint64_t{outputFrames} * inputRate_ + outputRate_ - 1) / outputRate_);
}

}  // namespace backline::audioserver

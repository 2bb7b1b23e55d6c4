#include "render/nodes/impulse_response.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "dsp/kernels.h"

namespace backline::render {

namespace {

constexpr dsp::ConvolverPath kTwoPaths[] = {{0, 0, 0}, {1, 0, 1}};
constexpr dsp::ConvolverPath kStereoPaths[] = {{0, 0, 0}, {1, 1, 1}};
constexpr dsp::ConvolverPath kMatrixPaths[] = {{0, 0, 0}, {0, 1, 1}, {1, 2, 0}, {1, 3, 1}};

std::span<const dsp::ConvolverPath> pathsOf(std::uint32_t channels) {
  if (channels == 1) return kTwoPaths;
  if (channels == 2) return kStereoPaths;
  return kMatrixPaths;
}

/// Of four channels, the first two are for what both inputs have in common: left is heard through 0 and 1, right through 2 and 3.
std::vector<std::vector<float>> responsesOf(const AudioBufferData& buffer, float scale) {
  std::vector<std::vector<float>> responses(buffer.channels(), std::vector<float>(buffer.length()));
  for (std::uint32_t c = 0; c < buffer.channels(); ++c) dsp::scale(buffer.channel(c), scale, responses[c].data(), buffer.length());
  if (buffer.channels() == 4) {
    for (std::uint32_t c = 0; c < 2; ++c) dsp::add(responses[c + 2].data(), responses[c].data(), buffer.length());
  }
  return responses;
}

/// Small quanta get small steps of work, so that none of them has to do that of many.
std::uint32_t blockOf(std::uint32_t quantum) { return std::bit_floor(std::clamp(quantum, 32u, 128u)); }

std::uint64_t after(std::uint64_t frames, std::uint32_t passed) { return frames - std::min<std::uint64_t>(frames, passed); }

}  // namespace

float normalizationOf(const AudioBufferData& buffer) {
  constexpr double kGainCalibration = 0.00125;
  constexpr double kGainCalibrationSampleRate = 44100;
  constexpr double kLeastPower = 0.000125;
  double sum = 0;
  for (std::uint32_t c = 0; c < buffer.channels(); ++c) {
    const float* samples = buffer.channel(c);
    for (std::uint64_t i = 0; i < buffer.length(); ++i) sum += static_cast<double>(samples[i]) * static_cast<double>(samples[i]);
  }
  double power = std::sqrt(sum / (static_cast<double>(buffer.channels()) * static_cast<double>(buffer.length())));
  if (!std::isfinite(power) || power < kLeastPower) power = kLeastPower;
  const double scale = kGainCalibration * kGainCalibrationSampleRate / static_cast<double>(buffer.sampleRate()) / power;
  return static_cast<float>(buffer.channels() == 4 ? scale / 2 : scale);
}

ImpulseResponse::ImpulseResponse(const AudioBufferData& buffer, bool normalized, std::uint32_t quantum)
    : channels_(buffer.channels()),
      length_(buffer.length()),
      convolver_(responsesOf(buffer, normalized ? normalizationOf(buffer) : 1.0f), pathsOf(channels_), 2, 2, blockOf(quantum)) {
  rt_.difference.resize(quantum);
}

ImpulseResponse::Lanes ImpulseResponse::lanesAtRest(ChannelInterpretation interpretation) const noexcept {
  if (channels_ == 4) return Lanes::difference;
  return channels_ == 1 && interpretation == ChannelInterpretation::speakers ? Lanes::difference : Lanes::straight;
}

ImpulseResponse::Inputs ImpulseResponse::lanesOf(const Block& in, ChannelInterpretation interpretation) noexcept {
  Inputs inputs;
  if (in.silent) return inputs;
  const float* left = in.channel(0);
  // A mono input feeds all channels of the response. Of a mono response, the input is mixed up to the stereo that was or will be.
  const bool alone = channels_ == 1 && interpretation == ChannelInterpretation::discrete;
  const float* right = in.channels > 1 ? in.channel(1) : alone ? nullptr : left;
  inputs.lanes[0] = left;
  if (rt_.lanes == Lanes::straight) {
    inputs.lanes[1] = right;
  } else if (right != left) {
    float* difference = rt_.difference.data();
    for (std::uint32_t i = 0; i < in.frames; ++i) difference[i] = (right != nullptr ? right[i] : 0.0f) - left[i];
    inputs.lanes[1] = difference;
  }
  return inputs;
}

void ImpulseResponse::rest() noexcept {
  if (!rt_.resting) convolver_.reset();
  rt_.resting = true;
}

Activity ImpulseResponse::process(const Block& in, ChannelInterpretation interpretation, Block& out) noexcept {
  if (!in.active && rt_.activeFrames == 0) {
    rest();
    return Activity::idle;
  }
  const bool stereo = channels_ > 1 || in.channels > 1 || rt_.stereoFrames > 0;
  out.channels = stereo && out.capacity > 1 ? 2 : 1;
  out.silent = in.silent && rt_.soundFrames == 0;
  if (out.silent) {
    rest();
    out.zero(out.channels);
  } else {
    if (rt_.resting) rt_.lanes = lanesAtRest(interpretation);
    rt_.resting = false;
    const Inputs inputs = lanesOf(in, interpretation);
    float* outputs[] = {out.channel(0), out.channels > 1 ? out.channel(1) : nullptr};
    convolver_.process(inputs.lanes, outputs, out.frames);
    if (out.channels > 1 && channels_ == 1 && rt_.lanes == Lanes::difference) dsp::add(outputs[0], outputs[1], out.frames);
    // What is left of a transform's rounding after the last sample of the tail is no sound.
    if (in.silent && rt_.soundFrames < out.frames) {
      for (std::uint32_t c = 0; c < out.channels; ++c) std::fill(out.channel(c) + rt_.soundFrames, out.channel(c) + out.frames, 0.0f);
    }
  }
  rt_.activeFrames = in.active ? length_ - 1 : after(rt_.activeFrames, out.frames);
  rt_.soundFrames = in.silent ? after(rt_.soundFrames, out.frames) : length_ - 1;
  rt_.stereoFrames = in.active && in.channels > 1 ? length_ - 1 : after(rt_.stereoFrames, out.frames);
  return Activity::active;
}

}  // namespace backline::render

#include "control/analyser_node.h"

#include <algorithm>
#include <bit>

#include "control/base_audio_context.h"
#include "control/checks.h"

namespace backline {

namespace {

constexpr std::uint32_t kLeastSize = 32, kMostSize = 32768;   // frames
// Twice what is ever read, so that the render side cannot overtake a reader.
constexpr std::uint32_t kHistoryFrames = 2 * kMostSize;

transport::SharedMemory makeHistory(float sampleRate) {
  try {
    return transport::createRingStream("backline-history", {1, sampleRate, kHistoryFrames, transport::Overflow::dropOldest});
  } catch (const std::exception& error) {
    throw DomException("NotSupportedError", std::string("an AnalyserNode cannot be made: ") + error.what());
  }
}

}  // namespace

AnalyserNode::AnalyserNode(BaseAudioContext& context, const AnalyserOptions& options)
    : AudioNode(context, render::kAnalyser), fftSize_(0), minDecibels_(options.minDecibels), maxDecibels_(options.maxDecibels), smoothing_(0) {
  apply(options);
  setFftSize(options.fftSize);
  requireDecibels(minDecibels_, maxDecibels_);
  setSmoothingTimeConstant(options.smoothingTimeConstant);

  transport::SharedMemory memory = makeHistory(context.sampleRate());
  stream_ = std::make_shared<ResourceHandle>(link(), link()->newResourceId());
  link()->bindStream(stream_->id, render::ResourceKind::outputStream, {.memory = memory.fd().duplicate(), .answers = {}, .notify = {}});
  storeField(fieldNamed("history"), stream_->id);
  history_ = transport::RingReader(std::move(memory));
}

void AnalyserNode::setFftSize(std::uint32_t size) {
  if (size < kLeastSize || size > kMostSize || !std::has_single_bit(size)) {
    throw DomException("IndexSizeError", "fftSize of an AnalyserNode must be a power of two from 32 to 32768, not " + std::to_string(size));
  }
  if (fftSize_ == size) return;
  fftSize_ = size;
  analysis_.reset();
  analysed_.reset();
}

void AnalyserNode::requireDecibels(double least, double most) const {
  requireFinite(least, "minDecibels");
  requireFinite(most, "maxDecibels");
  if (least < most) return;
  throw DomException("IndexSizeError", "minDecibels of an AnalyserNode must be below maxDecibels: " + textOf(least) + " is not below " + textOf(most));
}

void AnalyserNode::setMinDecibels(double decibels) {
  requireDecibels(decibels, maxDecibels_);
  minDecibels_ = decibels;
}

void AnalyserNode::setMaxDecibels(double decibels) {
  requireDecibels(minDecibels_, decibels);
  maxDecibels_ = decibels;
}

void AnalyserNode::setSmoothingTimeConstant(double smoothing) {
  requireFinite(smoothing, "smoothingTimeConstant");
  if (!(smoothing >= 0 && smoothing <= 1)) {
    throw DomException("IndexSizeError", "smoothingTimeConstant of an AnalyserNode must be from 0 to 1, not " + textOf(smoothing));
  }
  smoothing_ = smoothing;
}

std::uint64_t AnalyserNode::readNewest() {
  samples_.resize(fftSize_);
  return history_.readNewest(samples_.data(), fftSize_);
}

void AnalyserNode::updateSpectrum() {
  const std::uint64_t end = readNewest();
  if (!analysis_) analysis_.emplace(fftSize_);
  if (analysed_ == end) return;
  analysed_ = end;
  analysis_->update(samples_, smoothing_);
}

void AnalyserNode::getFloatFrequencyData(std::span<float> decibels) {
  updateSpectrum();
  analysis_->decibels(decibels);
}

void AnalyserNode::getByteFrequencyData(std::span<std::uint8_t> bytes) {
  updateSpectrum();
  analysis_->bytes(bytes, minDecibels_, maxDecibels_);
}

void AnalyserNode::getFloatTimeDomainData(std::span<float> samples) {
  readNewest();
  std::copy_n(samples_.begin(), std::min(samples.size(), samples_.size()), samples.begin());
}

void AnalyserNode::getByteTimeDomainData(std::span<std::uint8_t> bytes) {
  readNewest();
  dsp::toBytes(samples_, bytes);
}

}  // namespace backline

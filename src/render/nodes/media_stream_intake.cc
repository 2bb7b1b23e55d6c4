#include "render/nodes/media_stream_intake.h"

#include <algorithm>
#include <cmath>

#include "render/records.h"

namespace backline::render {

namespace {

constexpr double kDriftMargin = 0.002;   // seconds of fill that a drift uses up until it is known
constexpr double kMostRatio = 256;       // from one supported rate to any other (Web Audio §2.3)
constexpr std::size_t kMostSamples = std::size_t{1} << 24;

bool stepsTogether(const InputStream& stream, const CreateArgs& session) {
  return !stream.ownClock && stream.reader.format().sampleRate == session.sampleRate;
}

std::optional<dsp::AdaptiveResampler> resamplerFor(const InputStream& stream, const CreateArgs& session) {
  const transport::RingFormat& format = stream.reader.format();
  if (stepsTogether(stream, session)) return {};
  const double ratio = format.sampleRate / session.sampleRate;
  if (ratio > kMostRatio || ratio < 1 / kMostRatio || ratio * session.quantum * format.channels > kMostSamples) {
    throw RecordError("a stream of " + std::to_string(format.sampleRate) + " Hz cannot be played at " + std::to_string(session.sampleRate) + " Hz");
  }
  return dsp::AdaptiveResampler(format.channels, format.sampleRate, session.sampleRate, session.quantum);
}

Cushion cushionFor(const InputStream& stream, const CreateArgs& session) {
  const transport::RingFormat& format = stream.reader.format();
  const double taken = std::ceil(session.quantum * (format.sampleRate / session.sampleRate));
  const double margin = stepsTogether(stream, session) ? 0 : std::ceil(kDriftMargin * format.sampleRate);
  return {format.sampleRate, static_cast<std::uint32_t>(taken), static_cast<std::uint32_t>(margin), format.capacityFrames};
}

}  // namespace

MediaStreamIntake::MediaStreamIntake(std::shared_ptr<InputStream> stream, const CreateArgs& session)
    : stream_(std::move(stream)),
      quantumSeconds_(session.quantum / static_cast<double>(session.sampleRate)),
      resampler_(resamplerFor(*stream_, session)),
      rt_{false, cushionFor(*stream_, session), {stream_->reader.format().sampleRate, dsp::AdaptiveResampler::kMostCorrection}, {}, {}} {
  rt_.fetched.resize(std::size_t{resampler_ ? resampler_->mostInput() : session.quantum} * channels());
  if (resampler_) rt_.planes.resize(std::size_t{session.quantum} * channels());
}

void MediaStreamIntake::interrupt() noexcept {
  rt_.playing = false;
  rt_.cushion.interrupt();
}

std::uint32_t MediaStreamIntake::needed(std::uint32_t frames) const noexcept {
  return resampler_ ? resampler_->inputFor(frames, rt_.drift.correction()) : frames;
}

bool MediaStreamIntake::pull(Block& out) noexcept {
  transport::RingReader& reader = stream_->reader;
  const transport::WriterState writer = reader.writerState();   // before its fill: what an ended one wrote is all there
  const std::uint32_t fill = reader.available(), wanted = needed(out.frames);
  const bool ended = writer == transport::WriterState::ended;
  if (ended && fill == 0) return false;

  const Cushion::Verdict verdict = rt_.cushion.arrive(fill, wanted);
  std::uint32_t left = fill - reader.skip(verdict.skip);
  const bool plays = verdict.plays || ended;   // of an ended one there is nothing to wait for
  if (plays) {
    if (!rt_.playing) begin();
    const std::uint32_t taken = play(out);
    if (resampler_) rt_.drift.update(left - rt_.cushion.meanFill(), quantumSeconds_);
    left -= std::min(taken, left);
  } else {
    if (rt_.playing && writer == transport::WriterState::running) reader.countUnderrun(wanted - std::min(wanted, fill));
    out.zero(std::min<std::uint32_t>(channels(), out.capacity));
  }
  rt_.playing = plays;
  rt_.cushion.leave(left);
  return true;
}

void MediaStreamIntake::begin() noexcept {
  if (!resampler_) return;
  resampler_->reset();
  rt_.drift.restart();
}

std::uint32_t MediaStreamIntake::play(Block& out) noexcept {
  const std::uint32_t channels = this->channels(), wanted = needed(out.frames);
  const std::uint32_t got = stream_->reader.read(rt_.fetched.data(), wanted);
  std::fill(rt_.fetched.begin() + std::size_t{got} * channels, rt_.fetched.begin() + std::size_t{wanted} * channels, 0.0f);
  removeNonsense(rt_.fetched.data(), std::size_t{got} * channels);
  out.channels = static_cast<std::uint8_t>(std::min<std::uint32_t>(channels, out.capacity));
  out.silent = false;
  if (resampler_) {
    resampler_->convert(rt_.fetched.data(), rt_.planes.data(), out.frames, out.frames, rt_.drift.correction());
    std::copy_n(rt_.planes.data(), std::size_t{out.channels} * out.frames, out.data);
    return got;
  }
  for (std::uint32_t c = 0; c < out.channels; ++c)
    for (std::uint32_t i = 0; i < out.frames; ++i) out.channel(c)[i] = rt_.fetched[std::size_t{i} * channels + c];
  return got;
}

}  // namespace backline::render

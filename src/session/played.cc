#include "session/played.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "dsp/sine.h"
#include "render/nodes/list.h"
#include "render/nodes/paces.h"

namespace backline::session {

using namespace render;

namespace {

constexpr std::uint64_t kLongest = std::uint64_t{1} << 33, kLastFrame = std::uint64_t{1} << 53;   // what lies further is no time, but nonsense

}  // namespace

bool Played::isBuffer() const { return &declaration_ == &kAudioBufferSource; }
bool Played::isOscillator() const { return &declaration_ == &kOscillator; }

// As Scheduler::of does.
Played::Played(const NodeDeclaration& declaration, const Schedule& schedule, std::uint64_t frame, float sampleRate, std::uint32_t quantum)
    : declaration_(declaration), sampleRate_(sampleRate), quantum_(quantum), quantumFrame_(frame), frame_(frame), began_(frame) {
  const double start = framesOf(schedule.start, sampleRate), first = static_cast<double>(frame);
  frame_ += static_cast<std::uint64_t>(std::min(std::max(0.0, std::ceil(start - first)), static_cast<double>(quantum)));
  began_ = frame_;
  const double exact = static_cast<double>(frame_) - start;
  if (exact > 0 && exact < 1) lead_ = exact;
}

void Played::advance(const Params& params, std::uint64_t frame) {
  if (!isBuffer() && !isOscillator()) {
    frame_ = std::max(frame_, frame);
    return;
  }
  if (frame <= frame_ || frame > kLastFrame) return;
  if (frame - frame_ > kLongest) frame = frame_ + kLongest;
  ParamReplay speed(params[0], declaration_.params[0], sampleRate_), detune(params[1], declaration_.params[1], sampleRate_);
  std::vector<float> speeds(quantum_), detunes(quantum_);
  while (frame_ < frame) {
    bool steady = speed.quantum(quantumFrame_, speeds);
    const bool detuneSteady = detune.quantum(quantumFrame_, detunes);
    if (!steady || !detuneSteady) {
      if (steady) std::fill(speeds.begin() + 1, speeds.end(), speeds[0]);
      if (detuneSteady) std::fill(detunes.begin() + 1, detunes.end(), detunes[0]);
      steady = false;
    }
    // Whole quanta in which nothing changes are one.
    const double until = std::min({speed.steadyUntil(), detune.steadyUntil(), static_cast<double>(frame)});
    const double quanta = steady ? std::max(1.0, std::floor((until - static_cast<double>(quantumFrame_)) / quantum_)) : 1;
    const std::uint64_t end = quantumFrame_ + static_cast<std::uint64_t>(quanta) * quantum_, stop = std::min(end, frame);
    const std::uint64_t from = frame_ - quantumFrame_, count = stop - frame_;
    if (lead_ > 0) lead(std::exchange(lead_, 0), speeds[steady ? 0 : from], detunes[steady ? 0 : from]);
    if (steady) {
      play(static_cast<double>(count), speeds[0], detunes[0]);
    } else {
      move(std::span(speeds).subspan(from, count), std::span(detunes).subspan(from, count));
    }
    frame_ = stop;
    quantumFrame_ = stop - (stop - quantumFrame_) % quantum_;
  }
}

void Played::lead(double part, float speed, float detune) {
  if (isBuffer()) addStretch(part, paceOf(speed, detune));
  if (isOscillator()) past_.phase += dsp::phaseOf(part * OscillatorPace(sampleRate_).of(speed, detune));
}

void Played::play(double frames, float speed, float detune) {
  if (isBuffer()) addStretch(frames, paceOf(speed, detune));
  if (isOscillator()) past_.phase += dsp::phaseOf(OscillatorPace(sampleRate_).of(speed, detune)) * static_cast<dsp::Phase>(frames);
}

// Only an oscillator's parameters change within a quantum.
void Played::move(std::span<const float> speeds, std::span<const float> detunes) {
  OscillatorPace pace(sampleRate_);
  for (std::size_t i = 0; i < speeds.size(); ++i) past_.phase += dsp::phaseOf(pace.of(speeds[i], detunes[i]));
}

void Played::addStretch(double frames, double pace) {
  auto& lengths = past_.frames;
  auto& paces = past_.paces;
  pace = std::clamp(pace, -Past::kMostPace, Past::kMostPace);
  if (!paces.empty() && paces.back() == pace && lengths.back() == std::floor(lengths.back())) {
    lengths.back() = std::min(lengths.back() + frames, Past::kMostFrames);
    return;
  }
  lengths.push_back(frames);
  paces.push_back(pace);
  if (lengths.size() <= Past::kMostStretches) return;
  const double both = lengths[0] + lengths[1];
  paces[1] = both > 0 ? (lengths[0] * paces[0] + lengths[1] * paces[1]) / both : paces[1];
  lengths[1] = std::min(both, Past::kMostFrames);
  lengths.erase(lengths.begin());
  paces.erase(paces.begin());
}

}  // namespace backline::session

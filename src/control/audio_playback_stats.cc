#include "control/audio_playback_stats.h"

#include <algorithm>
#include <chrono>

namespace backline {

namespace {

constexpr double kInterval = 1;   // seconds
/// How long the device's side may take to begin its figures anew; until then those it shows are the old ones.
constexpr double kResetTakes = 0.2;

double steadySeconds() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

/// From the graph to the ear, of the frame that the device took last.
double latencyOf(const session::Timing& timing, double sampleRate) {
  if (timing.playedFrame == 0) return 0;
  const double waiting = timing.frame > timing.playedFrame ? static_cast<double>(timing.frame - timing.playedFrame) / sampleRate : 0;
  return waiting + timing.outputLatency;
}

}  // namespace

AudioPlaybackStats::AudioPlaybackStats(std::shared_ptr<SessionLink> link, std::function<double()> seconds)
    : link_(std::move(link)), seconds_(seconds ? std::move(seconds) : steadySeconds), updated_(seconds_()) {}

const AudioPlaybackStats::Figures& AudioPlaybackStats::current() {
  if (!link_->isShut() && link_->timing().state == session::State::running) catchUp();
  return figures_;
}

// https://webaudio.github.io/web-audio-api/#update-audio-stats
void AudioPlaybackStats::catchUp() {
  const double now = seconds_();
  if (now - updated_ < kInterval) return;
  updated_ = now;
  const session::Timing timing = link_->timing();
  const double rate = link_->info().sampleRate;
  figures_.underrunDuration = static_cast<double>(timing.underrunFrames) / rate;
  figures_.underrunEvents = static_cast<std::uint32_t>(std::min<std::uint64_t>(timing.underruns, UINT32_MAX));
  figures_.totalDuration = figures_.underrunDuration + link_->currentTime();
  if (timing.latencyFrames == 0 || (reset_ >= 0 && now - reset_ < kResetTakes)) return;
  figures_.averageLatency = timing.latencySum / static_cast<double>(timing.latencyFrames);
  figures_.minimumLatency = timing.latencyLeast;
  figures_.maximumLatency = timing.latencyMost;
}

void AudioPlaybackStats::resetLatency() {
  const double latency = latencyOf(link_->timing(), link_->info().sampleRate);
  figures_.averageLatency = figures_.minimumLatency = figures_.maximumLatency = latency;
  reset_ = seconds_();
  if (session::Session* session = link_->session()) session->resetLatency();
}

}  // namespace backline

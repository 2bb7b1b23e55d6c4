#include "audioserver/mixer.h"

#include <algorithm>
#include <cmath>

#include "audioserver/paced_thread.h"
#include "dsp/mixing.h"
#include "transport/realtime.h"

namespace backline::audioserver {

Mixer::Mixer(std::uint32_t channels, double sampleRate)
    : channels_(channels), sampleRate_(sampleRate), rt_{.planes = std::vector<float>(std::size_t{kBlockFrames} * channels)} {}

bool Mixer::add(Voice& voice) {
  for (auto& slot : voices_) {
    Voice* empty = nullptr;
    if (slot.compare_exchange_strong(empty, &voice)) return true;
  }
  return false;
}

void Mixer::remove(Voice& voice) {
  for (auto& slot : voices_) {
    Voice* held = &voice;
    slot.compare_exchange_strong(held, nullptr);
  }
  uses_.waitUntilUnused();
}

void Mixer::setTap(Tap* tap) {
  tap_.store(tap);
  uses_.waitUntilUnused();
}

bool Mixer::ready(std::uint32_t frames) noexcept {
  const UseCount::Use use(uses_);
  for (auto& slot : voices_) {
    Voice* voice = slot.load();
    if (voice != nullptr && !voice->ready(frames)) return false;
  }
  const Tap* tap = tap_.load();
  return (tap == nullptr || tap->hasRoom(frames)) && captures_.ready(frames);
}

void Mixer::render(float* interleaved, std::uint32_t frames) noexcept {
  const transport::RealtimeScope realtime;
  const UseCount::Use use(uses_);
  const std::int64_t now = nowNanoseconds();
  std::array<Voice*, kMaxVoices> voices;
  std::uint32_t count = 0;
  for (auto& slot : voices_) {
    if (Voice* voice = slot.load()) voices[count++] = voice;
  }
  Tap* tap = tap_.load();
  for (std::uint32_t v = 0; v < count; ++v) {
    voices[v]->begin(frames);
    if (tap != nullptr && voices[v]->playing()) tap->open();
  }
  rt_.peak[0] = rt_.peak[1] = 0;
  for (std::uint32_t done = 0; done < frames;) {
    const std::uint32_t block = std::min(frames - done, kBlockFrames);
    float* out = interleaved + std::size_t{done} * channels_;
    mixBlock(out, block, voices, count);
    if (tap != nullptr) tap->write(out, block);
    done += block;
  }
  const float latency = latency_.load(std::memory_order_relaxed);
  // What is played sounds only when it reaches the ear.
  captures_.deliver(interleaved, frames, now, -static_cast<double>(latency));
  for (std::uint32_t v = 0; v < count; ++v) voices[v]->end(now, latency, rt_.peak);
}

void Mixer::mixBlock(float* interleaved, std::uint32_t frames, const std::array<Voice*, kMaxVoices>& voices, std::uint32_t count) noexcept {
  const dsp::Planes mix{rt_.planes.data(), channels_, frames};
  bool silent = true;
  for (std::uint32_t v = 0; v < count; ++v) {
    const float* planes = voices[v]->next(frames);
    if (planes == nullptr) continue;
    const dsp::ConstPlanes voice{planes, voices[v]->channels(), frames};
    // The first is not added to zeros: a single session goes through bit for bit, negative zeros too.
    if (silent) {
      dsp::mixTo(voice, mix, dsp::MixRule::speakers);
    } else {
      dsp::mixOnto(voice, mix, dsp::MixRule::speakers);
    }
    silent = false;
  }
  if (silent) {
    std::fill_n(interleaved, std::size_t{frames} * channels_, 0.0f);
    return;
  }
  for (std::uint32_t c = 0; c < channels_; ++c) {
    const float* plane = mix.channel(c);
    for (std::uint32_t i = 0; i < frames; ++i) interleaved[std::size_t{i} * channels_ + c] = plane[i];
    if (c < 2) {
      for (std::uint32_t i = 0; i < frames; ++i) rt_.peak[c] = std::max(rt_.peak[c], std::fabs(plane[i]));
    }
  }
}

}  // namespace backline::audioserver

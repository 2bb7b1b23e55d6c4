// Renders in this process, as fast as it can: a filtered sawtooth that fades, and how loud it was.
#include <backline/backline.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

int main() {
  using namespace backline;
  OfflineAudioContext context({.numberOfChannels = 1, .length = 48000, .sampleRate = 48000});
  auto saw = std::make_shared<OscillatorNode>(context, OscillatorOptions{.type = OscillatorType::sawtooth, .frequency = 110});
  auto filter = std::make_shared<BiquadFilterNode>(context, BiquadFilterOptions{.Q = 6, .frequency = 400});
  auto level = std::make_shared<GainNode>(context, GainOptions{.gain = 0.5f});
  level->gain().exponentialRampToValueAtTime(0.001f, 1);
  saw->connect(*filter).connect(*level).connect(context.destination());
  saw->start();
  const auto buffer = context.render();
  float peak = 0;
  for (const float sample : buffer->channel(0)) peak = std::max(peak, std::fabs(sample));
  std::printf("%g s, peak %.1f dB\n", buffer->duration(), 20 * std::log10(peak));
  return peak > 0.1f && peak < 2 ? 0 : 1;
}

#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "control/offline_audio_context.h"

namespace backline::test {

/// Renders what `build` connects to an offline context: channels × frames.
inline std::vector<std::vector<float>> rendered(std::uint32_t channels, std::uint64_t frames, const std::function<void(OfflineAudioContext&)>& build,
                                                std::uint32_t quantum = 128, float sampleRate = 48000) {
  OfflineAudioContext context({.numberOfChannels = channels, .length = frames, .sampleRate = sampleRate, .renderSizeHint = quantum});
  context.destination().setChannelInterpretation(ChannelInterpretation::discrete);
  build(context);
  const auto buffer = context.render();
  std::vector<std::vector<float>> result;
  for (std::uint32_t c = 0; c < channels; ++c) result.emplace_back(buffer->channel(c).begin(), buffer->channel(c).end());
  return result;
}

/// A started source that plays these samples, one vector a channel, from frame 0.
inline std::shared_ptr<AudioBufferSourceNode> playing(OfflineAudioContext& context, const std::vector<std::vector<float>>& samples) {
  auto buffer = context.createBuffer(static_cast<std::uint32_t>(samples.size()), samples[0].size(), context.sampleRate());
  for (std::uint32_t c = 0; c < samples.size(); ++c) buffer->copyToChannel(samples[c], c);
  auto source = context.createBufferSource();
  source->setBuffer(buffer);
  source->start();
  return source;
}

}  // namespace backline::test

#include "media/recorder.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "control/offline_audio_context.h"

namespace backline::media {

namespace {

constexpr double kMostRingFrames = 1 << 24;

std::uint64_t framesIn(double seconds, float rate) { return static_cast<std::uint64_t>(std::llround(std::max(0.0, seconds) * static_cast<double>(rate))); }

}  // namespace

Recorder::Recorder(BaseAudioContext& context, std::shared_ptr<AudioNode> node, const RecorderOptions& options, Recording::Callbacks callbacks) : node_(std::move(node)), output_(options.output) {
  if (dynamic_cast<const OfflineAudioContext*>(&context) != nullptr)
    throw DomException("NotSupportedError", "an OfflineAudioContext hands its own rendering out in chunks, as fast as they are taken: a file of it is written from those");
  if (node_->link() != context.link()) throw DomException("InvalidAccessError", "the node belongs to another context");
  if (output_ >= node_->numberOfOutputs())
    throw DomException("IndexSizeError", "there is no output " + std::to_string(output_) + " to record: the node has " + std::to_string(node_->numberOfOutputs()));
  AudioNodeOptions earOptions;
  earOptions.channelCount = options.channels;
  ear_ = std::make_shared<MediaStreamAudioDestinationNode>(context, earOptions);
  const float rate = context.sampleRate();
  const auto frames = static_cast<std::uint32_t>(std::clamp(options.ringSeconds * static_cast<double>(rate), 1.0, kMostRingFrames));
  feed_ = ear_->stream()->getTracks()[0]->open({frames, transport::Overflow::refuse});
  RecordingOptions files{.path = options.path, .format = options.format, .replace = options.replace};
  files.splitFrames = framesIn(options.splitSeconds, rate);
  files.limitFrames = framesIn(options.limitSeconds, rate);
  recording_ = std::make_unique<Recording>(std::move(files), transport::RingReader(transport::SharedMemory::map(feed_->ring().duplicate())), std::move(callbacks));
  // Past the node's own list of connections, so that its disconnect() does not end the recording.
  node_->link()->send(node_->id(), render::Connect{{output_, ear_->id(), 0}});
  feed_->begin();
}

Recorder::~Recorder() {
  recording_->stop();
  recording_->wait();
  release();
}

void Recorder::release() {
  feed_.reset();
  if (ear_ && recording_) node_->link()->sendLazily(node_->id(), render::Disconnect{{output_, ear_->id(), 0}});
  ear_.reset();
  node_.reset();
}

}  // namespace backline::media

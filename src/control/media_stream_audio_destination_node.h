#pragma once

#include "control/audio_node.h"
#include "control/media_stream.h"

namespace backline {

/// Web Audio §1.22. Its stream has one track, which up to render::kMostStreamReaders readers may open: the program, and nodes of this or
/// any other context. The stream sounds on when only it is held. [control]
class MediaStreamAudioDestinationNode final : public AudioNode {
 public:
  explicit MediaStreamAudioDestinationNode(BaseAudioContext& context, const AudioNodeOptions& options = {});
  ~MediaStreamAudioDestinationNode() override;

  const std::shared_ptr<MediaStream>& stream() const { return stream_; }

 private:
  class Source;
  class Feed;

  std::shared_ptr<Source> source_;
  std::shared_ptr<MediaStream> stream_;
};

}  // namespace backline

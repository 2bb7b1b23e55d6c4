#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "control/base_audio_context.h"
#include "control/media_stream_audio_destination_node.h"
#include "media/recording.h"

namespace backline::media {

struct RecorderOptions {
  std::string path;
  SoundFormat format = SoundFormat::wav;
  std::uint32_t output = 0;      ///< of the node
  std::uint32_t channels = 2;    ///< 1 … 32; what the node gives is mixed to them by the rules of Web Audio, "speakers"
  double splitSeconds = 0;       ///< a file each; 0: one file
  double limitSeconds = 0;       ///< it ends by itself; 0: no limit
  double ringSeconds = 20;       ///< that the disk may be late
  bool replace = false;          ///< files that are there
};

/// Records what a node of a running graph gives, from the next quantum on, into files on a thread of its own, whatever the program's threads do: quantum
/// after quantum as long as the context renders, though the node be silent, have ended, or be disconnected from everything else. The recording's pauses are exact to the frame. When a render host
/// dies, what the graph would have sounded until the next one goes on is a gap. Ends by itself when its context is closed.
/// Thread safety: made, destroyed and released on the control thread; recording() is any thread's.
class Recorder {
 public:
  /// The node is of `context`, a live one. Throws WriteFailure naming path and reason, IndexSizeError if the node has no such output, NotSupportedError for
  /// channels that cannot be, InvalidStateError if the context is closed.
  Recorder(BaseAudioContext& context, std::shared_ptr<AudioNode> node, const RecorderOptions& options, Recording::Callbacks callbacks);
  ~Recorder();   ///< finishes the files, and waits for that
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  Recording& recording() { return *recording_; }
  const Recording& recording() const { return *recording_; }
  /// The graph is as it was before. To be called when the recording has ended; again: does nothing. [control]
  void release();

 private:
  std::shared_ptr<AudioNode> node_;
  const std::uint32_t output_;
  std::shared_ptr<MediaStreamAudioDestinationNode> ear_;
  std::unique_ptr<MediaFeed> feed_;
  std::unique_ptr<Recording> recording_;
};

}  // namespace backline::media

#pragma once

#include <optional>
#include <vector>

#include "dsp/adaptive_resampler.h"
#include "dsp/drift_control.h"
#include "render/node.h"
#include "render/nodes/media_stream_cushion.h"
#include "render/streams.h"

namespace backline::render {

/// An InputStream with all that a node needs to play it at its session's clock: frame by frame where the clocks are one and the rates equal,
/// else resampled at a ratio that follows the drift. What the writer says spoils this stream's sound only. Made by NodeDeclaration::prepare.
class MediaStreamIntake final : public Resource {
 public:
  /// Throws RecordError for rates too far apart. [compile]
  MediaStreamIntake(std::shared_ptr<InputStream> stream, const CreateArgs& session);

  ResourceKind kind() const override { return ResourceKind::inputStream; }
  std::uint32_t channels() const { return stream_->reader.format().channels; }
  /// One quantum. False once the stream has ended and everything was played; `out` is not written then. [render]
  bool pull(Block& out) noexcept;
  /// The session slept: goes on with the newest. [render]
  void interrupt() noexcept;

 private:
  void begin() noexcept;
  std::uint32_t needed(std::uint32_t frames) const noexcept;
  std::uint32_t play(Block& out) noexcept;

  std::shared_ptr<InputStream> stream_;
  double quantumSeconds_;
  std::optional<dsp::AdaptiveResampler> resampler_;   // none: frame by frame
  struct Rt {
    bool playing = false;
    Cushion cushion;
    dsp::DriftControl drift;
    std::vector<float> fetched;      // interleaved
    std::vector<float> planes;       // of the channels that the resampler writes
  } rt_;
};

}  // namespace backline::render

#pragma once

#include "control/media_stream_source.h"
#include "session/engine.h"

namespace backline {

/// An input device of an engine, which outlives it. [control]
class CaptureSource final : public MediaSource {
 public:
  /// Throws NotReadableError with the reason if the device cannot be opened.
  CaptureSource(session::Engine& engine, session::CaptureOptions options);
  /// One that is open already, with these options.
  CaptureSource(session::Engine& engine, session::CaptureOptions options, std::unique_ptr<session::Capture> opened);

  MediaSourceInfo info() const override { return info_; }
  std::unique_ptr<MediaFeed> open(const MediaFeedOptions& options) override;

 private:
  static std::unique_ptr<session::Capture> open(session::Engine& engine, const session::CaptureOptions& options);

  session::Engine& engine_;
  session::CaptureOptions options_;
  MediaSourceInfo info_;
  std::unique_ptr<session::Capture> anchor_;   // keeps the device open between readers, and tells when it goes
};

}  // namespace backline

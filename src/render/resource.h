#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace backline::render {

/// 0 names no resource.
using ResourceId = std::uint32_t;

/// Those from inputStream to exchange are ends of streams (streams.h); `prepared` is what a node makes itself and nobody names. Numbers on the
/// wire: append only.
enum class ResourceKind : std::uint32_t { audioBuffer, periodicWave, inputStream, outputStream, meter, exchange, curve, prepared };

/// What nodes refer to beyond their own values: immutable data, or the render side's end of a stream. Shared, freed off the render thread.
class Resource {
 public:
  virtual ~Resource() = default;
  /// What it may be cast to.
  virtual ResourceKind kind() const = 0;
};

/// A snapshot of an AudioBuffer: planar float32, channels × length, at its own rate. Where the samples lie (heap, shared memory)
/// is the matter of whoever made it.
class AudioBufferData : public Resource {
 public:
  ResourceKind kind() const final { return ResourceKind::audioBuffer; }
  virtual std::uint32_t channels() const = 0;
  virtual std::uint64_t length() const = 0;    ///< frames
  virtual float sampleRate() const = 0;        ///< Hz
  virtual const float* channel(std::uint32_t index) const = 0;
};

}  // namespace backline::render

#pragma once

#include <cstdint>
#include <memory>

#include "render/resource.h"
#include "transport/block_stream.h"
#include "transport/notify_fd.h"
#include "transport/page.h"
#include "transport/ring_stream.h"

namespace backline::render {

/// The descriptors of one stream, for the render side's end of it.
struct StreamEnds {
  transport::Fd memory;
  transport::Fd answers;   ///< exchange only: the stream back
  transport::Fd notify;    ///< eventfd of the other end; none: it polls
  bool ownClock = false;   ///< inputStream: its frames do not keep step with the session's (another device, another context)
};

/// Frames that come into the graph: captured, or another context's. The node is the ring's only reader.
class InputStream final : public Resource, public std::enable_shared_from_this<InputStream> {
 public:
  InputStream(transport::SharedMemory ring, bool ownClock) : reader(std::move(ring)), ownClock(ownClock) {}
  ResourceKind kind() const override { return ResourceKind::inputStream; }
  transport::RingReader reader;   // [render]
  const bool ownClock;
};

/// Replaces by silence what is no sound, and could become infinite in a filter over such. [render]
void removeNonsense(float* samples, std::size_t count) noexcept;

/// Frames that leave the graph: a MediaStreamAudioDestinationNode's stream, an AnalyserNode's history. The node is the only writer.
class OutputStream final : public Resource {
 public:
  OutputStream(transport::SharedMemory ring, transport::NotifyFd written) : writer(std::move(ring)), written_(std::move(written)) {}
  /// Nothing will be written any more. [compile]
  ~OutputStream() override {
    writer.setState(transport::WriterState::ended);
    notify();
  }
  ResourceKind kind() const override { return ResourceKind::outputStream; }
  transport::RingWriter writer;   // [render]
  bool begun = false;             ///< something was written [render]
  /// Tells the reader. [render]
  void notify() const noexcept {
    if (written_.fd()) written_.signal();
  }

 private:
  transport::NotifyFd written_;
};

/// One node's readback: what it does now, rather than what it plays.
struct MeterStatus {
  static constexpr std::uint32_t kPageKind = 0x4d455431;  // "MET1"
  std::uint64_t frame = 0;    ///< context frame of the quantum it is of
  float reduction = 0;        ///< dB, ≤ 0: DynamicsCompressorNode.reduction
  std::uint32_t zero = 0;
};
static_assert(sizeof(MeterStatus) == 16);

class Meter final : public Resource {
 public:
  explicit Meter(transport::SharedMemory page) : writer(std::move(page)) {}
  ResourceKind kind() const override { return ResourceKind::meter; }
  transport::PageWriter<MeterStatus> writer;   // [render]
};

/// Blocks of frames that go to the program and come back changed: ScriptProcessorNode. Records: docs/formats/exchange.md.
class Exchange final : public Resource, public std::enable_shared_from_this<Exchange> {
 public:
  Exchange(transport::SharedMemory requests, transport::SharedMemory answers, transport::NotifyFd asked)
      : requests(std::move(requests)), answers(std::move(answers)), asked_(std::move(asked)) {}
  ResourceKind kind() const override { return ResourceKind::exchange; }
  transport::BlockWriter requests;   // [render]
  transport::BlockReader answers;    // [render]
  std::uint64_t asked = 0;           ///< sequence of the newest block in the requests [render]
  /// Tells the program. [render]
  void notify() noexcept {
    ++told_;
    if (asked_.fd()) asked_.signal();
  }
  /// Counts what the program was told. [render]
  std::uint64_t told() const noexcept { return told_; }

 private:
  transport::NotifyFd asked_;
  std::uint64_t told_ = 0;
};

/// The render side's end, the same in the render host and in process. Throws transport::TransportError if a descriptor is not what
/// the kind says. [compile]
std::shared_ptr<Resource> makeStream(ResourceKind kind, StreamEnds ends);
/// As makeStream(), but what is in the memory stays as it is. [any thread but render]
void checkStream(ResourceKind kind, StreamEnds ends);

}  // namespace backline::render

// What a program asks of the audio server, as it comes off the wire, and the captures that come of it, whose readers write anything into
// their rings and pages at any time between callbacks.

#include <capnp/serialize.h>

#include <cmath>

#include "audioserver/capture_group.h"
#include "audioserver/requests.h"
#include "ipc/ring_target.h"
#include "tests/fuzz/segment.h"
#include "transport/page_layout.h"
#include "transport/ring_layout.h"

namespace {

using namespace backline;
using namespace backline::audioserver;

constexpr int kMostCalls = 60;
constexpr std::uint32_t kCallbackFrames = 128;
constexpr std::uint32_t kMostRing = 1 << 14;   // frames: what was allowed is made smaller, so that a run is quick

/// A message of the fuzzer's, or one that its choices fill.
template <class Struct>
class Message {
 public:
  Message(fuzz::Input& input, const std::function<void(typename Struct::Builder)>& fill) {
    if (input.oneIn(2)) {
      const std::vector<std::byte> bytes = input.bytes(256);
      words_ = kj::heapArray<capnp::word>(bytes.size() / sizeof(capnp::word));
      std::copy_n(bytes.begin(), words_.asBytes().size(), reinterpret_cast<std::byte*>(words_.begin()));
    } else {
      capnp::MallocMessageBuilder message;
      fill(message.initRoot<Struct>());
      words_ = capnp::messageToFlatArray(message);
    }
    reader_ = kj::heap<capnp::FlatArrayMessageReader>(words_);
  }
  typename Struct::Reader root() { return reader_->getRoot<Struct>(); }

 private:
  kj::Array<capnp::word> words_;
  kj::Own<capnp::FlatArrayMessageReader> reader_;
};

CaptureRequest captureRequest(fuzz::Input& input) {
  Message<ipc::CaptureConfig> message(input, [&input](ipc::CaptureConfig::Builder config) {
    config.setDevice("virtual");
    config.setChannels(input.oneIn(4) ? input.word<std::uint32_t>() : input.below(6));
    config.setCapacityFrames(input.oneIn(4) ? input.word<std::uint32_t>() : input.below(4096));
    config.setOverflow(static_cast<ipc::CaptureConfig::Overflow>(input.oneIn(8) ? input.word<std::uint16_t>() : input.below(2)));
  });
  message.root().getDevice();
  CaptureRequest request = check(message.root());
  fuzz::require(request.channels <= kMaxChannels && request.capacityFrames <= transport::kMaxRingFrames, "what passes is possible");
  request.capacityFrames = std::min(request.capacityFrames, kMostRing);
  return request;
}

void outputRequest(fuzz::Input& input) {
  Message<ipc::OutputConfig> message(input, [&input](ipc::OutputConfig::Builder config) {
    config.setSampleRate(static_cast<float>(input.number()));
    config.setChannels(input.below(40));
    config.setQuantum(input.oneIn(2) ? input.word<std::uint32_t>() : 128);
    config.setLatency(input.number());
  });
  message.root().getDevice();
  const SessionRequest request = check(message.root());
  fuzz::require(std::isfinite(request.sampleRate) && request.sampleRate >= 0 && request.latency >= 0 && request.latency <= 10 && request.quantum <= ipc::kMostQuantum &&
                    request.channels > 0 && request.channels <= kMaxChannels,
                "what passes is possible");
}

struct Capture {
  explicit Capture(CaptureEnds ends) : stream(ends.stream), ring(transport::SharedMemory::map(ends.ring.duplicate())), page(transport::SharedMemory::map(ends.page.duplicate())) {}
  CaptureStream* stream;
  fuzz::HostileSegment ring, page;
};

/// What an honest reader would do.
void read(fuzz::HostileSegment& ring, fuzz::Input& input) {
  constexpr std::size_t kConsumed = offsetof(transport::RingHeader, reader) + offsetof(transport::RingReaderLine, consumed);
  ring.put(kConsumed, ring.get(kConsumed) + input.below(512));
}

void serve(fuzz::Input& input) {
  const std::uint32_t channels = input.between(1, 4);
  CaptureFan fan(channels);
  CaptureGroup group(fan, channels, 48000, kCallbackFrames);
  std::vector<Capture> captures;
  const std::vector<float> frames(std::size_t{2 * kCallbackFrames} * channels, 0.5f);
  std::int64_t now = 0;
  for (int i = 0; i < kMostCalls && input.more(); ++i) {
    const auto place = captures.begin() + input.below(static_cast<std::uint32_t>(captures.size()));
    const std::uint32_t choice = captures.empty() ? 0 : input.below(8);
    switch (choice) {
      case 0:
        if (captures.size() < 4) captures.emplace_back(group.add(captureRequest(input)));
        break;
      case 1: place->ring.scribble(input, sizeof(transport::RingHeader)); break;
      case 2: place->page.scribble(input, sizeof(transport::PageLayout<sizeof(ipc::CaptureStatus)>)); break;
      case 3: read(place->ring, input); break;
      case 4: fan.skip(input.below(1000)); break;
      case 5:
        if (!input.oneIn(4)) break;
        group.close(*place->stream);
        captures.erase(place);
        break;
      default: {
        const std::uint32_t count = input.between(1, 2 * kCallbackFrames);
        fan.ready(count);
        fan.deliver(frames.data(), count, now += 2'000'000, input.oneIn(2) ? -0.01 : 0.01);
      }
    }
  }
  if (input.oneIn(2)) group.publishGone();
}

}  // namespace

BACKLINE_FUZZ_TARGET
void run(fuzz::Input& input) {
  try {
    if (input.oneIn(4)) return outputRequest(input);
    serve(input);
  } catch (const DeviceError&) {
  } catch (const kj::Exception&) {
  }
}

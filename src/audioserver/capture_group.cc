#include "audioserver/capture_group.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "audioserver/device_info.h"

namespace backline::audioserver {
namespace {

constexpr double kDefaultSeconds = 0.5;  // of a ring whose size nobody asked for

}  // namespace

CaptureEnds CaptureGroup::add(const CaptureRequest& request, BroughtCapture brought) {
  CaptureEnds ends;
  ends.channels = request.channels != 0 ? request.channels : channels_;
  const auto wanted = request.capacityFrames != 0 ? request.capacityFrames : static_cast<std::uint32_t>(std::ceil(kDefaultSeconds * sampleRate_));
  const bool goesOn = static_cast<bool>(brought);
  if (goesOn != static_cast<bool>(brought.written) || goesOn != static_cast<bool>(brought.page)) {
    throw DeviceError("a capture that goes on brings its ring, its written and its page; one of them is missing");
  }
  transport::SharedMemory ring = goesOn ? transport::SharedMemory::map(std::move(brought.ring))
                                        : transport::createRingStream("capture ring", {ends.channels, static_cast<float>(sampleRate_),
                                                                                       std::max(wanted, callbackFrames_), request.overflow});
  if (goesOn) {
    const transport::RingFormat format = transport::RingWriter(transport::SharedMemory::map(ring.fd().duplicate())).format();
    if (format.sampleRate != static_cast<float>(sampleRate_) || format.capacityFrames < callbackFrames_) {
      throw DeviceError("the device's rate or callback is not what the capture was opened with; open another");
    }
    ends.channels = format.channels;
  }
  transport::SharedMemory page =
      goesOn ? transport::SharedMemory::map(std::move(brought.page)) : transport::createPage<ipc::CaptureStatus>("capture status");
  transport::NotifyFd written = goesOn ? transport::NotifyFd::adopt(std::move(brought.written)) : transport::NotifyFd::create();
  ends.ring = ring.fd().duplicate();
  ends.page = page.fd().duplicate();
  ends.written = written.fd().duplicate();
  auto stream = std::make_unique<CaptureStream>(std::move(ring), std::move(written), std::move(page), channels_);
  ends.stream = stream.get();
  streams_.push_back(std::move(stream));
  if (!fan_.add(*ends.stream)) {
    streams_.pop_back();
    throw DeviceError("the device is captured " + std::to_string(CaptureFan::kMaxCaptures) + " times already; close one of the captures");
  }
  return ends;
}

void CaptureGroup::close(CaptureStream& stream) {
  const auto held = std::find_if(streams_.begin(), streams_.end(), [&stream](const auto& own) { return own.get() == &stream; });
  if (held == streams_.end()) return;
  fan_.remove(stream);
  stream.end();
  streams_.erase(held);
}

void CaptureGroup::publishGone() {
  for (const auto& stream : streams_) {
    fan_.remove(*stream);
    stream->endGone();
  }
}

}  // namespace backline::audioserver

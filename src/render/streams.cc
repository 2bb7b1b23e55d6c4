#include "render/streams.h"

#include <cmath>

#include "transport/error.h"

namespace backline::render {

namespace {

/// Failures name which of a stream's descriptors is wrong.
transport::SharedMemory map(const char* what, transport::Fd fd) {
  if (!fd) throw transport::TransportError(std::string(what) + ": the descriptor is missing");
  try {
    return transport::SharedMemory::map(std::move(fd));
  } catch (const transport::TransportError& error) {
    throw transport::TransportError(std::string(what) + ": " + error.what());
  }
}

transport::NotifyFd optionalNotify(transport::Fd fd) {
  try {
    return fd ? transport::NotifyFd::adopt(std::move(fd)) : transport::NotifyFd();
  } catch (const transport::TransportError& error) {
    throw transport::TransportError(std::string("notify: ") + error.what());
  }
}

}  // namespace

void removeNonsense(float* samples, std::size_t count) noexcept {
  constexpr float kNonsense = 1e20f;
  for (std::size_t i = 0; i < count; ++i) samples[i] = std::abs(samples[i]) < kNonsense ? samples[i] : 0;
}

std::shared_ptr<Resource> makeStream(ResourceKind kind, StreamEnds ends) {
  switch (kind) {
    case ResourceKind::inputStream:
      return std::make_shared<InputStream>(map("memory", std::move(ends.memory)), ends.ownClock);
    case ResourceKind::outputStream:
      return std::make_shared<OutputStream>(map("memory", std::move(ends.memory)), optionalNotify(std::move(ends.notify)));
    case ResourceKind::meter: {
      transport::SharedMemory page = map("memory", std::move(ends.memory));
      page.closeFd();   // there may be thousands
      return std::make_shared<Meter>(std::move(page));
    }
    case ResourceKind::exchange:
      return std::make_shared<Exchange>(map("requests", std::move(ends.memory)), map("answers", std::move(ends.answers)),
                                        optionalNotify(std::move(ends.notify)));
    default:
      throw transport::TransportError("resource kind " + std::to_string(static_cast<std::uint32_t>(kind)) + " is no stream");
  }
}

void checkStream(ResourceKind kind, StreamEnds ends) {
  if (kind != ResourceKind::outputStream) {
    makeStream(kind, std::move(ends));
    return;
  }
  // An OutputStream that goes would end the ring.
  transport::RingWriter(map("memory", std::move(ends.memory)));
  optionalNotify(std::move(ends.notify));
}

}  // namespace backline::render

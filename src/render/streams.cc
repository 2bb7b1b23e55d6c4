#include "render/streams.h"

#include "transport/error.h"

namespace backline::render {

namespace {

transport::NotifyFd optionalNotify(transport::Fd fd) { return fd ? transport::NotifyFd::adopt(std::move(fd)) : transport::NotifyFd(); }

}  // namespace

std::shared_ptr<Resource> makeStream(ResourceKind kind, StreamEnds ends) {
  using transport::SharedMemory;
  switch (kind) {
    case ResourceKind::inputStream:
      return std::make_shared<InputStream>(SharedMemory::map(std::move(ends.memory)), ends.ownClock);
    case ResourceKind::outputStream:
      return std::make_shared<OutputStream>(SharedMemory::map(std::move(ends.memory)), optionalNotify(std::move(ends.notify)));
    case ResourceKind::meter:
      return std::make_shared<Meter>(SharedMemory::map(std::move(ends.memory)));
    case ResourceKind::exchange:
      return std::make_shared<Exchange>(SharedMemory::map(std::move(ends.memory)), SharedMemory::map(std::move(ends.answers)),
                                        optionalNotify(std::move(ends.notify)));
    default:
      throw transport::TransportError("resource kind " + std::to_string(static_cast<std::uint32_t>(kind)) + " is no stream");
  }
}

}  // namespace backline::render

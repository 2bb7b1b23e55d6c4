#include "ipc/connection.h"

#include <kj/debug.h>
#include <kj/io.h>

namespace backline::ipc {
namespace {

kj::Own<kj::AsyncCapabilityStream> wrap(kj::LowLevelAsyncIoProvider& io, transport::Fd socket) {
  return io.wrapUnixSocketFd(kj::AutoCloseFd(socket.release()));
}

}  // namespace

Connection::Connection(kj::LowLevelAsyncIoProvider& io, transport::Fd socket)
    : stream_(wrap(io, std::move(socket))),
      network_(*stream_, kMaxFdsPerMessage, capnp::rpc::twoparty::Side::CLIENT),
      rpc_(capnp::makeRpcClient(network_)) {}

Connection::Connection(kj::LowLevelAsyncIoProvider& io, transport::Fd socket, capnp::Capability::Client main)
    : stream_(wrap(io, std::move(socket))),
      network_(*stream_, kMaxFdsPerMessage, capnp::rpc::twoparty::Side::SERVER),
      rpc_(capnp::makeRpcServer(network_, kj::mv(main))) {}

capnp::Capability::Client Connection::bootstrap() {
  KJ_REQUIRE(network_.getSide() == capnp::rpc::twoparty::Side::CLIENT, "the serving side has no peer interface");
  capnp::MallocMessageBuilder message(8);
  auto vatId = message.initRoot<capnp::rpc::twoparty::VatId>();
  vatId.setSide(capnp::rpc::twoparty::Side::SERVER);
  return rpc_.bootstrap(vatId);
}

kj::Promise<void> Connection::onDisconnect() { return network_.onDisconnect(); }

kj::Exception callError(const std::string& text, kj::Exception::Type type) {
  return kj::Exception(type, "", 0, kj::heapString(text.data(), text.size()));
}

std::string errorText(const kj::Exception& exception) {
  std::string text = exception.getDescription().cStr();
  constexpr std::string_view kPrefix = "remote exception: ";
  while (text.starts_with(kPrefix)) text.erase(0, kPrefix.size());
  return text;
}

}  // namespace backline::ipc

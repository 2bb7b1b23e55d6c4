#pragma once

#include <capnp/rpc-twoparty.h>
#include <kj/async-io.h>

#include <string>

#include "ipc/backline.capnp.h"
#include "transport/fd.h"

namespace backline::ipc {

/// Wraps a descriptor as a capability that carries it. [io]
Descriptor::Client describe(transport::Fd fd);

/// The descriptor that a capability carries, duplicated. Rejects with what is wrong if it carries none. [io]
kj::Promise<transport::Fd> takeFd(Descriptor::Client descriptor);

/// None for a descriptor that a message leaves out. [io]
kj::Promise<transport::Fd> takeFdIf(bool there, Descriptor::Client descriptor);

/// An exception to answer a call with: its text reaches the caller as it is, without file and line. [any thread]
kj::Exception callError(const std::string& text, kj::Exception::Type type = kj::Exception::Type::FAILED);

/// What an exception says to people: its description without what the RPC system puts before it. [any thread]
std::string errorText(const kj::Exception& exception);

inline constexpr unsigned kMaxFdsPerMessage = 16;

/// One two-party RPC connection over a Unix stream socket, passing up to kMaxFdsPerMessage descriptors a message. [io]
class Connection {
 public:
  /// The side that calls: `bootstrap()` is the peer's main interface.
  Connection(kj::LowLevelAsyncIoProvider& io, transport::Fd socket);
  /// The side that serves `main`.
  Connection(kj::LowLevelAsyncIoProvider& io, transport::Fd socket, capnp::Capability::Client main);

  /// Of the calling side only.
  capnp::Capability::Client bootstrap();
  /// Resolves when the peer has gone, however it went.
  kj::Promise<void> onDisconnect();

 private:
  kj::Own<kj::AsyncCapabilityStream> stream_;
  capnp::TwoPartyVatNetwork network_;
  capnp::RpcSystem<capnp::rpc::twoparty::VatId> rpc_;
};

}  // namespace backline::ipc

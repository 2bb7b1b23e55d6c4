#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <vector>

#include "render/worklet.h"
#include "script/ticket.h"

namespace backline::script {

/// The bytes of a message: Header, `shared` tickets, `ports` tickets, for each WebAssembly.Module a 64-bit length and its wire bytes, then what
/// v8::ValueSerializer wrote. Every part is padded to 8 bytes. Native byte order: both ends are on one machine.
struct MessageHeader {
  std::uint32_t magic;
  std::uint32_t shared;    ///< tickets
  std::uint32_t modules;
  std::uint32_t ports;     ///< port tickets
};
inline constexpr std::uint32_t kMessageMagic = 0x314d4c42;  // "BLM1"
static_assert(sizeof(MessageHeader) == 16);

/// A message taken apart; the spans lie in it.
struct MessageParts {
  std::vector<Ticket> shared;
  std::vector<PortTicket> ports;
  std::vector<std::span<const std::byte>> modules;
  std::span<const std::byte> value;
};

/// In the place of a message. To the port of a processor or of a scope: its other end is at `pipe` from here on, and nobody sends by the node any
/// more. The first thing that pipe then carries is the answer: `sent` messages had gone by the node before.
struct HandOver {
  std::uint32_t magic, reserved;
  std::uint64_t sent;
  PortTicket pipe;
};
inline constexpr std::uint32_t kHandOverMagic = 0x31484c42;  // "BLH1"
static_assert(sizeof(HandOver) == 56 && offsetof(HandOver, sent) == 8);

/// Nothing if the bytes are anything else.
std::optional<HandOver> parseHandOver(std::span<const std::byte> bytes);
render::Message composeHandOver(std::uint64_t sent, const PortTicket& pipe);

/// Whether a message brings ports; cheap.
bool holdsPorts(std::span<const std::byte> bytes);
/// Whether it brings SharedArrayBuffers; cheap.
bool holdsShared(std::span<const std::byte> bytes);
/// Nothing if the bytes are no message.
std::optional<MessageParts> parseMessage(std::span<const std::byte> bytes);
void composeMessage(const MessageParts& parts, render::Message& message);
/// Puts other tickets, as many, in the place of a message's.
void replaceTickets(const MessageParts& parts, render::Message& message);

}  // namespace backline::script

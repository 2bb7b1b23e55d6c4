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

/// Whether a message brings ports; cheap.
bool holdsPorts(std::span<const std::byte> bytes);
/// Nothing if the bytes are no message.
std::optional<MessageParts> parseMessage(std::span<const std::byte> bytes);
void composeMessage(const MessageParts& parts, render::Message& message);
/// Puts other tickets, as many, in the place of a message's.
void replaceTickets(const MessageParts& parts, render::Message& message);

}  // namespace backline::script

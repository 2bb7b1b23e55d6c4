#include "script/message_layout.h"

namespace backline::script {

namespace {

constexpr std::size_t padded(std::size_t size) { return (size + 7) & ~std::size_t{7}; }

/// Cuts `size` bytes and their padding off the front of `rest`.
std::optional<std::span<const std::byte>> cut(std::span<const std::byte>& rest, std::uint64_t size) {
  if (size > rest.size() || padded(size) > rest.size()) return std::nullopt;
  const auto part = rest.first(size);
  rest = rest.subspan(padded(size));
  return part;
}

template <typename T>
bool read(std::span<const std::byte>& rest, T& value) {
  const auto part = cut(rest, sizeof(T));
  if (part) std::memcpy(&value, part->data(), sizeof(T));
  return part.has_value();
}

std::byte* put(std::byte* to, const void* from, std::size_t size) {
  if (size > 0) std::memcpy(to, from, size);
  std::memset(to + size, 0, padded(size) - size);
  return to + padded(size);
}

}  // namespace

std::optional<HandOver> parseHandOver(std::span<const std::byte> bytes) {
  HandOver handOver{};
  if (bytes.size() != sizeof handOver) return std::nullopt;
  std::memcpy(&handOver, bytes.data(), sizeof handOver);
  return handOver.magic == kHandOverMagic ? std::optional(handOver) : std::nullopt;
}

render::Message composeHandOver(std::uint64_t sent, const PortTicket& pipe) {
  const HandOver handOver{kHandOverMagic, 0, sent, pipe};
  const auto* const bytes = reinterpret_cast<const std::byte*>(&handOver);
  return {bytes, bytes + sizeof handOver};
}

bool holdsPorts(std::span<const std::byte> bytes) {
  MessageHeader header{};
  return read(bytes, header) && header.magic == kMessageMagic && header.ports > 0;
}

bool holdsShared(std::span<const std::byte> bytes) {
  MessageHeader header{};
  return read(bytes, header) && header.magic == kMessageMagic && header.shared > 0;
}

std::optional<MessageParts> parseMessage(std::span<const std::byte> bytes) {
  MessageHeader header{};
  if (!read(bytes, header) || header.magic != kMessageMagic) return std::nullopt;
  MessageParts parts;
  for (std::uint32_t i = 0; i < header.shared; ++i) {
    Ticket ticket{};
    if (!read(bytes, ticket)) return std::nullopt;
    parts.shared.push_back(ticket);
  }
  for (std::uint32_t i = 0; i < header.ports; ++i) {
    PortTicket ticket{};
    if (!read(bytes, ticket)) return std::nullopt;
    parts.ports.push_back(ticket);
  }
  for (std::uint32_t i = 0; i < header.modules; ++i) {
    std::uint64_t size = 0;
    if (!read(bytes, size)) return std::nullopt;
    const auto module = cut(bytes, size);
    if (!module) return std::nullopt;
    parts.modules.push_back(*module);
  }
  parts.value = bytes;
  return parts;
}

void composeMessage(const MessageParts& parts, render::Message& message) {
  std::size_t size = sizeof(MessageHeader) + parts.shared.size() * sizeof(Ticket) + parts.ports.size() * sizeof(PortTicket);
  for (const auto& module : parts.modules) size += sizeof(std::uint64_t) + padded(module.size());
  message.resize(size + padded(parts.value.size()));
  const MessageHeader header{kMessageMagic, static_cast<std::uint32_t>(parts.shared.size()),
                             static_cast<std::uint32_t>(parts.modules.size()), static_cast<std::uint32_t>(parts.ports.size())};
  std::byte* to = put(message.data(), &header, sizeof header);
  to = put(to, parts.shared.data(), parts.shared.size() * sizeof(Ticket));
  to = put(to, parts.ports.data(), parts.ports.size() * sizeof(PortTicket));
  for (const auto& module : parts.modules) {
    const std::uint64_t length = module.size();
    to = put(to, &length, sizeof length);
    to = put(to, module.data(), module.size());
  }
  put(to, parts.value.data(), parts.value.size());
}

void replaceTickets(const MessageParts& parts, render::Message& message) {
  std::byte* to = message.data() + sizeof(MessageHeader);
  to = put(to, parts.shared.data(), parts.shared.size() * sizeof(Ticket));
  put(to, parts.ports.data(), parts.ports.size() * sizeof(PortTicket));
}

}  // namespace backline::script

#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace backline::render {

// The records of an Exchange (docs/formats/exchange.md): each a header, then channels × frames samples, planar.

/// From the node to the program: what it has heard, to be answered by what it is to play.
struct ExchangeRequest {
  enum Kind : std::uint32_t { block = 1, unconnected = 2 };
  std::uint64_t sequence = 0;      ///< of blocks: 1, 2, …; a gap where the program was so far behind that the ring was full
  double playbackTime = 0;         ///< seconds of context time at which the answer will be played
  std::uint32_t kind = block;      ///< unconnected: nothing leads to the node or from it any more; no samples
  std::uint32_t channels = 0;
  std::uint32_t frames = 0;
  std::uint32_t missed = 0;        ///< blocks so far that were played as silence, because their answers were not there
};
static_assert(sizeof(ExchangeRequest) == 32 && offsetof(ExchangeRequest, kind) == 16 && std::is_trivially_copyable_v<ExchangeRequest>);

/// From the program to the node, one for every block, in their order.
struct ExchangeAnswer {
  std::uint64_t sequence = 0;
  std::uint32_t channels = 0;      ///< 0: silence; no samples
  std::uint32_t frames = 0;
};
static_assert(sizeof(ExchangeAnswer) == 16 && std::is_trivially_copyable_v<ExchangeAnswer>);

inline constexpr std::uint32_t kLeastScriptFrames = 256, kMostScriptFrames = 16384;

/// Bytes of a record with this header.
template <class Header>
constexpr std::size_t exchangeBytes(std::uint32_t channels, std::uint32_t frames) {
  return sizeof(Header) + std::size_t{channels} * frames * sizeof(float);
}

}  // namespace backline::render

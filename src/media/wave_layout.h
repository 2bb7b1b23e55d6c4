#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace backline::media {

// The head of a WAV file that is recorded, always of one size: RIFF, JUNK or ds64, fmt, fact, bext, the notes, JUNK, and the data behind it. So what
// is noted late and what a file of 4 GB needs finds its place without anything moving. EBU Tech 3306 (RF64), 3285 (bext).

inline constexpr std::uint32_t kWaveHead = 1 << 15;       // bytes before the samples
inline constexpr std::uint32_t kDs64Body = 28;
inline constexpr std::uint64_t kRiffLimit = 0xffffffff;   // of what a RIFF chunk can count

/// The first bytes, that change as the file grows: to the end of the fact chunk; and the last four before the samples.
struct WaveSizes {
  std::vector<std::byte> front;
  std::uint32_t data = 0;   ///< what the data chunk says
};

/// Of a file of float samples with so many bytes of them.
WaveSizes waveSizes(std::uint32_t sampleRate, std::uint32_t channels, std::uint64_t dataBytes, std::uint64_t riffLimit = kRiffLimit);

}  // namespace backline::media

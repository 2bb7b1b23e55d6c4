#pragma once

#include <cstdint>

namespace backline::render {

/// MediaStreamAudioDestinationNode: its fields are as many streams, each with one reader.
inline constexpr std::uint32_t kMostStreamReaders = 8;

}  // namespace backline::render

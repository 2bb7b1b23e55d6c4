#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <vector>

#include "transport/fd.h"

// What a program and backline-decode say to each other: docs/formats/decoding.md.
namespace backline::media {

inline constexpr std::uint32_t kDecodeMagic = 0x44444c42;   // "BLDD"
inline constexpr std::uint32_t kDecodeVersion = 1;
inline constexpr std::size_t kDecodedBlockFrames = 16384;   // of every block of samples but the last

/// Comes with two memfds: the file, sealed for good; an empty one for the samples, sealed against shrinking.
struct DecodeRequest {
  std::uint32_t magic = kDecodeMagic, version = kDecodeVersion;
  std::uint32_t sampleRate = 0;          // Hz
  std::uint32_t processorSeconds = 0;    // that it may take
  std::uint64_t bytes = 0;               // of the file
  std::uint64_t mostSamples = 0;         // of all channels together
  std::uint64_t mostMemory = 0;          // bytes, beside file and samples
};
static_assert(sizeof(DecodeRequest) == 40 && std::is_trivially_copyable_v<DecodeRequest>);

enum class DecodeOutcome : std::uint32_t {
  decoded = 1,
  refused = 2,   // `text`: what is wrong with the file
  ended = 3,     // `waitStatus`: how the process ended before it had answered
};

struct DecodeReply {
  std::uint32_t magic = kDecodeMagic, version = kDecodeVersion;
  DecodeOutcome outcome = DecodeOutcome::ended;
  std::uint32_t channels = 0;
  std::uint64_t frames = 0;    // of the sound
  std::uint64_t written = 0;   // as many or more
  std::int32_t waitStatus = 0;
  std::uint32_t textBytes = 0;
  char text[472] = {};
};
static_assert(sizeof(DecodeReply) == 512 && std::is_trivially_copyable_v<DecodeReply>);

/// One message with descriptors. False, with errno, if it cannot be sent. Never raises SIGPIPE. [any thread]
bool sendMessage(int socket, const void* message, std::size_t bytes, std::initializer_list<int> descriptors);
/// The same of one that arrives, with at most two descriptors. Its size; 0: the other side has gone; negative, with errno: nothing came. [any thread]
std::ptrdiff_t receiveMessage(int socket, void* message, std::size_t bytes, std::vector<transport::Fd>& descriptors);

}  // namespace backline::media

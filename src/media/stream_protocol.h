#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>

// What a program and a guest of backline-decode that decodes piece by piece say to each other: docs/formats/decoding.md.
namespace backline::media {

inline constexpr std::uint32_t kStreamMagic = 0x53444c42;   // "BLDS"
inline constexpr std::uint32_t kStreamVersion = 1;
inline constexpr std::size_t kMostStreamSamples = 16384;    // of all channels together, behind one StreamWord
inline constexpr std::size_t kMostStreamBytes = 32768;      // of the file, behind one StreamAsk
inline constexpr int kLeastStreamRate = 1000, kMostStreamRate = 768000;   // Hz

/// The first message, with the descriptor of the file, or with none: its bytes are then asked for.
struct StreamRequest {
  std::uint32_t magic = kStreamMagic, version = kStreamVersion;
  std::uint64_t mostMemory = 0;   // bytes
  std::int64_t size = -1;         // of the bytes that are asked for; negative: not known
  std::uint32_t seekable = 0;     // 1: they can be asked for from any place
  std::uint32_t processorSeconds = 0;   // that each answer may take
};
static_assert(sizeof(StreamRequest) == 32 && std::is_trivially_copyable_v<StreamRequest>);

enum class StreamAsked : std::uint32_t {
  frames = 1,   // the next ones, from frame `seek` on if that is not negative
  bytes = 2,    // those that were wanted follow: `count` of them; 0: there are no more; negative: an error of FFmpeg's
};

/// From the program, then.
struct StreamAsk {
  StreamAsked what = StreamAsked::frames;
  std::int32_t count = 0;
  std::int64_t seek = -1;
};
static_assert(sizeof(StreamAsk) == 16 && std::is_trivially_copyable_v<StreamAsk>);

enum class StreamSaid : std::uint32_t {
  opened = 1,   // channels, sampleRate, seekable, duration; text: the container. The answer to the request
  frames = 2,   // `frames` of them follow, interleaved; 0: the end. position, duration, end
  failed = 3,   // code, text. An answer to anything; frames may be asked for again
  wants = 4,    // `size` bytes of the file from `offset` on
};

/// From the guest.
struct StreamWord {
  std::uint32_t magic = kStreamMagic, version = kStreamVersion;
  StreamSaid what = StreamSaid::failed;
  std::uint32_t channels = 0;
  std::int32_t sampleRate = 0;   // Hz
  std::uint32_t seekable = 0;
  std::uint32_t frames = 0;
  std::uint32_t code = 0;        // MediaErrorCode
  double duration = 0;           // seconds; infinite: the file does not say
  std::int64_t position = 0;     // of the frame after these
  std::int64_t end = -1;         // frames; negative: not known yet
  std::uint64_t offset = 0;
  std::uint32_t size = 0;
  std::uint32_t textBytes = 0;
  char text[440] = {};
};
static_assert(sizeof(StreamWord) == 512 && std::is_trivially_copyable_v<StreamWord>);

/// "": what came, `bytes` of it in all, makes sense as an answer of one who decodes `channels` (0: none has been told of yet). Otherwise what does
/// not. [any thread]
std::string whyNoWord(const StreamWord& word, std::size_t bytes, std::uint32_t channels);

}  // namespace backline::media

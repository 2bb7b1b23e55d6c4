#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>

#include "media/av.h"
#include "media/memory_io.h"

namespace backline::media {

/// The first sound of a file in memory, in any format that FFmpeg reads. Every failure throws EncodingError, which says what is wrong and
/// where. Opens nothing else, whatever the file asks for.
class SoundFile {
 public:
  explicit SoundFile(std::span<const std::byte> bytes);

  /// The next decoded frame, valid until the next call; null at the end. Throws if the file ends before what it declares, or is damaged.
  const AVFrame* next();

 private:
  void openFormat();
  void openDecoder();
  void feed();
  void takePacket();
  const AVFrame* receive();
  bool keepBehind();
  void checkEnd() const;
  void noteDamage(const std::string& what);
  void reportDamage() const;
  [[noreturn]] void failTruncated(const std::string& how) const;
  std::string kind() const;

  std::span<const std::byte> bytes_;
  const bool endless_;             // its length was not known when it was written
  MemoryIo io_;
  AvFormat format_;
  AvCodec decoder_;
  AvPacket packet_;
  AvFrame frame_;
  AVStream* stream_ = nullptr;
  std::int64_t declared_ = 0;      // duration in the stream's time base; 0: the file does not say
  std::int64_t read_ = 0;          // of that, in packets so far
  std::int64_t lastDuration_ = 0;  // of one packet
  std::uint64_t frames_ = 0;       // decoded so far
  std::optional<std::int64_t> end_;   // in frames; none: at the last one decoded
  std::deque<AvFrame> behind_;    // decoded behind the end: padding, unless there is more of it than that can be
  std::int64_t behindFrames_ = 0;
  std::uint32_t packets_ = 0, damagedPackets_ = 0;
  std::string damage_;             // of the last packet: what is wrong and where; harmless if more follow in a bare stream
  bool ended_ = false;
};

}  // namespace backline::media

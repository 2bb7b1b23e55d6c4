#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "media/av.h"
#include "media/byte_source.h"
#include "media/media_failure.h"
#include "media/media_state.h"

namespace backline::media {

/// Decodes the first sound of a file, in any format that FFmpeg reads, piece by piece and in memory that does not grow with its length, from any
/// frame on. What an encoder put before and behind the sound is no part of it. Every failure throws MediaFailure, whose message goes on from the
/// file's name ("is damaged: …"). Opens nothing else, whatever the file asks for.
/// Thread safety: one thread.
class SoundReader {
 public:
  /// `source` outlives it.
  explicit SoundReader(ByteSource& source);

  const MediaInfo& info() const { return info_; }
  /// What was decoded next, of info()'s channels and rate and always in one format, valid until the next call; null at the end. Throws if the
  /// sound is damaged, changes its format or ends before what the file declares.
  const AVFrame* next();
  /// Of the frame after those that next() gave.
  std::int64_t position() const { return position_; }
  /// How many frames there are; known once next() has come to the end.
  std::optional<std::int64_t> end() const { return end_; }
  /// next() goes on with this frame, exactly where the container allows it; behind the end there is nothing. A stream that cannot be read from
  /// another place goes on where it is.
  void seek(std::int64_t frame);

 private:
  void openFormat();
  void openDecoder();
  void understand(const AVFrame& first);
  bool readPacket();
  bool feed();
  const AVFrame* receive();
  bool place();
  void jump(std::int64_t frame, std::int64_t before);
  void walk(std::int64_t frame);
  std::int64_t frameAt(std::int64_t timestamp) const;
  std::int64_t prerollFrames() const;
  void requireFormat(const AVFrame& frame) const;
  bool keepBehind();
  void noteDamage(const std::string& what);
  void checkDamage() const;
  void finish();
  void checkLength() const;
  [[noreturn]] void failTruncated(const std::string& how) const;

  ByteSource& source_;
  SourceIo io_;
  AvFormat format_;
  AvCodec decoder_;
  AvPacket packet_;
  AvFrame frame_;
  AVStream* stream_ = nullptr;
  MediaInfo info_;
  int sampleFormat_ = 0;
  std::int64_t declared_ = 0;      // duration in the stream's time base; 0: the file does not say
  std::int64_t read_ = 0;          // of that, in packets so far
  std::int64_t lastDuration_ = 0;  // of one packet
  std::int64_t start_ = 0;         // timestamp of frame 0
  std::int64_t position_ = 0;
  std::int64_t wanted_ = 0;        // frames before this one are thrown away
  std::optional<std::int64_t> end_;
  std::optional<std::int64_t> declaredEnd_;   // to the frame
  std::deque<AvFrame> behind_;     // decoded behind that: padding, unless there is more of it than that can be
  std::int64_t behindFrames_ = 0;
  bool bare_ = false;              // a row of coded frames without an index
  bool endless_ = false;           // its length was not known when it was written
  bool sought_ = false;            // not all of it was read
  bool placed_ = true;             // position_ is that of the next frame decoded
  bool draining_ = false;
  bool haveFrame_ = false;         // frame_ was decoded and not yet given
  bool packetReady_ = false;       // packet_ was read and not yet decoded
  std::uint32_t packets_ = 0, damaged_ = 0;
  std::string damage_;             // of the last packet: what is wrong and where; harmless if more follow in a bare stream
  int tries_ = 0;                  // of a seek that came out behind its frame
};

}  // namespace backline::media

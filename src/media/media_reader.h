#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "media/av.h"
#include "media/media_failure.h"
#include "media/media_io.h"
#include "media/media_location.h"
#include "media/media_state.h"

namespace backline::media {

/// Reads the first sound of a file, a URL or bytes piece by piece, in constant memory: interleaved frames at the sound's own rate, from any
/// frame. What an encoder put before and behind the sound is no part of it. Every failure throws MediaFailure; opens nothing else,
/// whatever the file asks for.
/// Thread safety: one thread. `interrupted` is asked, on that thread, while it waits for a network or a disk: true ends the wait.
class MediaReader {
 public:
  MediaReader(MediaLocation location, std::function<bool()> interrupted);

  const MediaInfo& info() const { return info_; }
  /// The next frames, valid until the next call; none at the end. Throws if the sound is damaged or ends before what the file declares.
  std::span<const float> next();
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
  void openConverter(const AVFrame& first);
  bool readPacket();
  bool feed();
  bool place();
  void jump(std::int64_t frame, std::int64_t before);
  void walk(std::int64_t frame);
  std::int64_t frameAt(std::int64_t timestamp) const;
  std::int64_t prerollFrames() const;
  std::span<const float> converted(std::int64_t skip);
  std::span<const float> beforeEnd(std::span<const float> frames, std::int64_t from);
  void noteDamage(const std::string& what);
  void checkDamage() const;
  void finish();
  [[noreturn]] void fail(MediaErrorCode code, const std::string& why) const;

  MediaLocation location_;
  MediaIo io_;
  AvFormat format_;
  AvCodec decoder_;
  AvPacket packet_;
  AvFrame frame_;
  AvResampler converter_;
  AVStream* stream_ = nullptr;
  MediaInfo info_;
  std::int64_t declared_ = 0;      // frames; 0: the file does not say
  std::int64_t start_ = 0;         // timestamp of frame 0
  std::int64_t position_ = 0;
  std::int64_t wanted_ = 0;        // frames before this one are thrown away
  std::optional<std::int64_t> end_;
  std::optional<std::int64_t> declaredEnd_;   // to the frame
  std::vector<float> behind_;      // decoded behind that: padding, unless there is more of it than that can be
  bool bare_ = false;              // a row of coded frames without an index
  bool placed_ = true;             // position_ is that of the next frame decoded
  bool draining_ = false;
  bool haveFrame_ = false;         // frame_ was decoded and not yet given
  bool packetReady_ = false;       // packet_ was read and not yet decoded
  std::int64_t lastDuration_ = 0;  // frames in one packet
  std::uint32_t packets_ = 0, damaged_ = 0;
  std::string damage_;
  int tries_ = 0;                  // of a seek that came out behind its frame
  std::vector<float> samples_;
};

}  // namespace backline::media

#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "media/decode_helper.h"
#include "media/media_failure.h"
#include "media/media_location.h"
#include "media/media_state.h"
#include "media/opened_media.h"
#include "media/stream_protocol.h"

namespace backline::media {

/// The first sound of a file, a URL or bytes, decoded piece by piece by a guest of the helper, in constant memory: interleaved frames at the sound's
/// own rate, from any frame. A guest that its file ends is a failure of that file; where the helper is what has gone, the next one goes on
/// at the same frame. Every failure throws MediaFailure, which names the location.
/// Thread safety: one thread. `interrupted` is asked, on that thread, while it waits: true ends the wait and all later ones.
class DecodedStream {
 public:
  DecodedStream(std::shared_ptr<DecodeHelper> helper, MediaLocation location, std::function<bool()> interrupted);

  const MediaInfo& info() const { return info_; }
  /// The next frames, valid until the next call; none at the end. Throws if the sound is damaged or ends before what the file declares.
  std::span<const float> next();
  /// Of the frame after those that next() gave.
  std::int64_t position() const { return position_; }
  /// How many frames there are; known once next() has come to the end.
  std::optional<std::int64_t> end() const { return end_; }
  /// next() goes on with this frame, exactly where the container allows it; behind the end there is nothing. A stream that cannot be read from
  /// another place goes on where it is, and fails if it has come to its end.
  void seek(std::int64_t frame) { seek_ = position_ = std::max<std::int64_t>(0, frame); }

 private:
  StreamWord start();
  void reopen();
  StreamWord answer(std::uint32_t channels);
  void serve(const StreamWord& wanted);
  std::size_t receive();
  void say(const void* message, std::size_t bytes, std::initializer_list<int> descriptors = {}) const;
  [[noreturn]] void fail(MediaErrorCode code, const std::string& why) const;

  const std::shared_ptr<DecodeHelper> helper_;
  const MediaLocation location_;
  const std::function<bool()> interrupted_;
  OpenedMedia media_;
  DecodeHelper::Guest guest_;
  MediaInfo info_;
  std::int64_t position_ = 0;
  std::optional<std::int64_t> end_;
  std::optional<std::int64_t> seek_;   // not yet told
  std::vector<std::byte> message_;     // what came last: a StreamWord, samples behind it
  std::vector<std::byte> passed_;      // a StreamAsk, bytes behind it
};

}  // namespace backline::media

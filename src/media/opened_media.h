#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "media/media_location.h"
#include "transport/fd.h"

struct AVIOContext;

namespace backline::media {

/// The bytes of a location, as one who decodes them in another process is given them: whole, by a descriptor that can only be read from, or, if
/// they come over a network, piece by piece. Throws MediaFailure, which names the location, if they cannot be had.
class OpenedMedia {
 public:
  /// `interrupted` is asked, on the calling thread, while a network is waited for: true ends the wait.
  OpenedMedia(const MediaLocation& location, std::function<bool()> interrupted);
  ~OpenedMedia();
  OpenedMedia(const OpenedMedia&) = delete;
  OpenedMedia& operator=(const OpenedMedia&) = delete;

  /// Of the file, or of a sealed copy of bytes in memory; none: a network's.
  const transport::Fd& file() const { return file_; }

  // Of a network:
  std::optional<std::uint64_t> size() const;
  bool isSeekable() const;
  /// As ByteSource::read.
  std::ptrdiff_t read(std::uint64_t offset, std::span<std::byte> out);

 private:
  static int ask(void* self);

  const std::function<bool()> interrupted_;
  transport::Fd file_;
  AVIOContext* network_ = nullptr;
};

}  // namespace backline::media

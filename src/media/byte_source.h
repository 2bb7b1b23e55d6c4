#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "media/av.h"
#include "transport/fd.h"

namespace backline::media {

/// Where the bytes of a sound are read from.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// The bytes from `offset` on: as many as came, 0 at the end, or an error of FFmpeg's.
  virtual std::ptrdiff_t read(std::uint64_t offset, std::span<std::byte> out) = 0;
  virtual std::optional<std::uint64_t> size() const = 0;
  /// Whether it can be read from any place.
  virtual bool isSeekable() const { return true; }
  /// Whether it is too slow to be read through in search of something.
  virtual bool isFar() const { return false; }
};

/// Bytes that outlive it.
class MemoryBytes final : public ByteSource {
 public:
  explicit MemoryBytes(std::span<const std::byte> bytes) : bytes_(bytes) {}
  std::ptrdiff_t read(std::uint64_t offset, std::span<std::byte> out) override;
  std::optional<std::uint64_t> size() const override { return bytes_.size(); }

 private:
  const std::span<const std::byte> bytes_;
};

/// A file that is open.
class FileBytes final : public ByteSource {
 public:
  explicit FileBytes(transport::Fd file) : file_(std::move(file)) {}
  std::ptrdiff_t read(std::uint64_t offset, std::span<std::byte> out) override;
  std::optional<std::uint64_t> size() const override;

 private:
  const transport::Fd file_;
};

/// A source, which outlives it, as FFmpeg reads it.
class SourceIo {
 public:
  explicit SourceIo(ByteSource& source);
  ~SourceIo();
  SourceIo(const SourceIo&) = delete;
  SourceIo& operator=(const SourceIo&) = delete;

  AVIOContext* context() const { return context_; }
  /// The first bytes, as far as they have been read.
  std::span<const std::byte> head() const { return std::span(head_).first(headBytes_); }

 private:
  static int read(void* self, std::uint8_t* out, int size);
  static std::int64_t seek(void* self, std::int64_t offset, int whence);

  ByteSource& source_;
  std::uint64_t position_ = 0;
  std::array<std::byte, 4096> head_;
  std::size_t headBytes_ = 0;
  AVIOContext* context_ = nullptr;
};

}  // namespace backline::media

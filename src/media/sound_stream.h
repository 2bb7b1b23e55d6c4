#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "media/sound_format.h"

struct sf_private_tag;   // libsndfile's SNDFILE

namespace backline::media {

/// Sound that becomes the bytes of a file as it comes, which may be taken before the end of it is known. A beginning that was taken then says what a
/// stream says that has no length yet (WAV: sizes of 2³² − 1; FLAC: none); one that was not has the sizes. [one thread at a time]
class SoundStream {
 public:
  /// Rates in Hz; frames of another one than the format can have are converted to one that it can. `bitsPerSecond` of all channels, for ogg and opus; 0: the
  /// encoder's own choice. Throws WriteFailure if the format cannot have the channels.
  SoundStream(SoundFormat format, std::uint32_t sampleRate, std::uint32_t channels, std::uint32_t bitsPerSecond = 0);
  ~SoundStream();
  SoundStream(const SoundStream&) = delete;
  SoundStream& operator=(const SoundStream&) = delete;

  /// Frames × channels, 1 full scale; formats of whole numbers clip what is louder. Throws WriteFailure.
  void write(std::span<const float> interleaved);
  /// Nothing comes any more. Throws WriteFailure.
  void finish();
  /// What there is and was not taken yet.
  std::vector<std::byte> take();

 private:
  struct Close {
    void operator()(sf_private_tag* file) const;
  };
  struct Rate;   // a converter, where there has to be one
  void encode(std::span<const float> interleaved);

  // For libsndfile.
  static std::int64_t length(void* self);
  static std::int64_t seek(std::int64_t offset, int whence, void* self);
  static std::int64_t read(void* data, std::int64_t bytes, void* self);
  static std::int64_t write(const void* data, std::int64_t bytes, void* self);
  static std::int64_t tell(void* self);

  const SoundFormat format_;
  const std::uint32_t channels_;
  std::unique_ptr<Rate> rate_;
  std::vector<std::byte> bytes_;    // of the file, from `taken_` on
  std::uint64_t taken_ = 0, position_ = 0;
  std::unique_ptr<sf_private_tag, Close> file_;   // before the bytes in going
};

}  // namespace backline::media

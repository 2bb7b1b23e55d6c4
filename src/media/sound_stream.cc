#include "media/sound_stream.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "media/sndfile_encoding.h"
#include "media/stream_converter.h"

namespace backline::media {

namespace {

constexpr std::uint32_t kAnyRate = 48000;     // Hz, which every format has

/// libsndfile has 0 for the most bits of Opus and 1 for the least: 256 and 6 kbit/s a channel.
double opusCompression(std::uint32_t bitsPerSecond, std::uint32_t channels) {
  return std::clamp(1.0 - (bitsPerSecond / static_cast<double>(channels) - 6000.0) / 250000.0, 0.0, 1.0);
}

/// Vorbis has no rate of bits but a quality; these are its nominal rates for two channels at 44.1 kHz, for qualities 0, 0.1 … 1.
double vorbisQuality(std::uint32_t bitsPerSecond, std::uint32_t channels) {
  constexpr double kRates[] = {64000, 80000, 96000, 112000, 128000, 160000, 192000, 224000, 256000, 320000, 500000};
  const double wanted = 2.0 * bitsPerSecond / channels;
  const auto above = std::upper_bound(std::begin(kRates), std::end(kRates), wanted);
  if (above == std::begin(kRates)) return 0;
  if (above == std::end(kRates)) return 1;
  return 0.1 * (static_cast<double>(above - std::begin(kRates) - 1) + (wanted - above[-1]) / (above[0] - above[-1]));
}

/// The sizes of a WAV that is not over yet.
void markEndless(std::vector<std::byte>& header) {
  constexpr std::size_t kRiff = 12;
  const auto put = [&](std::size_t at) { std::fill_n(header.begin() + static_cast<std::ptrdiff_t>(at), 4, std::byte{0xff}); };
  for (std::size_t at = kRiff; at + 8 <= header.size();) {
    if (std::memcmp(header.data() + at, "data", 4) == 0) {
      put(4);
      return put(at + 4);
    }
    std::uint32_t size = 0;
    std::memcpy(&size, header.data() + at + 4, sizeof size);
    at += 8 + std::size_t{size} + size % 2;
  }
}

}  // namespace

struct SoundStream::Rate {
  StreamConverter converter;
};

SoundStream::SoundStream(SoundFormat format, std::uint32_t sampleRate, std::uint32_t channels, std::uint32_t bitsPerSecond) : format_(format), channels_(channels) {
  const std::uint32_t rate = takesSound(format, sampleRate, channels) ? sampleRate : kAnyRate;
  checkSoundFormat("sound", format, rate, channels);
  SF_INFO info = sndfileInfo(format, SF_FORMAT_WAV, rate, channels);
  SF_VIRTUAL_IO io{&SoundStream::length, &SoundStream::seek, &SoundStream::read, &SoundStream::write, &SoundStream::tell};
  file_.reset(sf_open_virtual(&io, SFM_WRITE, &info, this));
  if (!file_) throw WriteFailure(std::string("cannot encode sound: ") + sf_strerror(nullptr));
  if (rate != sampleRate) rate_.reset(new Rate{{channels, static_cast<int>(sampleRate), static_cast<int>(rate)}});
  settle(file_.get(), bitsPerSecond == 0 ? kVorbisQuality : vorbisQuality(bitsPerSecond, channels));
  double compression = opusCompression(bitsPerSecond, channels);
  if (format == SoundFormat::opus && bitsPerSecond != 0) sf_command(file_.get(), SFC_SET_COMPRESSION_LEVEL, &compression, sizeof compression);
}

SoundStream::~SoundStream() = default;

void SoundStream::Close::operator()(sf_private_tag* file) const { sf_close(file); }

void SoundStream::write(std::span<const float> interleaved) {
  if (!rate_) return encode(interleaved);
  rate_->converter.add(interleaved);
  const auto ready = rate_->converter.ready();
  encode(ready);
  rate_->converter.consume(static_cast<std::uint32_t>(ready.size() / channels_));
}

void SoundStream::encode(std::span<const float> interleaved) {
  if (!file_) throw WriteFailure("cannot encode sound: it has ended");
  for (std::size_t frames = interleaved.size() / channels_; frames > 0;) {
    const std::size_t count = std::min(kSndfileFrames, frames);
    if (sf_writef_float(file_.get(), interleaved.data(), static_cast<sf_count_t>(count)) != static_cast<sf_count_t>(count))
      throw WriteFailure(std::string("cannot encode sound: ") + sf_strerror(file_.get()));
    interleaved = interleaved.subspan(count * channels_);
    frames -= count;
  }
}

void SoundStream::finish() {
  if (!file_) return;
  if (rate_) {
    rate_->converter.finish();
    encode(rate_->converter.ready());
  }
  if (sf_close(file_.release()) != 0) throw WriteFailure("cannot encode sound: its end could not be written");
}

std::vector<std::byte> SoundStream::take() {
  if (file_ && format_ == SoundFormat::wav && taken_ == 0) markEndless(bytes_);
  taken_ += bytes_.size();
  return std::exchange(bytes_, {});
}

// libsndfile sees one file, of which the bytes before `taken_` can be written no more.

sf_count_t SoundStream::length(void* self) {
  const auto& stream = *static_cast<SoundStream*>(self);
  return static_cast<sf_count_t>(stream.taken_ + stream.bytes_.size());
}

sf_count_t SoundStream::seek(sf_count_t offset, int whence, void* self) {
  auto& stream = *static_cast<SoundStream*>(self);
  const sf_count_t from = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? static_cast<sf_count_t>(stream.position_) : length(self);
  if (from + offset < 0) return -1;
  stream.position_ = static_cast<std::uint64_t>(from + offset);
  return from + offset;
}

sf_count_t SoundStream::read(void*, sf_count_t, void*) { return 0; }

sf_count_t SoundStream::write(const void* data, sf_count_t bytes, void* self) {
  auto& stream = *static_cast<SoundStream*>(self);
  const auto* from = static_cast<const std::byte*>(data);
  auto count = static_cast<std::uint64_t>(bytes);
  if (stream.position_ < stream.taken_) {
    const std::uint64_t gone = std::min(count, stream.taken_ - stream.position_);
    from += gone;
    count -= gone;
    stream.position_ += gone;
  }
  if (count == 0) return bytes;
  const std::size_t at = stream.position_ - stream.taken_;
  if (stream.bytes_.size() < at + count) stream.bytes_.resize(at + count);
  std::memcpy(stream.bytes_.data() + at, from, count);
  stream.position_ += count;
  return bytes;
}

sf_count_t SoundStream::tell(void* self) { return static_cast<sf_count_t>(static_cast<SoundStream*>(self)->position_); }

}  // namespace backline::media

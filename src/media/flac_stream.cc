#include <FLAC/stream_encoder.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "media/bytes.h"
#include "media/flac_layout.h"
#include "media/recording_stream.h"
#include "media/vorbis_comments.h"

namespace backline::media {

namespace {

constexpr std::uint32_t kNotesRoom = 1 << 15;      // bytes of the metadata blocks behind STREAMINFO
constexpr std::size_t kFramesAtOnce = 4096;
constexpr double kBlockSeconds = 0.1;              // at most: the encoder holds two blocks back
constexpr std::uint32_t kMostBlock = 4096, kLeastBlock = 256;   // frames
constexpr float kFullScale = 1 << 23;

/// A metadata block's head; `last` of all blocks.
void putBlockHead(Bytes& to, FLAC__MetadataType type, std::size_t size, bool last) {
  to.number(static_cast<std::uint8_t>(type | (last ? 0x80 : 0)));
  for (const int shift : {16, 8, 0}) to.number(static_cast<std::uint8_t>(size >> shift & 0xff));
}

class FlacStream final : public RecordingStream {
 public:
  FlacStream(DiskFile& file, const RecordingFormat& format, const RecordingNotes& notes)
      : file_(file), channels_(format.channels), encoder_(FLAC__stream_encoder_new()), samples_(kFramesAtOnce * format.channels) {
    file_.reserve(kFlacHead + kNotesRoom);
    const auto block = static_cast<std::uint32_t>(format.sampleRate * kBlockSeconds);
    FLAC__stream_encoder_set_channels(encoder_.get(), format.channels);
    FLAC__stream_encoder_set_bits_per_sample(encoder_.get(), 24);
    FLAC__stream_encoder_set_sample_rate(encoder_.get(), format.sampleRate);
    FLAC__stream_encoder_set_streamable_subset(encoder_.get(), false);   // it takes few sample rates
    FLAC__stream_encoder_set_blocksize(encoder_.get(), std::clamp(block, kLeastBlock, kMostBlock));
    // Without seeking: what is written again is written here, as it goes.
    const auto begun = FLAC__stream_encoder_init_stream(encoder_.get(), &FlacStream::write, nullptr, nullptr, &FlacStream::finished, this);
    rethrow();
    if (begun != FLAC__STREAM_ENCODER_INIT_STATUS_OK)
      throw WriteFailure("cannot write " + file_.path() + ": FLAC: " + FLAC__StreamEncoderInitStatusString[begun]);
    annotate(notes);
  }

  void append(const float* interleaved, std::size_t frames) override {
    while (frames > 0) {
      const std::size_t count = std::min(frames, kFramesAtOnce);
      file_.reserve(count * channels_ * sizeof(float));
      // 24 bits have no more than full scale less a step; what is no number is silence.
      std::transform(interleaved, interleaved + count * channels_, samples_.begin(), [](float sample) {
        return std::isnan(sample) ? 0 : static_cast<FLAC__int32>(std::lrint(std::clamp(sample * kFullScale, -kFullScale, kFullScale - 1)));
      });
      require(FLAC__stream_encoder_process_interleaved(encoder_.get(), samples_.data(), static_cast<std::uint32_t>(count)));
      interleaved += count * channels_;
      frames -= count;
    }
    setFlacFrames(head_, written_);
    file_.writeAt(0, head_);
  }

  void annotate(const RecordingNotes& notes) override {
    const std::vector<std::byte> comments = vorbisComments(notes, kNotesRoom - 8);
    Bytes blocks;
    putBlockHead(blocks, FLAC__METADATA_TYPE_VORBIS_COMMENT, comments.size(), false);
    blocks.add(comments);
    const std::size_t rest = kNotesRoom - blocks.size() - 4;
    putBlockHead(blocks, FLAC__METADATA_TYPE_PADDING, rest, true);
    blocks.zeros(rest);
    file_.writeAt(kFlacHead, blocks.take());
  }

  void end() override {
    if (failure_) return;
    require(FLAC__stream_encoder_finish(encoder_.get()));
    setFlacFrames(head_, written_);
    file_.writeAt(0, head_);
  }

 private:
  struct Delete {
    void operator()(FLAC__StreamEncoder* encoder) const { FLAC__stream_encoder_delete(encoder); }
  };

  void rethrow() {
    if (failure_) throw WriteFailure(*failure_);
  }
  /// What the encoder answers.
  void require(FLAC__bool done) {
    rethrow();
    if (!done) throw WriteFailure("cannot write " + file_.path() + ": FLAC: " + FLAC__stream_encoder_get_resolved_state_string(encoder_.get()));
  }

  static FLAC__StreamEncoderWriteStatus write(const FLAC__StreamEncoder*, const FLAC__byte* data, std::size_t size, std::uint32_t frames, std::uint32_t, void* self) {
    return static_cast<FlacStream*>(self)->take(std::as_bytes(std::span(data, size)), frames);
  }

  /// The encoder's first writes are "fLaC" and the metadata blocks, of which the first alone is kept.
  FLAC__StreamEncoderWriteStatus take(std::span<const std::byte> bytes, std::uint32_t frames) {
    if (failure_) return FLAC__STREAM_ENCODER_WRITE_STATUS_FATAL_ERROR;
    try {
      if (frames == 0) {
        const std::size_t count = std::min(bytes.size(), kFlacHead - headBytes_);
        std::copy_n(bytes.begin(), count, head_.begin() + static_cast<std::ptrdiff_t>(headBytes_));
        headBytes_ += count;
        if (count > 0 && headBytes_ == kFlacHead) file_.append(Bytes().add(head_).zeros(kNotesRoom).take());
      } else {
        file_.append(bytes);
        written_ += frames;
      }
      return FLAC__STREAM_ENCODER_WRITE_STATUS_OK;
    } catch (const WriteFailure& failure) {
      failure_ = failure.what();
      return FLAC__STREAM_ENCODER_WRITE_STATUS_FATAL_ERROR;
    }
  }

  /// The checksum of all samples, and the sizes of frames, are known at the end only.
  static void finished(const FLAC__StreamEncoder*, const FLAC__StreamMetadata* metadata, void* self) {
    std::array<std::byte, kFlacHead>& head = static_cast<FlacStream*>(self)->head_;
    const FLAC__StreamMetadata_StreamInfo& info = metadata->data.stream_info;
    constexpr std::size_t kFrameSizes = 12, kSum = 26;
    std::size_t at = kFrameSizes;
    for (const std::uint32_t size : {info.min_framesize, info.max_framesize})
      for (const int shift : {16, 8, 0}) head[at++] = static_cast<std::byte>(size >> shift & 0xff);
    std::copy_n(std::as_bytes(std::span(info.md5sum)).begin(), 16, head.begin() + kSum);
  }

  DiskFile& file_;
  const std::uint32_t channels_;
  std::array<std::byte, kFlacHead> head_{};
  std::size_t headBytes_ = 0;
  std::uint64_t written_ = 0;   // frames
  std::optional<std::string> failure_;
  std::unique_ptr<FLAC__StreamEncoder, Delete> encoder_;
  std::vector<FLAC__int32> samples_;
};

}  // namespace

std::unique_ptr<RecordingStream> makeFlacStream(DiskFile& file, const RecordingFormat& format, const RecordingNotes& notes) {
  return std::make_unique<FlacStream>(file, format, notes);
}

}  // namespace backline::media

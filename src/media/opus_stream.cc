#include <opus/opus_multistream.h>

#include <array>
#include <cmath>

#include "media/bytes.h"
#include "media/ogg_pages.h"
#include "media/recording_stream.h"
#include "media/vorbis_comments.h"

namespace backline::media {

namespace {

constexpr std::uint32_t kGranuleRate = 48000;       // RFC 7845: whatever the rate of the sound
constexpr std::uint32_t kPacketsPerSecond = 50;
constexpr int kBitsPerSecond = 96000;               // a channel
constexpr std::size_t kMostPacketBytes = 1277 * 3;  // a channel
constexpr int kDiscrete = 255;                      // mapping family: channels that are no loudspeakers

std::vector<std::byte> opusTags(const RecordingNotes& notes) {
  Bytes packet;
  packet.text("OpusTags");
  packet.add(vorbisComments(notes, kCommentPacketBytes - packet.size()));
  packet.zeros(kCommentPacketBytes - packet.size());   // RFC 7845 5.2: padding
  return packet.take();
}

class OpusStream final : public RecordingStream {
 public:
  OpusStream(DiskFile& file, const RecordingFormat& format, const RecordingNotes& notes)
      : file_(file), channels_(format.channels), granules_(kGranuleRate / format.sampleRate), packetFrames_(format.sampleRate / kPacketsPerSecond),
        pages_(file, kGranuleRate), packet_(kMostPacketBytes * format.channels) {
    file_.reserve(2 * kCommentPacketBytes);
    const int family = channels_ <= 2 ? 0 : kDiscrete;
    int streams = 0, coupled = 0, error = 0, lookahead = 0;
    std::array<unsigned char, 255> mapping{};
    encoder_.reset(opus_multistream_surround_encoder_create(static_cast<opus_int32>(format.sampleRate), static_cast<int>(channels_), family, &streams, &coupled,
                                                            mapping.data(), OPUS_APPLICATION_AUDIO, &error));
    if (!encoder_) throw WriteFailure("cannot write " + file.path() + ": Opus: " + opus_strerror(error));
    opus_multistream_encoder_ctl(encoder_.get(), OPUS_SET_BITRATE(kBitsPerSecond * static_cast<int>(channels_)));
    opus_multistream_encoder_ctl(encoder_.get(), OPUS_GET_LOOKAHEAD(&lookahead));
    skipped_ = lookahead * granules_;
    Bytes head;
    head.text("OpusHead").number(std::uint8_t{1}).number(static_cast<std::uint8_t>(channels_)).number(static_cast<std::uint16_t>(skipped_));
    head.number(format.sampleRate).number(std::uint16_t{0}).number(static_cast<std::uint8_t>(family));
    if (family != 0) {
      head.number(static_cast<std::uint8_t>(streams)).number(static_cast<std::uint8_t>(coupled));
      head.add(std::as_bytes(std::span(mapping).first(channels_)));
    }
    pages_.header(head.take());
    pages_.header(opusTags(notes));
  }

  void append(const float* interleaved, std::size_t frames) override {
    file_.reserve((frames + packetFrames_) * channels_ * sizeof(float));
    frames_ += static_cast<std::int64_t>(frames);
    for (std::size_t i = 0; i < frames * channels_; ++i) {
      // What is kept back makes the last packet: so one is made when there is more.
      if (waiting_.size() == packetFrames_ * channels_) encode(false);
      waiting_.push_back(std::isfinite(interleaved[i]) ? interleaved[i] : 0);
    }
  }

  void annotate(const RecordingNotes& notes) override { pages_.replaceComments(opusTags(notes)); }

  void end() override {
    // The sound comes out of the decoder late by what is skipped at its beginning.
    const std::int64_t until = skipped_ + frames_ * granules_;
    const std::int64_t packet = packetFrames_ * granules_;
    do {
      waiting_.resize(packetFrames_ * channels_);
      encode(granule_ + packet >= until);
    } while (granule_ < until);
  }

 private:
  struct Delete {
    void operator()(OpusMSEncoder* encoder) const { opus_multistream_encoder_destroy(encoder); }
  };

  void encode(bool last) {
    const int size = opus_multistream_encode_float(encoder_.get(), waiting_.data(), static_cast<int>(packetFrames_), packet_.data(), static_cast<opus_int32>(packet_.size()));
    waiting_.clear();
    if (size < 0) throw WriteFailure("cannot write " + file_.path() + ": Opus: " + opus_strerror(size));
    granule_ += packetFrames_ * granules_;
    pages_.packet(packet_.data(), static_cast<std::size_t>(size), last ? skipped_ + frames_ * granules_ : granule_, last);
  }

  DiskFile& file_;
  const std::uint32_t channels_;
  const std::uint32_t granules_;       // a frame
  const std::uint32_t packetFrames_;
  std::int64_t skipped_ = 0;           // granules
  std::int64_t granule_ = 0;           // that are encoded
  std::int64_t frames_ = 0;
  OggPages pages_;
  std::unique_ptr<OpusMSEncoder, Delete> encoder_;
  std::vector<float> waiting_;
  std::vector<unsigned char> packet_;
};

}  // namespace

std::unique_ptr<RecordingStream> makeOpusStream(DiskFile& file, const RecordingFormat& format, const RecordingNotes& notes) {
  return std::make_unique<OpusStream>(file, format, notes);
}

}  // namespace backline::media

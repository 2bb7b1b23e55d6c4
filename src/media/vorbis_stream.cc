#include <vorbis/vorbisenc.h>

#include <cmath>

#include "media/bytes.h"
#include "media/ogg_pages.h"
#include "media/recording_stream.h"
#include "media/vorbis_comments.h"

namespace backline::media {

namespace {

constexpr std::size_t kEncodedAtOnce = 1024;      // the encoder keeps what it is given on its stack

std::vector<std::byte> vorbisHeader(const RecordingNotes& notes) {
  Bytes packet;
  packet.number(std::uint8_t{3}).text("vorbis");
  packet.add(vorbisComments(notes, kCommentPacketBytes - packet.size() - 1)).number(std::uint8_t{1});
  packet.zeros(kCommentPacketBytes - packet.size());   // readers stop at the framing bit
  return packet.take();
}

std::vector<std::byte> bytesOf(const ogg_packet& packet) {
  return Bytes().add(std::as_bytes(std::span(packet.packet, static_cast<std::size_t>(packet.bytes)))).take();
}

class VorbisStream final : public RecordingStream {
 public:
  VorbisStream(DiskFile& file, const RecordingFormat& format, const RecordingNotes& notes)
      : file_(file), channels_(format.channels), pages_(file, format.sampleRate), encoder_(file, format) {
    file_.reserve(2 * kCommentPacketBytes);
    ogg_packet first, comments, setup;
    vorbis_comment none;
    vorbis_comment_init(&none);
    vorbis_analysis_headerout(&encoder_.state, &none, &first, &comments, &setup);
    vorbis_comment_clear(&none);
    pages_.header(bytesOf(first));
    pages_.header(vorbisHeader(notes));
    pages_.header(bytesOf(setup));
  }

  void append(const float* interleaved, std::size_t frames) override {
    while (frames > 0) {
      const std::size_t count = std::min(frames, kEncodedAtOnce);
      file_.reserve(count * channels_ * sizeof(float));
      float** planes = vorbis_analysis_buffer(&encoder_.state, static_cast<int>(count));
      for (std::uint32_t c = 0; c < channels_; ++c)
        for (std::size_t i = 0; i < count; ++i) {
          const float sample = interleaved[i * channels_ + c];
          planes[c][i] = std::isfinite(sample) ? sample : 0;
        }
      wrote(count);
      interleaved += count * channels_;
      frames -= count;
    }
  }

  void annotate(const RecordingNotes& notes) override { pages_.replaceComments(vorbisHeader(notes)); }
  void end() override { wrote(0); }

 private:
  /// libvorbis' state, made and cleared.
  struct Encoder {
    Encoder(const DiskFile& file, const RecordingFormat& format) {
      vorbis_info_init(&info);
      int refused = vorbis_encode_setup_vbr(&info, format.channels, format.sampleRate, kVorbisQuality);
      // More than two channels would be taken for loudspeakers, the sixth for one of low notes alone.
      int coupled = 0;
      if (refused == 0 && format.channels > 2) refused = vorbis_encode_ctl(&info, OV_ECTL_COUPLING_SET, &coupled);
      if (refused == 0) refused = vorbis_encode_setup_init(&info);
      if (refused != 0) {
        vorbis_info_clear(&info);
        throw WriteFailure("cannot write " + file.path() + ": libvorbis has nothing for " + std::to_string(format.channels) + " channels at " +
                           std::to_string(format.sampleRate) + " Hz; record as flac or wav");
      }
      vorbis_analysis_init(&state, &info);
      vorbis_block_init(&state, &block);
    }
    ~Encoder() {
      vorbis_block_clear(&block);
      vorbis_dsp_clear(&state);
      vorbis_info_clear(&info);
    }
    Encoder(const Encoder&) = delete;
    Encoder& operator=(const Encoder&) = delete;
    vorbis_info info{};
    vorbis_dsp_state state{};
    vorbis_block block{};
  };

  /// 0: that was all.
  void wrote(std::size_t frames) {
    vorbis_analysis_wrote(&encoder_.state, static_cast<int>(frames));
    while (vorbis_analysis_blockout(&encoder_.state, &encoder_.block) == 1) {
      vorbis_analysis(&encoder_.block, nullptr);
      vorbis_bitrate_addblock(&encoder_.block);
      ogg_packet packet;
      while (vorbis_bitrate_flushpacket(&encoder_.state, &packet) == 1)
        pages_.packet(packet.packet, static_cast<std::size_t>(packet.bytes), packet.granulepos, packet.e_o_s != 0);
    }
  }

  DiskFile& file_;
  const std::uint32_t channels_;
  OggPages pages_;
  Encoder encoder_;
};

}  // namespace

std::unique_ptr<RecordingStream> makeVorbisStream(DiskFile& file, const RecordingFormat& format, const RecordingNotes& notes) {
  return std::make_unique<VorbisStream>(file, format, notes);
}

}  // namespace backline::media

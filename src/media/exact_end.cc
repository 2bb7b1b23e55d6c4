#include "media/exact_end.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace backline::media {

namespace {

constexpr std::int64_t kEditClock = 500;   // Hz; movies are told in 600ths or thousandths of a second, and finer

bool isOgg(const AVFormatContext& format, const AVStream& stream, AVCodecID codec) {
  return std::strcmp(format.iformat->name, "ogg") == 0 && stream.codecpar->codec_id == codec;
}

bool isMp4(const AVFormatContext& format) { return std::strstr(format.iformat->name, "mp4") != nullptr; }

/// The length of a track whatever its edit list says, in its own time base; 0: not known.
std::int64_t trackLength(const AVFormatContext& format, int index) {
  AVIOContext* io = format.pb;
  if ((io->seekable & AVIO_SEEKABLE_NORMAL) == 0) return 0;
  const std::int64_t place = avio_tell(io);
  std::int64_t length = 0;
  AVDictionary* options = nullptr;
  av_dict_set(&options, "ignore_editlist", "1", 0);
  AVFormatContext* again = avformat_alloc_context();
  if (again != nullptr && avio_seek(io, 0, SEEK_SET) == 0) {
    again->pb = io;
    again->flags |= AVFMT_FLAG_CUSTOM_IO;
    again->io_open = &refuseToOpen;
    // Frees the context if it fails.
    if (avformat_open_input(&again, nullptr, format.iformat, &options) == 0 && index < static_cast<int>(again->nb_streams)) {
      length = std::max<std::int64_t>(0, again->streams[index]->duration);
    }
  }
  avformat_close_input(&again);
  av_dict_free(&options);
  avio_seek(io, place, SEEK_SET);
  return length;
}

}  // namespace

bool mistakesEnd(const AVFormatContext& format, const AVStream& stream) {
  return isOgg(format, stream, AV_CODEC_ID_VORBIS) && stream.duration > 0;
}

void forgetPadding(AVPacket& packet) {
  std::size_t bytes = 0;
  std::uint8_t* skip = av_packet_get_side_data(&packet, AV_PKT_DATA_SKIP_SAMPLES, &bytes);
  if (skip != nullptr && bytes >= 8) std::memset(skip + 4, 0, 4);   // frames to discard at the end
}

std::optional<std::int64_t> exactEnd(const AVFormatContext& format, const AVStream& stream, const AVPacket& first, int sampleRate) {
  std::int64_t length = stream.duration;
  const bool opus = isOgg(format, stream, AV_CODEC_ID_OPUS);
  if (length <= 0 || sampleRate < 1 || !(isMp4(format) || opus || mistakesEnd(format, stream))) return {};
  const std::int64_t skipped = first.pts == AV_NOPTS_VALUE ? 0 : std::max<std::int64_t>(0, -first.pts);
  if (opus) length -= skipped;   // which counts it
  if (isMp4(format)) {
    const std::int64_t track = trackLength(format, stream.index) - skipped;
    if (track > 0 && std::abs(av_rescale_q(track - length, stream.time_base, {1, kEditClock})) <= 1) length = track;
  }
  return av_rescale_q(length, stream.time_base, {1, sampleRate});
}

}  // namespace backline::media

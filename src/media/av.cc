#include "media/av.h"

#include <cstring>
#include <new>

namespace backline::media {

std::string avText(int error) {
  char text[AV_ERROR_MAX_STRING_SIZE] = "";
  av_strerror(error, text, sizeof text);
  return text;
}

AVChannelLayout layoutOf(int channels) {
  AVChannelLayout layout{};
  layout.order = AV_CHANNEL_ORDER_NATIVE;
  layout.nb_channels = channels;
  layout.u.mask = (std::uint64_t{1} << channels) - 1;
  return layout;
}

AvCodec decoderOf(const AVStream& stream, const AVCodec& codec, int& error) {
  AvCodec decoder(avcodec_alloc_context3(&codec));
  if (!decoder) throw std::bad_alloc();
  error = avcodec_parameters_to_context(decoder.get(), stream.codecpar);
  decoder->pkt_timebase = stream.time_base;
  decoder->thread_count = 1;
  if (error >= 0) error = avcodec_open2(decoder.get(), &codec, nullptr);
  if (error < 0) decoder.reset();
  return decoder;
}

bool isBareStream(const AVFormatContext& format) {
  for (const char* name : {"mp3", "aac", "ac3", "eac3", "dts", "loas"}) {
    if (std::strcmp(format.iformat->name, name) == 0) return true;
  }
  return false;
}

bool isPcm(const AVStream& stream) { return std::strncmp(avcodec_get_name(stream.codecpar->codec_id), "pcm_", 4) == 0; }

bool tellsTimeCoarsely(const AVFormatContext& format) { return std::strstr(format.iformat->name, "matroska") != nullptr; }

int refuseToOpen(AVFormatContext*, AVIOContext**, const char*, int, AVDictionary**) { return AVERROR(EPERM); }

}  // namespace backline::media

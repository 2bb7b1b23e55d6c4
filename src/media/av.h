#pragma once

#include <memory>
#include <string>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libswresample/swresample.h>
}

namespace backline::media {

/// Owners of FFmpeg's objects.
template <auto freeFunction>
struct AvFree {
  template <class T>
  void operator()(T* object) const {
    freeFunction(&object);
  }
};
using AvFormat = std::unique_ptr<AVFormatContext, AvFree<avformat_close_input>>;
using AvCodec = std::unique_ptr<AVCodecContext, AvFree<avcodec_free_context>>;
using AvPacket = std::unique_ptr<AVPacket, AvFree<av_packet_free>>;
using AvFrame = std::unique_ptr<AVFrame, AvFree<av_frame_free>>;
using AvResampler = std::unique_ptr<SwrContext, AvFree<swr_free>>;

/// FFmpeg's words for one of its error codes.
std::string avText(int error);

/// Input and output of a conversion have the same one, so that no channel is mixed into another.
AVChannelLayout layoutOf(int channels);

/// The decoder that the codec names, opened on `stream`. Null, with FFmpeg's error, if it cannot be. Throws std::bad_alloc.
AvCodec decoderOf(const AVStream& stream, const AVCodec& codec, int& error);

/// A format that is a bare row of coded frames: junk between them (tags, a cut first frame) is usual and does no harm.
bool isBareStream(const AVFormatContext& format);
bool isPcm(const AVStream& stream);
/// A duration told in milliseconds for the whole file is no exact one.
bool tellsTimeCoarsely(const AVFormatContext& format);
/// As AVFormatContext::io_open: nothing else is opened, whatever the file asks for.
int refuseToOpen(AVFormatContext*, AVIOContext**, const char*, int, AVDictionary**);

}  // namespace backline::media

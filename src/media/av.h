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

/// Throws EncodingError: what decodeAudioData fails with.
[[noreturn]] void failDecoding(const std::string& why);

}  // namespace backline::media

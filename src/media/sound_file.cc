#include "media/sound_file.h"

#include <algorithm>
#include <cstring>

#include "control/errors.h"
#include "media/exact_end.h"
#include "media/ogg.h"
#include "render/block.h"

namespace backline::media {

namespace {

constexpr std::uint32_t kPacketsADamagedOne = 10;   // of a bare stream: below this it is no sound

constexpr double kPacketsMore = 1.5;   // that a file may declare and not have

constexpr double kCoarseDuration = 0.1;   // seconds

/// Whether it is a WAV that was passed on before its length was known: the last packet is as long as it is.
bool isEndlessWave(std::span<const std::byte> bytes) {
  constexpr std::size_t kRiff = 12, kChunk = 8;
  if (bytes.size() < kRiff || std::memcmp(bytes.data(), "RIFF", 4) != 0) return false;
  for (std::size_t at = kRiff; at + kChunk <= bytes.size();) {
    std::uint32_t size = 0;
    std::memcpy(&size, bytes.data() + at + 4, sizeof size);
    if (std::memcmp(bytes.data() + at, "data", 4) == 0) return size == 0xffffffff;
    at += kChunk + std::size_t{size} + size % 2;
  }
  return false;
}

}  // namespace

void failDecoding(const std::string& why) { throw DomException("EncodingError", "decodeAudioData: " + why); }

SoundFile::SoundFile(std::span<const std::byte> bytes)
    : bytes_(bytes), endless_(isEndlessWave(bytes)), io_(bytes), packet_(av_packet_alloc()), frame_(av_frame_alloc()) {
  if (!packet_ || !frame_) throw std::bad_alloc();
  if (const auto missing = missingOggBytes(bytes_)) {
    failTruncated("in a page of Ogg that lacks " + std::to_string(missing) + " bytes");
  }
  openFormat();
  openDecoder();
}

void SoundFile::openFormat() {
  if (bytes_.empty()) failDecoding("the data is empty");
  AVFormatContext* format = avformat_alloc_context();
  if (!format) throw std::bad_alloc();
  format->pb = io_.context();
  format->flags |= AVFMT_FLAG_CUSTOM_IO;
  format->io_open = &refuseToOpen;
  // Frees the context if it fails.
  if (const int error = avformat_open_input(&format, nullptr, nullptr, nullptr); error < 0) {
    failDecoding("the data is no sound in a known format (" + avText(error) + "; " + std::to_string(bytes_.size()) + " bytes)");
  }
  format_.reset(format);
  if (const int error = avformat_find_stream_info(format, nullptr); error < 0) {
    failDecoding("no sound can be made out in the " + std::string(format->iformat->long_name) + " data: " + avText(error));
  }
}

void SoundFile::openDecoder() {
  for (unsigned i = 0; i < format_->nb_streams && !stream_; ++i) {
    if (format_->streams[i]->codecpar->codec_type == AVMEDIA_TYPE_AUDIO) stream_ = format_->streams[i];
  }
  if (!stream_) failDecoding("there is no sound in the " + kind() + " data");
  for (unsigned i = 0; i < format_->nb_streams; ++i) {
    if (format_->streams[i] != stream_) format_->streams[i]->discard = AVDISCARD_ALL;
  }
  const AVCodecParameters& parameters = *stream_->codecpar;
  const AVCodec* codec = avcodec_find_decoder(parameters.codec_id);
  if (!codec) failDecoding("the " + kind() + " data is coded as " + avcodec_get_name(parameters.codec_id) + ", which is not known here");
  const int channels = parameters.ch_layout.nb_channels;
  if (channels > static_cast<int>(render::kMaxChannels)) {
    failDecoding("the sound has " + std::to_string(channels) + " channels; at most " + std::to_string(render::kMaxChannels) + " are possible");
  }
  int error = 0;
  decoder_ = decoderOf(*stream_, *codec, error);
  if (!decoder_) failDecoding("the " + kind() + " data cannot be decoded as " + codec->name + ": " + avText(error));
  if (stream_->duration > 0 && format_->duration_estimation_method == AVFMT_DURATION_FROM_STREAM) declared_ = stream_->duration;
}

std::string SoundFile::kind() const { return format_->iformat->long_name; }

void SoundFile::failTruncated(const std::string& how) const {
  failDecoding("the data is truncated: it ends after frame " + std::to_string(frames_) + ", at byte " +
               std::to_string(bytes_.size()) + ", " + how);
}

void SoundFile::noteDamage(const std::string& what) {
  ++damagedPackets_;
  damage_ = what + " after frame " + std::to_string(frames_);
  if (packet_->pos >= 0) damage_ += ", at byte " + std::to_string(packet_->pos);
}

void SoundFile::reportDamage() const {
  if (damage_.empty()) return;
  if (isBareStream(*format_) && damagedPackets_ * kPacketsADamagedOne <= std::max(packets_, kPacketsADamagedOne)) return;
  failDecoding("the " + kind() + " data is damaged: " + damage_ + " of " + std::to_string(bytes_.size()));
}

void SoundFile::takePacket() {
  // What was wrong with the one before was no end.
  reportDamage();
  damage_.clear();
  if (packets_ == 0) end_ = exactEnd(*format_, *stream_, *packet_, stream_->codecpar->sample_rate);
  if (mistakesEnd(*format_, *stream_)) forgetPadding(*packet_);
  read_ += packet_->duration;
  lastDuration_ = std::max(lastDuration_, packet_->duration);
  ++packets_;
  if ((packet_->flags & AV_PKT_FLAG_CORRUPT) && !endless_) noteDamage("an incomplete packet");
  if (!isPcm(*stream_)) return;
  // Of the last samples, those that are whole are good.
  const int whole = stream_->codecpar->ch_layout.nb_channels * av_get_bits_per_sample(stream_->codecpar->codec_id) / 8;
  if (whole > 0) av_shrink_packet(packet_.get(), packet_->size - packet_->size % whole);
}

void SoundFile::checkEnd() const {
  const bool bare = isBareStream(*format_);
  if (!damage_.empty() && !bare) failTruncated("with " + damage_);
  if (frames_ == 0) failDecoding("there is not one frame of sound in the " + kind() + " data");
  reportDamage();
  if (declared_ <= 0 || read_ <= 0 || isOgg(bytes_)) return;
  const double seconds = av_q2d(stream_->time_base);
  const double missing = static_cast<double>(declared_ - read_) * seconds;
  const bool coarse = tellsTimeCoarsely(*format_);
  // Encoders count their own header as a packet, or do not.
  const double tolerance = coarse ? kCoarseDuration : isPcm(*stream_) ? 0 : kPacketsMore * static_cast<double>(lastDuration_) * seconds;
  if (missing > tolerance) {
    failTruncated("but declares " + std::to_string(static_cast<double>(declared_) * seconds) + " s and has " +
                  std::to_string(static_cast<double>(read_) * seconds) + " s");
  }
}

void SoundFile::feed() {
  for (;;) {
    av_packet_unref(packet_.get());
    const int error = av_read_frame(format_.get(), packet_.get());
    if (error < 0) {
      if (error != AVERROR_EOF) noteDamage(avText(error));
      ended_ = true;
      avcodec_send_packet(decoder_.get(), nullptr);
      return;
    }
    if (packet_->stream_index != stream_->index) continue;
    takePacket();
    if (packet_->size == 0) continue;
    const int sent = avcodec_send_packet(decoder_.get(), packet_.get());
    if (sent >= 0) return;
    noteDamage(avText(sent));
  }
}

const AVFrame* SoundFile::next() {
  for (;;) {
    if (!end_ && !behind_.empty()) {
      frame_ = std::move(behind_.front());
      behind_.pop_front();
      return frame_.get();
    }
    const AVFrame* frame = receive();
    if (!frame || !end_ || !keepBehind()) return frame;
  }
}

/// Of the frame that was decoded last, what lies behind the end. False: there is something before it.
bool SoundFile::keepBehind() {
  const std::int64_t before = std::max<std::int64_t>(0, *end_ - (static_cast<std::int64_t>(frames_) - frame_->nb_samples));
  if (before >= frame_->nb_samples) return false;
  AvFrame rest(av_frame_clone(frame_.get()));
  if (!rest) throw std::bad_alloc();
  const auto format = static_cast<AVSampleFormat>(frame_->format);
  const bool planar = av_sample_fmt_is_planar(format) != 0;
  const std::int64_t bytes = before * av_get_bytes_per_sample(format) * (planar ? 1 : rest->ch_layout.nb_channels);
  for (int i = 0; i < (planar ? rest->ch_layout.nb_channels : 1); ++i) rest->extended_data[i] += bytes;
  if (rest->extended_data != rest->data) rest->data[0] = rest->extended_data[0];
  rest->nb_samples -= static_cast<int>(before);
  behindFrames_ += rest->nb_samples;
  behind_.push_back(std::move(rest));
  if (behindFrames_ > kMostPadding) end_.reset();
  frame_->nb_samples = static_cast<int>(before);
  return before == 0;
}

const AVFrame* SoundFile::receive() {
  for (;;) {
    const int error = avcodec_receive_frame(decoder_.get(), frame_.get());
    if (error >= 0) {
      frames_ += static_cast<std::uint64_t>(frame_->nb_samples);
      return frame_.get();
    }
    if (error != AVERROR_EOF && error != AVERROR(EAGAIN)) noteDamage(avText(error));
    if (ended_) {
      checkEnd();
      return nullptr;
    }
    feed();
  }
}

}  // namespace backline::media

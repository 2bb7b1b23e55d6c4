#include "media/sound_reader.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <new>
#include <utility>

#include "media/exact_end.h"
#include "render/block.h"

namespace backline::media {

namespace {

constexpr double kPreroll = 0.1;                 // seconds that a codec may need to come to its senses
constexpr double kOggPreroll = 3;                // seconds: the times in its last page are right only if read on from the one before
constexpr std::int64_t kBarePrerollPackets = 12; // a frame of MP3 may refer to nine before it
constexpr std::uint32_t kPacketsADamagedOne = 10;   // of a bare stream: below this it is no sound
constexpr double kPacketsMore = 1.5;             // that a file may declare and not have: encoders count their own header as a packet, or do not
constexpr double kPacketsMoreSought = 4;         // where only the place of the end is known: and delay and padding
constexpr double kCoarseDuration = 0.1;          // seconds
constexpr double kBefore[] = {1, 10};            // seconds: how much earlier a seek that came out behind its frame is tried again

[[noreturn]] void fail(MediaErrorCode code, const std::string& why) { throw MediaFailure(code, why); }
[[noreturn]] void refuse(const std::string& why) { fail(MediaErrorCode::srcNotSupported, why); }

bool isOgg(const AVFormatContext& format) { return std::strcmp(format.iformat->name, "ogg") == 0; }

/// Whether it is a WAV that was passed on before its length was known: the last packet is as long as it is.
bool isEndlessWave(std::span<const std::byte> head) {
  constexpr std::size_t kRiff = 12, kChunk = 8;
  if (head.size() < kRiff || std::memcmp(head.data(), "RIFF", 4) != 0) return false;
  for (std::size_t at = kRiff; at + kChunk <= head.size();) {
    std::uint32_t size = 0;
    std::memcpy(&size, head.data() + at + 4, sizeof size);
    if (std::memcmp(head.data() + at, "data", 4) == 0) return size == 0xffffffff;
    at += kChunk + std::size_t{size} + size % 2;
  }
  return false;
}

/// The first `frames` of a frame are gone.
void dropFront(AVFrame& frame, std::int64_t frames) {
  const auto format = static_cast<AVSampleFormat>(frame.format);
  const bool planar = av_sample_fmt_is_planar(format) != 0;
  const std::int64_t bytes = frames * av_get_bytes_per_sample(format) * (planar ? 1 : frame.ch_layout.nb_channels);
  const int rows = planar ? frame.ch_layout.nb_channels : 1;
  for (int i = 0; i < rows; ++i) frame.extended_data[i] += bytes;
  if (frame.extended_data != frame.data) std::copy_n(frame.extended_data, std::min(rows, AV_NUM_DATA_POINTERS), frame.data);
  frame.nb_samples -= static_cast<int>(frames);
}

}  // namespace

SoundReader::SoundReader(ByteSource& source) : source_(source), io_(source), packet_(av_packet_alloc()), frame_(av_frame_alloc()) {
  if (!packet_ || !frame_) throw std::bad_alloc();
  av_log_set_level(AV_LOG_QUIET);   // what there is to say, the errors say
  openFormat();
  openDecoder();
  // The first frame of sound says where the time begins, behind what the encoder put before it.
  try {
    while (!haveFrame_) {
      if (!receive()) refuse("has not one frame of sound");
      haveFrame_ = frame_->nb_samples > 0;
    }
  } catch (const MediaFailure& failure) {
    refuse(failure.what());
  }
  understand(*frame_);
}

// ------------------------------------------------------------------ opening

void SoundReader::openFormat() {
  AVFormatContext* format = avformat_alloc_context();
  if (!format) throw std::bad_alloc();
  format->pb = io_.context();
  format->flags |= AVFMT_FLAG_CUSTOM_IO;
  format->io_open = &refuseToOpen;
  // Frees the context if it fails.
  if (const int error = avformat_open_input(&format, nullptr, nullptr, nullptr); error < 0) {
    const auto size = source_.size();
    refuse("is no sound in a known format (" + avText(error) + (size ? "; " + std::to_string(*size) + " bytes)" : ")"));
  }
  format_.reset(format);
  info_.kind = format->iformat->long_name;
  if (const int error = avformat_find_stream_info(format, nullptr); error < 0) refuse("is no sound that can be made out, as " + info_.kind + ": " + avText(error));
  bare_ = isBareStream(*format);
  endless_ = isEndlessWave(io_.head());
}

void SoundReader::openDecoder() {
  for (unsigned i = 0; i < format_->nb_streams; ++i) {
    AVStream* stream = format_->streams[i];
    if (!stream_ && stream->codecpar->codec_type == AVMEDIA_TYPE_AUDIO) stream_ = stream;
    if (stream != stream_) stream->discard = AVDISCARD_ALL;
  }
  if (!stream_) refuse("has no sound in it, as " + info_.kind);
  const AVCodec* codec = avcodec_find_decoder(stream_->codecpar->codec_id);
  if (!codec) refuse(std::string("is coded as ") + avcodec_get_name(stream_->codecpar->codec_id) + ", which is not known here");
  int error = 0;
  decoder_ = decoderOf(*stream_, *codec, error);
  if (!decoder_) refuse(std::string("cannot be decoded as ") + codec->name + ": " + avText(error));
}

void SoundReader::understand(const AVFrame& first) {
  const int channels = first.ch_layout.nb_channels;
  if (channels < 1 || channels > static_cast<int>(render::kMaxChannels)) {
    refuse("has " + std::to_string(channels) + " channels; 1 to " + std::to_string(render::kMaxChannels) + " are possible");
  }
  if (first.sample_rate < 1) refuse("says no sample rate");
  info_.channels = static_cast<std::uint32_t>(channels);
  info_.sampleRate = first.sample_rate;
  info_.seekable = source_.isSeekable();
  sampleFormat_ = first.format;
  if (first.pts != AV_NOPTS_VALUE) start_ = first.pts;
  else if (stream_->start_time != AV_NOPTS_VALUE) start_ = stream_->start_time;
  if (stream_->duration > 0) {
    const std::int64_t frames = av_rescale_q(stream_->duration, stream_->time_base, {1, info_.sampleRate});
    info_.duration = static_cast<double>(declaredEnd_.value_or(frames)) / info_.sampleRate;
    if (format_->duration_estimation_method == AVFMT_DURATION_FROM_STREAM) declared_ = stream_->duration;
  } else {
    info_.duration = format_->duration > 0 ? static_cast<double>(format_->duration) / AV_TIME_BASE : std::numeric_limits<double>::infinity();
  }
}

// ------------------------------------------------------------------ reading

bool SoundReader::readPacket() {
  for (;;) {
    av_packet_unref(packet_.get());
    const int error = av_read_frame(format_.get(), packet_.get());
    if (error == AVERROR_EOF) return false;
    if (error < 0 && source_.isFar()) fail(MediaErrorCode::network, "comes over a network, which failed: " + avText(error));
    if (error < 0) {
      noteDamage(avText(error));
      return false;
    }
    if (packet_->stream_index == stream_->index) return true;
  }
}

/// The next packet goes to the decoder. False at the end.
bool SoundReader::feed() {
  if (!std::exchange(packetReady_, false) && !readPacket()) {
    draining_ = true;
    avcodec_send_packet(decoder_.get(), nullptr);
    return false;
  }
  checkDamage();   // what was wrong with the one before was no end
  damage_.clear();
  read_ += packet_->duration;
  lastDuration_ = std::max(lastDuration_, packet_->duration);
  if (++packets_ == 1 && !source_.isFar()) declaredEnd_ = exactEnd(*format_, *stream_, *packet_, stream_->codecpar->sample_rate);
  if (mistakesEnd(*format_, *stream_)) forgetPadding(*packet_);
  if ((packet_->flags & AV_PKT_FLAG_CORRUPT) && !endless_) noteDamage("an incomplete packet");
  if (isPcm(*stream_)) {   // of the last samples, those that are whole are good
    const int whole = stream_->codecpar->ch_layout.nb_channels * av_get_bits_per_sample(stream_->codecpar->codec_id) / 8;
    if (whole > 0) av_shrink_packet(packet_.get(), packet_->size - packet_->size % whole);
  }
  if (packet_->size == 0) return true;
  if (const int error = avcodec_send_packet(decoder_.get(), packet_.get()); error < 0) noteDamage(avText(error));
  return true;
}

/// What comes out of the decoder next; null at the end.
const AVFrame* SoundReader::receive() {
  for (;;) {
    const int error = avcodec_receive_frame(decoder_.get(), frame_.get());
    if (error == 0) return frame_.get();
    if (error == AVERROR_EOF) return nullptr;
    if (error == AVERROR(EAGAIN)) {
      feed();
      continue;
    }
    noteDamage(avText(error));
    if (draining_) return nullptr;
  }
}

const AVFrame* SoundReader::next() {
  for (;;) {
    if (!declaredEnd_ && !behind_.empty()) {
      frame_ = std::move(behind_.front());
      behind_.pop_front();
      return frame_.get();
    }
    if (!std::exchange(haveFrame_, false) && !receive()) {
      finish();
      return nullptr;
    }
    if (frame_->nb_samples == 0 || (!placed_ && !place())) continue;
    requireFormat(*frame_);
    const std::int64_t skip = std::max<std::int64_t>(0, wanted_ - position_);
    position_ += frame_->nb_samples;
    if (skip >= frame_->nb_samples) continue;
    if (skip > 0) dropFront(*frame_, skip);
    if (!declaredEnd_ || keepBehind()) return frame_.get();
  }
}

void SoundReader::requireFormat(const AVFrame& frame) const {
  if (frame.format == sampleFormat_ && frame.sample_rate == info_.sampleRate && frame.ch_layout.nb_channels == static_cast<int>(info_.channels)) return;
  fail(MediaErrorCode::decode, "changes its format after frame " + std::to_string(position_));
}

/// Of the frame that was decoded last, keeps for later what lies behind the declared end. False: nothing lies before it.
bool SoundReader::keepBehind() {
  const std::int64_t before = std::max<std::int64_t>(0, *declaredEnd_ - (position_ - frame_->nb_samples));
  if (before >= frame_->nb_samples) return true;
  AvFrame rest(av_frame_clone(frame_.get()));
  if (!rest) throw std::bad_alloc();
  dropFront(*rest, before);
  behindFrames_ += rest->nb_samples;
  behind_.push_back(std::move(rest));
  if (behindFrames_ > kMostPadding) declaredEnd_.reset();
  frame_->nb_samples = static_cast<int>(before);
  return before > 0;
}

// ------------------------------------------------------------------ what is wrong

void SoundReader::noteDamage(const std::string& what) {
  if (!placed_) return;   // after a seek, a codec misses what lies before
  ++damaged_;
  damage_ = what + " after frame " + std::to_string(position_);
  if (packet_->pos >= 0) damage_ += ", at byte " + std::to_string(packet_->pos);
}

void SoundReader::checkDamage() const {
  if (damage_.empty()) return;
  if (bare_ && damaged_ * kPacketsADamagedOne <= std::max(packets_, kPacketsADamagedOne)) return;
  fail(MediaErrorCode::decode, "is damaged: " + damage_);
}

void SoundReader::failTruncated(const std::string& how) const {
  const auto size = source_.size();
  fail(MediaErrorCode::decode, "is truncated: it ends after frame " + std::to_string(position_) + (size ? ", at byte " + std::to_string(*size) : "") + ", " + how);
}

void SoundReader::finish() {
  if (!placed_) return;   // the seek was behind the end
  if (!damage_.empty() && !bare_) failTruncated("with " + damage_);
  checkDamage();
  if (declaredEnd_) position_ = std::min(position_, *declaredEnd_);
  end_ = position_;
  info_.duration = static_cast<double>(position_) / info_.sampleRate;
  checkLength();
}

void SoundReader::checkLength() const {
  if (declared_ <= 0 || read_ <= 0 || endless_ || isOgg(*format_)) return;
  const double unit = av_q2d(stream_->time_base), declares = static_cast<double>(declared_) * unit;
  const double has = sought_ ? info_.duration : static_cast<double>(read_) * unit;
  const double packets = (sought_ ? kPacketsMoreSought : kPacketsMore) * static_cast<double>(lastDuration_) * unit;
  const double tolerance = tellsTimeCoarsely(*format_) ? kCoarseDuration : isPcm(*stream_) ? unit / 2 : packets;
  if (declares - has > tolerance) failTruncated("but declares " + std::to_string(declares) + " s and has " + std::to_string(has) + " s");
}

// ------------------------------------------------------------------ seeking

std::int64_t SoundReader::frameAt(std::int64_t timestamp) const {
  return av_rescale_q(timestamp - start_, stream_->time_base, {1, info_.sampleRate});
}

std::int64_t SoundReader::prerollFrames() const {
  if (isPcm(*stream_) || stream_->codecpar->codec_id == AV_CODEC_ID_FLAC) return 0;
  if (isOgg(*format_)) return std::llround(kOggPreroll * info_.sampleRate);
  return std::llround(kPreroll * info_.sampleRate) + stream_->codecpar->seek_preroll;
}

/// After a seek: which frame the first one decoded is. False if it is none to go on with.
bool SoundReader::place() {
  const std::int64_t timestamp = frame_->pts != AV_NOPTS_VALUE ? frame_->pts : frame_->best_effort_timestamp;
  if (timestamp == AV_NOPTS_VALUE) return false;
  position_ = frameAt(timestamp);
  placed_ = position_ <= wanted_ || tries_ > static_cast<int>(std::size(kBefore));
  if (placed_) return true;
  const auto before = tries_ < static_cast<int>(std::size(kBefore)) ? std::llround(kBefore[tries_] * info_.sampleRate) : wanted_;
  ++tries_;
  jump(wanted_, before);
  return false;
}

void SoundReader::seek(std::int64_t frame) {
  frame = std::max<std::int64_t>(0, frame);
  const bool isThere = placed_ && !draining_ && frame == position_ && behind_.empty();
  if (!isThere && !info_.seekable && draining_) fail(MediaErrorCode::network, "cannot be played again: it comes as a stream");
  wanted_ = isThere || info_.seekable ? frame : position_;
  if (isThere || !info_.seekable) return;
  tries_ = 0;
  sought_ = true;
  haveFrame_ = false;
  behind_.clear();
  behindFrames_ = 0;
  // An index by bytes is a guess; a network is too slow to be walked through.
  if (bare_ && !source_.isFar()) walk(wanted_);
  else jump(wanted_, 0);
  position_ = wanted_;
}

void SoundReader::jump(std::int64_t frame, std::int64_t before) {
  const std::int64_t from = std::max<std::int64_t>(0, frame - prerollFrames() - before);
  const std::int64_t timestamp = from == 0 ? std::min<std::int64_t>(0, start_) : start_ + av_rescale_q(from, {1, info_.sampleRate}, stream_->time_base);
  int error = av_seek_frame(format_.get(), stream_->index, timestamp, AVSEEK_FLAG_BACKWARD);
  if (error < 0) error = avformat_seek_file(format_.get(), stream_->index, std::numeric_limits<std::int64_t>::min(), timestamp, std::max(timestamp, start_), 0);
  if (error < 0) fail(MediaErrorCode::decode, "cannot be played from frame " + std::to_string(frame) + ": " + avText(error));
  avcodec_flush_buffers(decoder_.get());
  damage_.clear();
  placed_ = draining_ = packetReady_ = false;
}

/// By reading packet after packet, without decoding them: about a hundred thousand in a second.
void SoundReader::walk(std::int64_t frame) {
  const std::int64_t packet = av_rescale_q(lastDuration_, stream_->time_base, {1, info_.sampleRate});
  const std::int64_t from = frame - kBarePrerollPackets * std::max<std::int64_t>(packet, 1);
  if (draining_ || position_ > from) {
    jump(0, 0);
  } else {
    avcodec_flush_buffers(decoder_.get());
    placed_ = packetReady_ = false;
  }
  while (readPacket()) {
    if (packet_->pts == AV_NOPTS_VALUE || frameAt(packet_->pts + packet_->duration) <= from) continue;
    packetReady_ = true;
    return;
  }
}

}  // namespace backline::media

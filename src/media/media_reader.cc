#include "media/media_reader.h"

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
constexpr std::int64_t kPacketsMore = 4;         // that a file may declare and not have: encoders' own headers, delay and padding
constexpr double kCoarseDuration = 0.1;          // seconds
constexpr double kBefore[] = {1, 10};            // seconds: how much earlier a seek that came out behind its frame is tried again

}  // namespace

MediaReader::MediaReader(MediaLocation location, std::function<bool()> interrupted)
    : location_(std::move(location)), io_(location_, std::move(interrupted)), packet_(av_packet_alloc()), frame_(av_frame_alloc()) {
  if (!packet_ || !frame_) throw std::bad_alloc();
  openFormat();
  openDecoder();
  // The first frame of sound says where the time begins, behind what the encoder put before it.
  try {
    while (!converter_) {
      const int error = avcodec_receive_frame(decoder_.get(), frame_.get());
      if (error == 0 && frame_->nb_samples > 0) openConverter(*frame_);
      else if (error == AVERROR(EAGAIN)) feed();
      else if (error == AVERROR_EOF) fail(MediaErrorCode::srcNotSupported, "there is not one frame of sound in it");
      else if (error < 0) noteDamage(avText(error));
    }
    haveFrame_ = true;
  } catch (const MediaFailure& failure) {
    throw MediaFailure(MediaErrorCode::srcNotSupported, failure.what());
  }
}

void MediaReader::fail(MediaErrorCode code, const std::string& why) const { throw MediaFailure(code, location_.name + ": " + why); }

// ------------------------------------------------------------------ opening

void MediaReader::openFormat() {
  AVFormatContext* format = avformat_alloc_context();
  if (!format) throw std::bad_alloc();
  format->pb = io_.context();
  format->flags |= AVFMT_FLAG_CUSTOM_IO;
  format->io_open = &refuseToOpen;
  format->interrupt_callback = io_.interruption();
  // Frees the context if it fails.
  if (const int error = avformat_open_input(&format, nullptr, nullptr, nullptr); error < 0) {
    fail(MediaErrorCode::srcNotSupported, "is no sound in a known format (" + avText(error) + ")");
  }
  format_.reset(format);
  info_.kind = format->iformat->long_name;
  if (const int error = avformat_find_stream_info(format, nullptr); error < 0) {
    fail(MediaErrorCode::srcNotSupported, "no sound can be made out in this " + info_.kind + " file: " + avText(error));
  }
  bare_ = isBareStream(*format);
}

void MediaReader::openDecoder() {
  for (unsigned i = 0; i < format_->nb_streams; ++i) {
    AVStream* stream = format_->streams[i];
    if (!stream_ && stream->codecpar->codec_type == AVMEDIA_TYPE_AUDIO) stream_ = stream;
    if (stream != stream_) stream->discard = AVDISCARD_ALL;
  }
  if (!stream_) fail(MediaErrorCode::srcNotSupported, "there is no sound in this " + info_.kind + " file");
  const AVCodecParameters& parameters = *stream_->codecpar;
  const AVCodec* codec = avcodec_find_decoder(parameters.codec_id);
  if (!codec) fail(MediaErrorCode::srcNotSupported, std::string("is coded as ") + avcodec_get_name(parameters.codec_id) + ", which is not known here");
  int error = 0;
  decoder_ = decoderOf(*stream_, *codec, error);
  if (!decoder_) fail(MediaErrorCode::srcNotSupported, std::string("cannot be decoded as ") + codec->name + ": " + avText(error));
}

void MediaReader::openConverter(const AVFrame& first) {
  const int channels = first.ch_layout.nb_channels;
  if (channels < 1 || channels > static_cast<int>(render::kMaxChannels)) {
    fail(MediaErrorCode::srcNotSupported, "the sound has " + std::to_string(channels) + " channels; 1 to " + std::to_string(render::kMaxChannels) + " are possible");
  }
  if (first.sample_rate < 1) fail(MediaErrorCode::srcNotSupported, "the sound says no sample rate");
  info_.channels = static_cast<std::uint32_t>(channels);
  info_.sampleRate = first.sample_rate;
  info_.seekable = (io_.context()->seekable & AVIO_SEEKABLE_NORMAL) != 0;
  if (first.pts != AV_NOPTS_VALUE) start_ = first.pts;
  else if (stream_->start_time != AV_NOPTS_VALUE) start_ = stream_->start_time;
  if (stream_->duration > 0) {
    const std::int64_t frames = av_rescale_q(stream_->duration, stream_->time_base, {1, info_.sampleRate});
    info_.duration = static_cast<double>(declaredEnd_.value_or(frames)) / info_.sampleRate;
    if (format_->duration_estimation_method == AVFMT_DURATION_FROM_STREAM) declared_ = frames;
  } else {
    info_.duration = format_->duration > 0 ? static_cast<double>(format_->duration) / AV_TIME_BASE : std::numeric_limits<double>::infinity();
  }
  AVChannelLayout layout = layoutOf(channels);
  SwrContext* converter = nullptr;
  const auto format = static_cast<AVSampleFormat>(first.format);
  int error = swr_alloc_set_opts2(&converter, &layout, AV_SAMPLE_FMT_FLT, first.sample_rate, &layout, format, first.sample_rate, 0, nullptr);
  converter_.reset(converter);
  if (error >= 0) error = swr_init(converter);
  if (error < 0) fail(MediaErrorCode::srcNotSupported, "samples in the form " + std::string(av_get_sample_fmt_name(format)) + " cannot be converted");
}

// ------------------------------------------------------------------ reading

bool MediaReader::readPacket() {
  for (;;) {
    av_packet_unref(packet_.get());
    const int error = av_read_frame(format_.get(), packet_.get());
    if (error == AVERROR_EXIT) fail(MediaErrorCode::aborted, "was given up");
    if (error == AVERROR_EOF) return false;
    if (error < 0 && location_.kind == MediaLocation::Kind::network) fail(MediaErrorCode::network, "the network failed: " + avText(error));
    if (error < 0) {
      noteDamage(avText(error));
      return false;
    }
    if (packet_->stream_index == stream_->index) return true;
  }
}

/// The next packet goes to the decoder. False at the end.
bool MediaReader::feed() {
  if (!std::exchange(packetReady_, false) && !readPacket()) {
    draining_ = true;
    avcodec_send_packet(decoder_.get(), nullptr);
    return false;
  }
  checkDamage();   // what was wrong with the one before was no end
  damage_.clear();
  ++packets_;
  lastDuration_ = std::max(lastDuration_, av_rescale_q(packet_->duration, stream_->time_base, {1, std::max(1, decoder_->sample_rate)}));
  if (packets_ == 1 && location_.kind != MediaLocation::Kind::network) declaredEnd_ = exactEnd(*format_, *stream_, *packet_, stream_->codecpar->sample_rate);
  if (mistakesEnd(*format_, *stream_)) forgetPadding(*packet_);
  if (packet_->flags & AV_PKT_FLAG_CORRUPT) noteDamage("an incomplete packet");
  if (isPcm(*stream_)) {   // of the last samples, those that are whole are good
    const int whole = stream_->codecpar->ch_layout.nb_channels * av_get_bits_per_sample(stream_->codecpar->codec_id) / 8;
    if (whole > 0) av_shrink_packet(packet_.get(), packet_->size - packet_->size % whole);
  }
  if (packet_->size == 0) return true;
  if (const int error = avcodec_send_packet(decoder_.get(), packet_.get()); error < 0) noteDamage(avText(error));
  return true;
}

std::span<const float> MediaReader::next() {
  for (;;) {
    if (!std::exchange(haveFrame_, false)) {
      const int error = avcodec_receive_frame(decoder_.get(), frame_.get());
      if (error == AVERROR_EOF) {
        finish();
        return {};
      }
      if (error == AVERROR(EAGAIN)) {
        feed();
        continue;
      }
      if (error < 0) {
        noteDamage(avText(error));
        continue;
      }
    }
    if (frame_->nb_samples == 0 || (!placed_ && !place())) continue;
    const std::int64_t skip = std::max<std::int64_t>(0, wanted_ - position_);
    const bool wanted = skip < frame_->nb_samples;
    const std::span<const float> given = wanted ? converted(skip) : std::span<const float>();
    position_ += frame_->nb_samples;
    if (!wanted) continue;
    const std::span<const float> heard = declaredEnd_ ? beforeEnd(given, position_ - static_cast<std::int64_t>(given.size() / info_.channels)) : given;
    if (!heard.empty()) return heard;
  }
}

/// Of frames that begin at `from`, those before the declared end. All that was kept from behind it, once it is too much to be padding.
std::span<const float> MediaReader::beforeEnd(std::span<const float> frames, std::int64_t from) {
  const auto before = static_cast<std::size_t>(std::clamp<std::int64_t>(*declaredEnd_ - from, 0, static_cast<std::int64_t>(frames.size() / info_.channels)));
  const auto rest = frames.subspan(before * info_.channels);
  behind_.insert(behind_.end(), rest.begin(), rest.end());
  if (behind_.size() <= static_cast<std::size_t>(kMostPadding) * info_.channels) return frames.first(before * info_.channels);
  declaredEnd_.reset();
  behind_.insert(behind_.begin(), frames.begin(), frames.begin() + static_cast<std::ptrdiff_t>(before * info_.channels));
  samples_.swap(behind_);
  behind_.clear();
  return samples_;
}

std::span<const float> MediaReader::converted(std::int64_t skip) {
  if (frame_->sample_rate != info_.sampleRate || frame_->ch_layout.nb_channels != static_cast<int>(info_.channels)) {
    fail(MediaErrorCode::decode, "the sound changes its format after frame " + std::to_string(position_));
  }
  const auto frames = static_cast<std::size_t>(frame_->nb_samples);
  samples_.resize(frames * info_.channels);
  auto* out = reinterpret_cast<std::uint8_t*>(samples_.data());
  const int written = swr_convert(converter_.get(), &out, frame_->nb_samples, const_cast<const std::uint8_t**>(frame_->extended_data), frame_->nb_samples);
  if (written != frame_->nb_samples) fail(MediaErrorCode::decode, "the samples after frame " + std::to_string(position_) + " cannot be converted");
  return std::span<const float>(samples_).subspan(static_cast<std::size_t>(skip) * info_.channels);
}

// ------------------------------------------------------------------ what is wrong

void MediaReader::noteDamage(const std::string& what) {
  if (!placed_) return;   // after a seek, a codec misses what lies before
  ++damaged_;
  damage_ = what + " after frame " + std::to_string(position_);
  if (packet_->pos >= 0) damage_ += ", at byte " + std::to_string(packet_->pos);
}

void MediaReader::checkDamage() const {
  if (damage_.empty()) return;
  if (bare_ && damaged_ * kPacketsADamagedOne <= std::max(packets_, kPacketsADamagedOne)) return;
  fail(MediaErrorCode::decode, "is damaged: " + damage_);
}

void MediaReader::finish() {
  if (!placed_) return;   // the seek was behind the end
  if (!damage_.empty() && !bare_) fail(MediaErrorCode::decode, "is truncated: it ends with " + damage_);
  checkDamage();
  if (declaredEnd_) position_ = std::min(position_, *declaredEnd_);
  end_ = position_;
  info_.duration = static_cast<double>(position_) / info_.sampleRate;
  const double coarse = kCoarseDuration * info_.sampleRate;
  const std::int64_t tolerance = isPcm(*stream_) ? 0 : tellsTimeCoarsely(*format_) ? static_cast<std::int64_t>(coarse) : kPacketsMore * lastDuration_;
  if (declared_ - position_ > tolerance) {
    fail(MediaErrorCode::decode, "is truncated: it declares " + std::to_string(static_cast<double>(declared_) / info_.sampleRate) + " s and has " +
                                     std::to_string(info_.duration) + " s");
  }
}

// ------------------------------------------------------------------ seeking

std::int64_t MediaReader::frameAt(std::int64_t timestamp) const {
  return av_rescale_q(timestamp - start_, stream_->time_base, {1, info_.sampleRate});
}

std::int64_t MediaReader::prerollFrames() const {
  if (isPcm(*stream_) || stream_->codecpar->codec_id == AV_CODEC_ID_FLAC) return 0;
  if (std::strcmp(format_->iformat->name, "ogg") == 0) return std::llround(kOggPreroll * info_.sampleRate);
  return std::llround(kPreroll * info_.sampleRate) + stream_->codecpar->seek_preroll;
}

/// After a seek: which frame the first one decoded is. False if it is none to go on with.
bool MediaReader::place() {
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

void MediaReader::seek(std::int64_t frame) {
  frame = std::max<std::int64_t>(0, frame);
  const bool isThere = placed_ && !draining_ && frame == position_;
  if (!isThere && !info_.seekable && draining_) fail(MediaErrorCode::network, "cannot be played again: it comes as a stream");
  wanted_ = isThere || info_.seekable ? frame : position_;
  if (isThere || !info_.seekable) return;
  tries_ = 0;
  haveFrame_ = false;
  behind_.clear();
  // An index by bytes is a guess; a network is too slow to be walked through.
  if (bare_ && location_.kind != MediaLocation::Kind::network) walk(wanted_);
  else jump(wanted_, 0);
  position_ = wanted_;
}

void MediaReader::jump(std::int64_t frame, std::int64_t before) {
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
void MediaReader::walk(std::int64_t frame) {
  const std::int64_t from = frame - kBarePrerollPackets * std::max<std::int64_t>(lastDuration_, 1);
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

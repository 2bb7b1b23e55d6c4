#include "media/stream_guest.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <vector>

#include "media/byte_source.h"
#include "media/decode_protocol.h"
#include "media/decode_walls.h"
#include "media/sound_reader.h"

namespace backline::media {

namespace {

using transport::Fd;

/// The program has gone, or does not want this any more.
[[noreturn]] void end() { _exit(0); }

/// One message, of which `most` bytes are taken. Plain read() and no more: walls let nothing else through.
std::size_t receive(const Fd& socket, void* message, std::size_t most) {
  ssize_t received;
  while ((received = read(socket.get(), message, most)) < 0 && errno == EINTR) {
  }
  if (received <= 0) end();
  return static_cast<std::size_t>(received);
}

void say(const Fd& socket, const void* message, std::size_t bytes) {
  if (!sendMessage(socket.get(), message, bytes, {})) end();
}

/// Bytes that the program fetches.
class ProgramBytes final : public ByteSource {
 public:
  ProgramBytes(const Fd& socket, const StreamRequest& request) : socket_(socket), seekable_(request.seekable != 0) {
    if (request.size >= 0) size_ = static_cast<std::uint64_t>(request.size);
  }

  std::ptrdiff_t read(std::uint64_t offset, std::span<std::byte> out) override {
    StreamWord word;
    word.what = StreamSaid::wants;
    word.offset = offset;
    word.size = static_cast<std::uint32_t>(std::min(out.size(), kMostStreamBytes));
    say(socket_, &word, sizeof word);
    const std::size_t bytes = receive(socket_, message_.data(), message_.size());
    StreamAsk ask;
    if (bytes < sizeof ask) end();
    std::memcpy(&ask, message_.data(), sizeof ask);
    if (ask.what != StreamAsked::bytes || ask.count > static_cast<std::int64_t>(word.size) || bytes - sizeof ask != static_cast<std::size_t>(std::max(ask.count, 0))) end();
    if (ask.count > 0) std::memcpy(out.data(), message_.data() + sizeof ask, static_cast<std::size_t>(ask.count));
    return ask.count;
  }
  std::optional<std::uint64_t> size() const override { return size_; }
  bool isSeekable() const override { return seekable_; }
  bool isFar() const override { return true; }

 private:
  const Fd& socket_;
  const bool seekable_;
  std::optional<std::uint64_t> size_;
  std::array<std::byte, sizeof(StreamAsk) + kMostStreamBytes> message_;
};

StreamWord failure(MediaErrorCode code, const std::string& why) {
  StreamWord word;
  word.what = StreamSaid::failed;
  word.code = static_cast<std::uint32_t>(code);
  word.textBytes = static_cast<std::uint32_t>(std::min(why.size(), sizeof word.text));
  std::memcpy(word.text, why.data(), word.textBytes);
  return word;
}

class Stream {
 public:
  Stream(const Fd& socket, const StreamRequest& request, Fd file) : socket_(socket), request_(request) {
    if (file) source_ = std::make_unique<FileBytes>(std::move(file));
    else source_ = std::make_unique<ProgramBytes>(socket, request);
  }

  [[noreturn]] void run() {
    if (!attempt([this] { open(); })) end();
    for (;;) {
      StreamAsk ask;
      if (receive(socket_, &ask, sizeof ask) != sizeof ask || ask.what != StreamAsked::frames) end();
      attempt([&] { give(ask.seek); });
    }
  }

 private:
  /// False: it has failed, and the program knows.
  template <class Work>
  bool attempt(Work work) {
    StreamWord failed;
    try {
      allowTime();
      work();
      return true;
    } catch (const MediaFailure& error) {
      failed = failure(error.code, error.what());
    } catch (const std::bad_alloc&) {
      failed = failure(MediaErrorCode::decode, "wants more than " + std::to_string(request_.mostMemory >> 20) + " MB of memory to be decoded");
    } catch (const std::exception& error) {
      failed = failure(MediaErrorCode::decode, std::string("cannot be decoded: ") + error.what());
    }
    say(socket_, &failed, sizeof failed);
    return false;
  }

  /// For the next answer.
  void allowTime() const {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    const auto limit = static_cast<rlim_t>(used.ru_utime.tv_sec + used.ru_stime.tv_sec + 1) + request_.processorSeconds;
    const rlimit both{limit, RLIM_INFINITY};
    setrlimit(RLIMIT_CPU, &both);
  }

  void open() {
    reader_ = std::make_unique<SoundReader>(*source_);
    const MediaInfo& info = reader_->info();
    if (info.sampleRate < kLeastStreamRate || info.sampleRate > kMostStreamRate) {
      throw MediaFailure(MediaErrorCode::srcNotSupported, "is sampled at " + std::to_string(info.sampleRate) + " Hz; " + std::to_string(kLeastStreamRate) + " to " +
                                                              std::to_string(kMostStreamRate) + " are possible");
    }
    StreamWord word;
    word.what = StreamSaid::opened;
    word.channels = info.channels;
    word.sampleRate = info.sampleRate;
    word.seekable = info.seekable ? 1 : 0;
    word.duration = info.duration;
    word.textBytes = static_cast<std::uint32_t>(std::min(info.kind.size(), sizeof word.text));
    std::memcpy(word.text, info.kind.data(), word.textBytes);
    say(socket_, &word, sizeof word);
  }

  void give(std::int64_t from) {
    if (from >= 0) {
      waiting_ = {};
      reader_->seek(from);
    }
    if (waiting_.empty()) waiting_ = interleaved(reader_->next());
    const std::uint32_t channels = reader_->info().channels;
    const std::size_t frames = std::min(waiting_.size(), kMostStreamSamples) / channels, samples = frames * channels;
    StreamWord word;
    word.what = StreamSaid::frames;
    word.frames = static_cast<std::uint32_t>(frames);
    word.duration = reader_->info().duration;
    word.position = std::max<std::int64_t>(0, reader_->position() - static_cast<std::int64_t>((waiting_.size() - samples) / channels));
    word.end = reader_->end().value_or(-1);
    message_.resize(sizeof word + samples * sizeof(float));
    std::memcpy(message_.data(), &word, sizeof word);
    if (samples > 0) std::memcpy(message_.data() + sizeof word, waiting_.data(), samples * sizeof(float));
    waiting_ = waiting_.subspan(samples);
    say(socket_, message_.data(), message_.size());
  }

  /// Valid until the next call.
  std::span<const float> interleaved(const AVFrame* frame) {
    if (!frame) return {};
    if (!converter_) openConverter(*frame);
    samples_.resize(static_cast<std::size_t>(frame->nb_samples) * reader_->info().channels);
    auto* out = reinterpret_cast<std::uint8_t*>(samples_.data());
    const int written = swr_convert(converter_.get(), &out, frame->nb_samples, const_cast<const std::uint8_t**>(frame->extended_data), frame->nb_samples);
    if (written != frame->nb_samples) throw MediaFailure(MediaErrorCode::decode, "has samples that cannot be converted before frame " + std::to_string(reader_->position()));
    return samples_;
  }

  void openConverter(const AVFrame& first) {
    AVChannelLayout layout = layoutOf(first.ch_layout.nb_channels);
    SwrContext* converter = nullptr;
    const auto format = static_cast<AVSampleFormat>(first.format);
    int error = swr_alloc_set_opts2(&converter, &layout, AV_SAMPLE_FMT_FLT, first.sample_rate, &layout, format, first.sample_rate, 0, nullptr);
    converter_.reset(converter);
    if (error >= 0) error = swr_init(converter);
    if (error < 0) throw MediaFailure(MediaErrorCode::decode, "has samples that cannot be converted: " + std::string(av_get_sample_fmt_name(format)));
  }

  const Fd& socket_;
  const StreamRequest& request_;
  std::unique_ptr<ByteSource> source_;
  std::unique_ptr<SoundReader> reader_;
  AvResampler converter_;
  std::vector<float> samples_;
  std::span<const float> waiting_;     // of samples_, not yet given
  std::vector<std::byte> message_;
};

}  // namespace

void serveStream(Fd socket, const StreamRequest& request, Fd file) {
  static_cast<void>(enterDecodeWalls({.memory = request.mostMemory, .written = 0, .processorSeconds = 0}));   // the server has told if there are none
  Stream(socket, request, std::move(file)).run();
}

}  // namespace backline::media

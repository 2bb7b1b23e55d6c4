#include "media/decoded_stream.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <exception>
#include <utility>

#include "media/decode_protocol.h"

namespace backline::media {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::uint64_t kMostMemory = std::uint64_t{256} << 20;   // bytes
constexpr std::uint32_t kProcessorSeconds = 10;                   // for an answer
constexpr std::chrono::seconds kPatience{60};                     // for an answer, by the clock, without what fetching its bytes takes
constexpr milliseconds kAsk{10};                                  // between two questions whether to go on
constexpr int kMostHelpers = 3;                                   // that may go while one piece is decoded

/// The helper has gone, and the guest with it.
struct HelperGone {};

}  // namespace

DecodedStream::DecodedStream(std::shared_ptr<DecodeHelper> helper, MediaLocation location, std::function<bool()> interrupted)
    : helper_(std::move(helper)), location_(std::move(location)), interrupted_(std::move(interrupted)), media_(location_, interrupted_) {
  StreamWord opened;
  try {
    opened = start();
  } catch (const MediaFailure& failure) {
    throw MediaFailure(failure.code == MediaErrorCode::decode ? MediaErrorCode::srcNotSupported : failure.code, failure.what());
  }
  info_ = {opened.channels, opened.sampleRate, opened.duration, opened.seekable != 0, printable({opened.text, opened.textBytes})};
}

void DecodedStream::fail(MediaErrorCode code, const std::string& why) const { throw MediaFailure(code, location_.name + ": " + why); }

/// A guest for the sound from its beginning.
StreamWord DecodedStream::start() {
  for (int helpers = 0;; ++helpers) {
    try {
      guest_ = helper_->open();
    } catch (const std::exception& error) {
      fail(MediaErrorCode::decode, std::string("cannot be decoded: ") + error.what());
    }
    StreamRequest request;
    request.mostMemory = kMostMemory;
    request.processorSeconds = kProcessorSeconds;
    if (media_.file()) {
      say(&request, sizeof request, {media_.file().get()});
    } else {
      request.size = media_.size() ? static_cast<std::int64_t>(*media_.size()) : -1;
      request.seekable = media_.isSeekable() ? 1 : 0;
      say(&request, sizeof request);
    }
    helper_->prepare();
    try {
      const StreamWord word = answer(0);
      if (word.what != StreamSaid::opened) fail(MediaErrorCode::decode, "the process that decodes it does not open it");
      return word;
    } catch (const HelperGone&) {
      if (helpers == kMostHelpers) fail(MediaErrorCode::decode, "backline-decode, which decodes it, has gone");
      if (!media_.file() && !media_.isSeekable()) fail(MediaErrorCode::network, "backline-decode, which decodes it, has gone, and it comes as a stream");
    }
  }
}

/// Goes on with another guest where the last one was.
void DecodedStream::reopen() {
  const StreamWord opened = start();
  if (opened.channels != info_.channels || opened.sampleRate != info_.sampleRate) fail(MediaErrorCode::decode, "is another sound now");
  seek_ = position_;
}

std::span<const float> DecodedStream::next() {
  const bool sought = seek_.has_value();
  for (int helpers = 0;; ++helpers) {
    try {
      StreamAsk ask;
      ask.what = StreamAsked::frames;
      ask.seek = seek_.value_or(-1);
      say(&ask, sizeof ask);
      const StreamWord word = answer(info_.channels);
      if (word.what != StreamSaid::frames) fail(MediaErrorCode::decode, "the process that decodes it opens it twice");
      seek_.reset();
      position_ = word.position;
      info_.duration = word.duration;
      if (word.end >= 0) end_ = word.end;
      if (word.frames == 0 && helpers > 0 && !sought && !end_) {   // the one before had given all there is
        end_ = position_;
        info_.duration = static_cast<double>(position_) / info_.sampleRate;
      }
      return {reinterpret_cast<const float*>(message_.data() + sizeof word), std::size_t{word.frames} * info_.channels};
    } catch (const HelperGone&) {
      if (helpers == kMostHelpers) fail(MediaErrorCode::decode, "backline-decode, which decodes it, has gone");
      reopen();
    } catch (const MediaFailure&) {
      seek_.reset();
      throw;
    }
  }
}

/// What the guest, which has told of so many channels, says once it has what it wants of the file. In `message_`, with what follows it.
StreamWord DecodedStream::answer(std::uint32_t channels) {
  for (;;) {
    const std::size_t bytes = receive();
    StreamWord word;
    DecodeReply ended;   // from the helper, for a guest
    if (bytes == sizeof ended) std::memcpy(&ended, message_.data(), sizeof ended);
    if (bytes == sizeof ended && ended.magic == kDecodeMagic && ended.outcome == DecodeOutcome::ended) {
      const bool late = WIFSIGNALED(ended.waitStatus) && WTERMSIG(ended.waitStatus) == SIGXCPU;
      fail(MediaErrorCode::decode, late ? "was given up: nothing came of it in " + std::to_string(kProcessorSeconds) + " s of processor time" : "the process that decoded it " + howGuestEnded(ended.waitStatus));
    }
    if (bytes >= sizeof word) std::memcpy(&word, message_.data(), sizeof word);
    if (const std::string why = whyNoWord(word, bytes, channels); !why.empty()) fail(MediaErrorCode::decode, "the process that decodes it " + why);
    if (word.what == StreamSaid::failed) fail(static_cast<MediaErrorCode>(word.code), printable({word.text, word.textBytes}));
    if (word.what != StreamSaid::wants) return word;
    if (media_.file()) fail(MediaErrorCode::decode, "the process that decodes it wants bytes that it has");
    serve(word);
  }
}

void DecodedStream::serve(const StreamWord& wanted) {
  StreamAsk given;
  given.what = StreamAsked::bytes;
  passed_.resize(sizeof given + wanted.size);
  const std::ptrdiff_t count = media_.read(wanted.offset, std::span(passed_).subspan(sizeof given));
  if (interrupted_()) fail(MediaErrorCode::aborted, "was given up");
  given.count = static_cast<std::int32_t>(count);
  std::memcpy(passed_.data(), &given, sizeof given);
  say(passed_.data(), sizeof given + static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, count)));
}

/// To the guest. One that has gone hears nothing, and gives no answer: receive() tells.
void DecodedStream::say(const void* message, std::size_t bytes, std::initializer_list<int> descriptors) const {
  if (sendMessage(guest_.socket().get(), message, bytes, descriptors) || errno == EPIPE || errno == ECONNRESET) return;
  const int why = errno;
  fail(MediaErrorCode::decode, std::string("the process that decodes it cannot be reached: ") + std::strerror(why));
}

/// One message, into `message_`. How long it is.
std::size_t DecodedStream::receive() {
  message_.resize(sizeof(StreamWord) + kMostStreamSamples * sizeof(float));
  const int socket = guest_.socket().get();
  const Clock::time_point begun = Clock::now();
  for (;;) {
    pollfd answered{socket, POLLIN, 0};
    if (poll(&answered, 1, static_cast<int>(kAsk.count())) > 0) break;
    if (interrupted_()) fail(MediaErrorCode::aborted, "was given up");
    if (Clock::now() - begun > kPatience) fail(MediaErrorCode::decode, "was given up: nothing came of it in " + std::to_string(kPatience.count()) + " s");
  }
  std::vector<transport::Fd> none;
  std::ptrdiff_t received = receiveMessage(socket, message_.data(), message_.size(), none);
  // Told once of a process that ended before it had read what was sent; what its helper says of that comes next.
  if (received < 0 && errno == ECONNRESET) received = receiveMessage(socket, message_.data(), message_.size(), none);
  if (received <= 0) throw HelperGone();
  return static_cast<std::size_t>(received);
}

}  // namespace backline::media

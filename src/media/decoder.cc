#include "media/decoder.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <exception>
#include <utility>

#include "control/checks.h"
#include "media/decode_protocol.h"
#include "media/passed_sound.h"
#include "media/sound_decoding.h"
#include "transport/error.h"

namespace backline::media {

namespace {

using Clock = std::chrono::steady_clock;
using transport::Fd;

constexpr double kMostSeconds = 600, kTimesProcessorTime = 4;
constexpr std::int64_t kLongestWait = 60'000;   // milliseconds, of one poll
constexpr double kMegabyte = 1 << 20;

[[noreturn]] void fail(const std::string& why) { throw DomException("EncodingError", "decodeAudioData: " + why); }

unsigned atOnceOf(unsigned asked) { return asked > 0 ? asked : std::max(4U, 2 * std::thread::hardware_concurrency()); }

/// How a process that decoded ended, for people.
std::string howItEnded(int status, std::uint32_t processorSeconds) {
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU) return "the data was not decoded in " + std::to_string(processorSeconds) + " s of processor time";
  return "the process that decoded the data " + howGuestEnded(status);
}

}  // namespace

/// One of those that decode at once.
class Decoder::Turn {
 public:
  explicit Turn(Decoder& decoder) : decoder_(decoder) {
    std::unique_lock lock(decoder.mutex_);
    decoder.changed_.wait(lock, [&] { return decoder.shut_ || decoder.busy_ < decoder.atOnce_; });
    ++decoder.busy_;
  }
  ~Turn() {
    const std::lock_guard lock(decoder_.mutex_);
    --decoder_.busy_;
    decoder_.changed_.notify_all();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  Decoder& decoder_;
};

Decoder::Decoder(DecoderOptions options)
    : options_(std::move(options)),
      atOnce_(atOnceOf(options_.atOnce)),
      helper_(std::make_shared<DecodeHelper>(DecodeHelperOptions{options_.command, options_.helperFolder, options_.idle})) {}

Decoder::~Decoder() { shut(); }

void Decoder::shut() {
  helper_->shut();
  const std::lock_guard lock(mutex_);
  shut_ = true;
  changed_.notify_all();
}

std::uint32_t Decoder::processorSeconds(std::size_t bytes) const {
  const double seconds = options_.seconds * (1 + static_cast<double>(bytes) / kMegabyte);
  return static_cast<std::uint32_t>(std::clamp(std::ceil(seconds), 1.0, kMostSeconds));
}

DecodeHelper::Guest Decoder::open() {
  try {
    return helper_->open();
  } catch (const std::exception& error) {
    throw DomException("OperationError", std::string("decodeAudioData: ") + error.what());
  }
}

/// What the process that decodes says; nothing if it has gone without a word.
std::optional<DecodeReply> Decoder::awaitReply(const Fd& socket, std::uint32_t seconds) const {
  const auto deadline = Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(options_.patience + kTimesProcessorTime * seconds));
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) fail("the data was given up: it was not decoded in " + std::to_string(std::lround(options_.patience + kTimesProcessorTime * seconds)) + " s");
    pollfd answered{socket.get(), POLLIN, 0};
    if (poll(&answered, 1, static_cast<int>(std::min<std::int64_t>(left, kLongestWait))) > 0) break;
  }
  DecodeReply reply;
  std::vector<Fd> none;
  std::ptrdiff_t received = receiveMessage(socket.get(), &reply, sizeof reply, none);
  // Told once of a process that ended before it had read the request; what its helper says of that comes next.
  if (received < 0 && errno == ECONNRESET) received = receiveMessage(socket.get(), &reply, sizeof reply, none);
  if (received != static_cast<std::ptrdiff_t>(sizeof reply)) return {};
  if (reply.magic != kDecodeMagic || reply.version != kDecodeVersion || reply.textBytes > sizeof reply.text) return {};
  return reply;
}

std::shared_ptr<AudioBuffer> Decoder::decodeAudioData(std::span<const std::byte> bytes, float sampleRate) {
  requireSampleRate(sampleRate, "sampleRate of decodeAudioData");
  if (bytes.empty()) fail("the data is empty");
  const Turn turn(*this);
  try {
    DecodeRequest request;
    request.sampleRate = static_cast<std::uint32_t>(std::lround(sampleRate));
    request.processorSeconds = processorSeconds(bytes.size());
    request.bytes = bytes.size();
    request.mostSamples = kMostDecodedSamples;
    request.mostMemory = options_.memory;
    const Fd file = passedFile(bytes), samples = emptySamples();
    const DecodeHelper::Guest guest = open();
    const Fd& socket = guest.socket();
    sendMessage(socket.get(), &request, sizeof request, {file.get(), samples.get()});   // one that has gone already gives no reply
    helper_->prepare();
    const std::optional<DecodeReply> reply = awaitReply(socket, request.processorSeconds);
    if (!reply) fail("backline-decode, which decoded the data, has gone");
    if (reply->outcome == DecodeOutcome::refused) throw DomException("EncodingError", printable({reply->text, reply->textBytes}));
    if (reply->outcome != DecodeOutcome::decoded) fail(howItEnded(reply->waitStatus, request.processorSeconds));
    return AudioBuffer::of(readSamples(samples, *reply), reply->frames, sampleRate);
  } catch (const transport::TransportError& error) {
    fail(error.what());
  }
}

}  // namespace backline::media

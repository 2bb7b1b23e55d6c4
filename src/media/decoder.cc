#include "media/decoder.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <utility>

#include "control/checks.h"
#include "ipc/helper_process.h"
#include "media/decode_protocol.h"
#include "media/passed_sound.h"
#include "media/sound_decoding.h"
#include "session/find_helpers.h"
#include "transport/error.h"

namespace backline::media {

namespace {

using Clock = std::chrono::steady_clock;
using transport::Fd;

constexpr int kGraceMilliseconds = 1500;   // that an idle helper has to end
constexpr double kMostSeconds = 600, kTimesProcessorTime = 4;
constexpr std::int64_t kLongestWait = 60'000;   // milliseconds, of one poll
constexpr double kMegabyte = 1 << 20;

[[noreturn]] void fail(const std::string& why) { throw DomException("EncodingError", "decodeAudioData: " + why); }
[[noreturn]] void failHelper(const std::string& why) { throw DomException("OperationError", "decodeAudioData: " + why); }

unsigned atOnceOf(unsigned asked) { return asked > 0 ? asked : std::max(4U, 2 * std::thread::hardware_concurrency()); }

/// How a process that decoded ended, for people.
std::string howItEnded(int status, std::uint32_t processorSeconds) {
  if (!WIFSIGNALED(status)) return "the process that decoded the data ended with exit status " + std::to_string(WEXITSTATUS(status));
  const int signal = WTERMSIG(status);
  if (signal == SIGXCPU) return "the data was not decoded in " + std::to_string(processorSeconds) + " s of processor time";
  return "the process that decoded the data was ended by signal " + std::to_string(signal) + " (" + strsignal(signal) + ")";
}

/// Something has come that was not asked for: the process at the other end has ended.
bool hasWord(const Fd& socket) {
  pollfd told{socket.get(), POLLIN, 0};
  return poll(&told, 1, 0) != 0;
}

/// Of what another process wrote: no control characters.
std::string printable(std::string text) {
  for (char& each : text) {
    if (static_cast<unsigned char>(each) < ' ' || each == '\x7f') each = '?';
  }
  return text;
}

}  // namespace

class Decoder::Helper {
 public:
  explicit Helper(const std::vector<std::string>& command) : process_(ipc::HelperProcess::start(command, "backline-decode")), socket_(process_.takeSocket()) {}
  ~Helper() {
    socket_.reset();
    process_.finish(kGraceMilliseconds);
  }
  Helper(const Helper&) = delete;
  Helper& operator=(const Helper&) = delete;

  int pid() const { return process_.pid(); }
  /// False: it has ended.
  bool pass(const Fd& socket) const {
    const char word = 0;
    return sendMessage(socket_.get(), &word, sizeof word, {socket.get()});
  }

 private:
  ipc::HelperProcess process_;
  Fd socket_;
};

/// One of those that decode at once.
class Decoder::Turn {
 public:
  explicit Turn(Decoder& decoder) : decoder_(decoder) {
    std::unique_lock lock(decoder.mutex_);
    decoder.changed_.wait(lock, [&] { return decoder.shut_ || decoder.busy_ < decoder.atOnce_; });
    ++decoder.busy_;
    ++decoder.begun_;
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

Decoder::Decoder(DecoderOptions options) : options_(std::move(options)), atOnce_(atOnceOf(options_.atOnce)) {}

Decoder::~Decoder() { shut(); }

void Decoder::shut() {
  std::unique_ptr<Helper> helper;
  std::thread keeper;
  {
    const std::lock_guard lock(mutex_);
    shut_ = true;
    spare_.reset();
    helper = std::move(helper_);
    keeper = std::move(keeper_);
    changed_.notify_all();
  }
  if (keeper.joinable()) keeper.join();
}

int Decoder::helperPid() const {
  const std::lock_guard lock(mutex_);
  return helper_ ? helper_->pid() : 0;
}

std::uint32_t Decoder::processorSeconds(std::size_t bytes) const {
  const double seconds = options_.seconds * (1 + static_cast<double>(bytes) / kMegabyte);
  return static_cast<std::uint32_t>(std::clamp(std::ceil(seconds), 1.0, kMostSeconds));
}

/// The program's end of a socket at whose other end a process is being forked. `helper_` is there.
Fd Decoder::fork() {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) failHelper(std::string("no socket can be made: ") + std::strerror(errno));
  Fd ours(pair[0]);
  const Fd theirs(pair[1]);
  return helper_->pass(theirs) ? std::move(ours) : Fd();
}

Fd Decoder::open() {
  const std::lock_guard lock(mutex_);
  if (shut_) failHelper("the program is ending");
  if (Fd waiting = std::exchange(spare_, Fd()); waiting && !hasWord(waiting)) return waiting;
  if (helper_) {
    if (Fd socket = fork()) return socket;
    helper_.reset();
  }
  try {
    helper_ = std::make_unique<Helper>(options_.command.empty() ? std::vector{session::findHelper("backline-decode", options_.helperFolder)} : options_.command);
  } catch (const session::EngineError& error) {
    failHelper(error.what());
  } catch (const transport::TransportError& error) {
    failHelper(std::string(error.what()) + "; ./run builds it, ./run doctor says what is missing");
  }
  if (!keeper_.joinable()) keeper_ = std::thread([this] { keep(); });
  changed_.notify_all();
  if (Fd socket = fork()) return socket;
  failHelper("backline-decode ended as it was started");
}

void Decoder::prepare() {
  const std::lock_guard lock(mutex_);
  if (helper_ && !spare_) spare_ = fork();
}

/// Ends the helper when nothing has been decoded for a while.
void Decoder::keep() {
  std::unique_lock lock(mutex_);
  while (!shut_) {
    const std::uint64_t seen = begun_;
    changed_.wait_for(lock, std::chrono::duration<double>(options_.idle), [&] { return shut_; });
    if (busy_ == 0 && begun_ == seen) {
      spare_.reset();
      helper_.reset();
    }
    changed_.wait(lock, [&] { return shut_ || helper_; });
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
    const Fd socket = open();
    sendMessage(socket.get(), &request, sizeof request, {file.get(), samples.get()});   // one that has gone already gives no reply
    prepare();
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

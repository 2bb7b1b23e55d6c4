#include "audioserver/cubeb_stream.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "audioserver/paced_thread.h"
#include "transport/realtime.h"

namespace backline::audioserver {
namespace {

constexpr std::uint32_t kMaxStreamChannels = 8;        // cubeb's
constexpr std::uint32_t kMinLatencyFrames = 64;
constexpr std::uint32_t kMaxLatencyFrames = 96000;     // cubeb's
constexpr std::uint64_t kSettlingCallbacks = 3;        // by then a server has shown its period
constexpr std::int64_t kSettlingLimit = 150'000'000;   // nanoseconds
constexpr std::int64_t kLifeLimit = 250'000'000;       // nanoseconds: ten periods of 1024 frames
constexpr std::int64_t kLifePoll = 1'000'000;          // nanoseconds
constexpr std::int64_t kListInterval = 500'000'000;    // nanoseconds
constexpr std::int64_t kJackSilenceLimit = 1'000'000'000;  // nanoseconds without a callback: the server is dead

/// Web Audio's channel orders are those of WAVE, which are cubeb's.
cubeb_channel_layout layoutOf(std::uint32_t channels) {
  switch (channels) {
    case 1: return CUBEB_LAYOUT_MONO;
    case 2: return CUBEB_LAYOUT_STEREO;
    case 3: return CUBEB_LAYOUT_3F;
    case 4: return CUBEB_LAYOUT_QUAD;
    case 5: return CUBEB_LAYOUT_3F2;
    case 6: return CUBEB_LAYOUT_3F2_LFE;
    case 8: return CUBEB_LAYOUT_3F4_LFE;
    default: return CUBEB_LAYOUT_UNDEFINED;
  }
}

/// JACK and ALSA offer more channels than there are speakers, so they get what is wanted first; PulseAudio knows the device's.
std::uint32_t channelsFor(const DeviceInfo& info, std::uint32_t wanted) {
  const std::uint32_t least = info.input && info.backend == "pulse" ? 1 : 2;
  return std::clamp(info.backend == "pulse" ? info.maxChannels : std::min(wanted, info.maxChannels), least, kMaxStreamChannels);
}

}  // namespace

CubebStream::CubebStream(std::unique_ptr<CubebContext> context, DeviceInfo info, std::uint32_t wantedChannels, double latency)
    : context_(std::move(context)), info_(std::move(info)), channels_(channelsFor(info_, wantedChannels)) {
  const cubeb_devid device = context_->find(info_.id, info_.input);
  if (device == nullptr) throw DeviceError("device '" + info_.id + "' has gone; choose another");
  if (info_.sampleRate == 0 && cubeb_get_preferred_sample_rate(context_->get(), &info_.sampleRate) != CUBEB_OK) info_.sampleRate = 48000;

  cubeb_stream_params parameters{CUBEB_SAMPLE_FLOAT32NE, info_.sampleRate, channels_, layoutOf(channels_), CUBEB_STREAM_PREF_NONE};
  std::uint32_t least = 0;
  if (cubeb_get_min_latency(context_->get(), &parameters, &least) != CUBEB_OK) least = kMinLatencyFrames;
  const double wanted = std::max(latency * info_.sampleRate, static_cast<double>(std::max(least, kMinLatencyFrames)));
  latencyFrames_ = static_cast<std::uint32_t>(std::min(std::ceil(wanted), static_cast<double>(kMaxLatencyFrames)));
  const auto init = [&] {
    return cubeb_stream_init(context_->get(), &stream_, "Backline", info_.input ? device : nullptr, info_.input ? &parameters : nullptr,
                             info_.input ? nullptr : device, info_.input ? nullptr : &parameters, latencyFrames_, &onData, &onState, link_.get());
  };
  int error = init();
  if (error != CUBEB_OK && isJack()) {  // a server without ports of its own: ours are there for others to connect
    parameters.prefs = CUBEB_STREAM_PREF_JACK_NO_AUTO_CONNECT;
    error = init();
  }
  if (error != CUBEB_OK) {
    throw DeviceError("device '" + info_.id + "' does not " + (info_.input ? "give " : "take ") + std::to_string(channels_) + " channels of float32 at " +
                      std::to_string(info_.sampleRate) + " Hz (cubeb error " + std::to_string(error) + "); is it in use by another program?");
  }
}

CubebStream::~CubebStream() {
  stop();
  if (stream_ != nullptr && !dead_) cubeb_stream_destroy(stream_);
  // JACK's threads may still speak of the stream.
  link_->stream.store(nullptr);
  link_->uses.waitUntilUnused();
  while (link_->tells.load() > 0) sleepUntil(nowNanoseconds() + kLifePoll);
  if (stream_ == nullptr || !dead_) return;
  jack_.giveUp();
  // libjack crashes when ports of a dead server are given back, so they are kept: some pages for each death of a server.
  static auto* const kept = new std::vector<std::pair<std::unique_ptr<Link>, std::unique_ptr<CubebContext>>>;
  kept->emplace_back(std::move(link_), std::move(context_));
}

void CubebStream::start(FrameHandler& handler) {
  handler_.store(&handler);
  if (isJack()) jack_.look();
  started_ = cubeb_stream_start(stream_) == CUBEB_OK;
  if (!started_) throw DeviceError("device '" + info_.id + "' was opened but does not start; is its server suspended?");
  awaitFirstCallbacks();
}

void CubebStream::stop() {
  if (!started_) return;
  dead_ = isJack() && (jack_.gone() || !awaitLife());
  // For JACK, cubeb does not wait for a callback that is running.
  handler_.store(nullptr);
  cubeb_stream_stop(stream_);
  link_->uses.waitUntilUnused();
  started_ = false;
}

// JACK's period is not what was asked for, and cubeb does not tell it: it shows in the callbacks.
void CubebStream::awaitFirstCallbacks() {
  const std::int64_t limit = nowNanoseconds() + kSettlingLimit;
  while (callbacks_.load() < kSettlingCallbacks && !failed_.load() && nowNanoseconds() < limit) sleepUntil(nowNanoseconds() + kLifePoll);
  const std::uint32_t largest = largest_.load();
  callbackFrames_ = (isJack() || info_.input) && largest > 0 ? largest : std::max(largest, latencyFrames_);
  seenCallbacks_ = callbacks_.load();
  seenAt_ = nowNanoseconds();
}

double CubebStream::knownLatency() {
  std::uint32_t frames = 0;
  const int error = !started_ ? CUBEB_ERROR : info_.input ? cubeb_stream_get_input_latency(stream_, &frames) : cubeb_stream_get_latency(stream_, &frames);
  return error == CUBEB_OK ? static_cast<double>(frames) / info_.sampleRate : 0;
}

// Of a stream that only records, JACK's position moves by what was skipped and by nothing else.
std::uint64_t CubebStream::framesSkipped() noexcept {
  std::uint64_t position = 0;
  return isJack() && info_.input && cubeb_stream_get_position(stream_, &position) == CUBEB_OK ? position : 0;
}

bool CubebStream::alive() {
  if (failed_.load(std::memory_order_acquire) || dead_ || jack_.gone()) return false;
  if (info_.backend == "pulse") return listed();
  if (!isJack()) return true;
  const std::uint64_t callbacks = callbacks_.load(std::memory_order_relaxed);
  const std::int64_t now = nowNanoseconds();
  if (callbacks != seenCallbacks_) {
    seenCallbacks_ = callbacks;
    seenAt_ = now;
  }
  return now - seenAt_ < kJackSilenceLimit;
}

// PulseAudio may go on with another source or sink where one has gone, which is not what was asked for, and cubeb does not tell.
bool CubebStream::listed() {
  const std::int64_t now = nowNanoseconds();
  if (now - seenAt_ < kListInterval) return true;
  seenAt_ = now;
  if (context_->find(info_.id, info_.input) == nullptr) failed_.store(true);
  return !failed_.load();
}

// No event tells of JACK's death, so a sign of life is waited for.
bool CubebStream::awaitLife() {
  const std::uint64_t before = callbacks_.load();
  const std::int64_t limit = nowNanoseconds() + kLifeLimit;
  while (callbacks_.load() == before && nowNanoseconds() < limit) sleepUntil(nowNanoseconds() + kLifePoll);
  return callbacks_.load() != before;
}

long CubebStream::onData(cubeb_stream*, void* link, const void* input, void* output, long frames) {
  auto& own = *static_cast<Link*>(link);
  const UseCount::Use use(own.uses);
  // A stream is destroyed before it goes, but for one of a dead server, which asks for no frames.
  if (CubebStream* const stream = own.stream.load()) {
    stream->process(static_cast<const float*>(input), static_cast<float*>(output), static_cast<std::uint32_t>(frames));
  }
  return frames;
}

void CubebStream::onState(cubeb_stream*, void* link, cubeb_state state) {
  auto& own = *static_cast<Link*>(link);
  own.tells.fetch_add(1);
  CubebStream* const stream = own.stream.load();
  // Of a JACK input cubeb says at every callback that it failed, because it gave frames and took none.
  if (stream != nullptr && state == CUBEB_STATE_ERROR && !stream->isJack()) stream->failed_.store(true, std::memory_order_release);
  own.tells.fetch_sub(1);
}

void CubebStream::process(const float* input, float* output, std::uint32_t frames) noexcept {
  FrameHandler* handler = handler_.load();
  if (handler == nullptr) {  // not yet started, or stopping
    if (output != nullptr) std::fill_n(output, std::size_t{frames} * channels_, 0.0f);
    return;
  }
  // JACK's thread has its priority from the server; the others' are ordinary.
  thread_local bool raised = isJack() || (transport::enterRealtimePriority(kDevicePriority), true);
  static_cast<void>(raised);
  handler->process(input, output, frames);
  callbacks_.fetch_add(1, std::memory_order_relaxed);
  if (frames > largest_.load(std::memory_order_relaxed)) largest_.store(frames, std::memory_order_relaxed);
}

}  // namespace backline::audioserver

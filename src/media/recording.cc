#include "media/recording.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>

#include <algorithm>
#include <cmath>

namespace backline::media {

namespace {

constexpr std::uint32_t kBlockFrames = 8192;
constexpr std::chrono::milliseconds kLookInterval{40};
constexpr std::chrono::seconds kSyncInterval{1};
constexpr std::int64_t kMostAhead = 60'000'000'000;   // nanoseconds that a mark can be ahead of the clock: of sound that is captured before it is heard
constexpr const char* kTooSlow = "the disk was too slow for the ring";
constexpr std::uint64_t kMostGapSeconds = 6 * 3600;   // of what a ring tells

std::int64_t now(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

void raise(std::atomic<float>& level, float to) {
  float before = level.load(std::memory_order_relaxed);
  while (before < to && !level.compare_exchange_weak(before, to, std::memory_order_relaxed)) {}
}

}  // namespace

Recording::Recording(RecordingOptions options, transport::RingReader ring, Callbacks callbacks)
    : options_(std::move(options)), callbacks_(std::move(callbacks)), ring_(std::move(ring)),
      sampleRate_(static_cast<std::uint32_t>(std::lround(ring_.format().sampleRate))), channels_(ring_.format().channels), levels_(channels_),
      start_(ring_.consumed()), ahead_(static_cast<std::int64_t>(start_)), block_(std::size_t{kBlockFrames} * channels_),
      take_({options_.path, {options_.format, sampleRate_, channels_}, options_.replace, options_.splitFrames},
            [this](std::uint64_t frame) { return originAt(static_cast<std::int64_t>(frame) + ahead_); }) {
  status_.peaks.resize(channels_);
  observe();
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "recording");
    // A file that grows too large is an error here, and no signal that ends the program.
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
    run();
  });
}

Recording::~Recording() {
  stop();
  thread_.join();
}

RecordingOrigin Recording::originAt(std::int64_t position) const {
  RecordingOrigin origin{options_.device, now(CLOCK_REALTIME), {}, static_cast<std::uint64_t>(position - ahead_)};
  transport::TimelineMark mark;
  const std::int64_t monotonic = now(CLOCK_MONOTONIC);
  if (!ring_.mark(mark) || mark.nanoseconds < 0 || mark.nanoseconds > monotonic + kMostAhead || mark.frame > ring_.written()) return origin;
  const std::int64_t since = position - static_cast<std::int64_t>(mark.frame);
  origin.utcNanoseconds += mark.nanoseconds - monotonic + static_cast<std::int64_t>(static_cast<double>(since) * 1e9 / sampleRate_);
  origin.sourceFrame = mark.sourceFrame + static_cast<std::uint64_t>(since);
  return origin;
}

void Recording::turn(Turn turn) {
  const std::lock_guard lock(mutex_);
  turns_.push_back(turn);
}

void Recording::stop() {
  const std::lock_guard lock(mutex_);
  if (!stopAt_) stopAt_ = ring_.written();
  changed_.notify_all();
}

void Recording::wait() const {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return status_.ended; });
}

RecordingStatus Recording::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

std::vector<float> Recording::levels() {
  std::vector<float> levels;
  for (auto& level : levels_) levels.push_back(level.exchange(0, std::memory_order_relaxed));
  return levels;
}

void Recording::run() {
  try {
    while (!advance()) {
      if (Clock::now() - synced_ >= kSyncInterval) {
        take_.sync();
        synced_ = Clock::now();
      }
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, kLookInterval, [this] { return stopAt_.has_value(); });
    }
    serveGap(ring_.consumed());
    endPause();
    take_.finish();
    conclude("");
  } catch (const WriteFailure& failure) {
    conclude(failure.what());
  }
  if (callbacks_.ended) callbacks_.ended();
}

void Recording::conclude(const std::string& why) {
  observe();
  const std::lock_guard lock(mutex_);
  status_.failure = why;
  status_.ended = true;
  changed_.notify_all();
}

void Recording::observe() {
  const std::lock_guard lock(mutex_);
  status_.paused = paused_;
  status_.frames = take_.frames();
  status_.bytes = take_.bytes();
  if (status_.files.size() != take_.files().size()) status_.files = take_.files();
}

/// True if the recording is over.
bool Recording::advance() {
  std::optional<std::uint64_t> stopAt;
  {
    const std::lock_guard lock(mutex_);
    stopAt = stopAt_;
  }
  // Asked before the ring is: what was written before the end is then all seen.
  const bool ended = options_.endsWithSource && ring_.writerState() == transport::WriterState::ended;
  const std::uint32_t available = ring_.available();
  {
    const std::lock_guard lock(mutex_);
    status_.mostWaiting = std::max(status_.mostWaiting, available);
  }
  const std::uint64_t written = ring_.consumed() + available;
  const bool over = advanceTo(stopAt ? std::min(*stopAt, written) : written);
  observe();
  return over || ended || (stopAt && ring_.consumed() >= *stopAt);
}

/// Records what was written up to a position. True if there is no room left in the take.
bool Recording::advanceTo(std::uint64_t written) {
  for (;;) {
    const std::uint64_t position = ring_.consumed();
    if (room() == 0) return true;
    if (position >= written) return false;
    serve(position);
    if (room() == 0) return true;   // a gap has filled it
    std::uint64_t until = std::min(written, position + kBlockFrames);
    transport::RingGap gap;
    if (ring_.nextGap(gap)) until = std::min(until, gap.frame);
    if (!paused_) until = std::min(until, position + std::min<std::uint64_t>(room(), kBlockFrames));
    {
      const std::lock_guard lock(mutex_);
      if (!turns_.empty()) until = std::min(until, turns_.front().position);
    }
    const std::uint32_t frames = ring_.read(block_.data(), static_cast<std::uint32_t>(until - position));
    const std::uint64_t overtaken = ring_.consumed() - frames - position;
    if (overtaken > 0) lose(overtaken, kTooSlow);
    if (frames == 0) return false;
    ahead_ = static_cast<std::int64_t>(ring_.consumed() - frames) - static_cast<std::int64_t>(take_.frames());
    put(block_.data(), frames);
    observe();
  }
}

/// What is to happen before the frame at a position of the ring.
void Recording::serve(std::uint64_t position) {
  serveGap(position);
  for (;;) {
    std::optional<bool> pause;
    {
      const std::lock_guard lock(mutex_);
      if (turns_.empty() || turns_.front().position > position) return;
      pause = turns_.front().paused;
      turns_.pop_front();
    }
    if (*pause == paused_) continue;
    if (!*pause) endPause();
    paused_ = *pause;
  }
}

void Recording::serveGap(std::uint64_t position) {
  transport::RingGap gap;
  while (ring_.nextGap(gap) && gap.frame <= position) {
    ring_.takeGap(gap);
    if (gap.frame <= start_) continue;   // it was before the recording
    lose(std::min(gap.lost, kMostGapSeconds * sampleRate_), gap.refused > 0 ? kTooSlow : "its source lost them");
  }
}

/// Notes the pause that ends here, if there is one.
void Recording::endPause() {
  if (pauseFrames_ > 0) take_.paused(pauseFrames_);
  pauseFrames_ = 0;
}

std::uint64_t Recording::room() const {
  return options_.limitFrames == 0 ? ~std::uint64_t{0} : options_.limitFrames - std::min(options_.limitFrames, take_.frames());
}

void Recording::lose(std::uint64_t frames, const std::string& reason) {
  if (paused_) {
    pauseFrames_ += frames;
    return;
  }
  frames = std::min(frames, room());
  if (frames == 0) return;
  const RecordingGap gap{take_.frames(), frames, reason};
  {
    const std::lock_guard lock(mutex_);
    ++status_.gaps;
    status_.lostFrames += frames;
  }
  if (callbacks_.gap) callbacks_.gap(gap);
  take_.gap(frames, reason);
}

void Recording::put(const float* interleaved, std::size_t frames) {
  if (paused_) {
    pauseFrames_ += frames;
    const std::lock_guard lock(mutex_);
    status_.pausedFrames += frames;
    return;
  }
  if (take_.frames() == 0) take_.restate();
  std::vector<float> peaks(channels_);
  for (std::size_t i = 0; i < frames * channels_; ++i) {
    float& peak = peaks[i % channels_];
    peak = std::max(peak, std::fabs(interleaved[i]));
  }
  {
    const std::lock_guard lock(mutex_);
    for (std::uint32_t c = 0; c < channels_; ++c) status_.peaks[c] = std::max(status_.peaks[c], peaks[c]);
  }
  for (std::uint32_t c = 0; c < channels_; ++c) raise(levels_[c], peaks[c]);
  take_.append(interleaved, frames);
}

}  // namespace backline::media

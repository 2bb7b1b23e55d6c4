#include "media/media_pump.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace backline::media {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPoll{15};      // between two looks at the ring
constexpr milliseconds kTick{250};     // HTML: timeupdate at least every 250 ms
constexpr double kReady = 0.1;         // seconds in the ring with which to begin
constexpr std::uint32_t kLeastSpace = 256;   // frames: for less it is not worth decoding

}  // namespace

MediaPump::MediaPump(std::shared_ptr<DecodeHelper> helper, MediaLocation location, std::function<void()> wake)
    : helper_(std::move(helper)), location_(std::move(location)), wake_(std::move(wake)) {
  thread_ = std::thread([this] {
    run();
    stopped_.store(true);
  });
}

MediaPump::~MediaPump() {
  stop();
  thread_.join();
}

void MediaPump::stop() {
  stop_.store(true);
  const std::lock_guard lock(mutex_);
  changed_.notify_all();
}

// ------------------------------------------------------------------ control

PumpState MediaPump::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

double MediaPump::position() const {
  const std::lock_guard lock(mutex_);
  if (!hasRing_ || stretches_.empty() || state_.placed != wanted_.place) return restPosition_;
  const std::uint64_t at = taken();
  if (state_.playedOut && !state_.failure) return state_.info.duration;
  const Stretch* stretch = &stretches_.front();
  for (const Stretch& each : stretches_) {
    if (each.ring <= at) stretch = &each;
  }
  const double frames = stretch->media + static_cast<double>(at - std::min(at, stretch->ring)) * stretch->step;
  return std::min(frames / state_.info.sampleRate, state_.info.duration);
}

void MediaPump::setRing(transport::SharedMemory ring, double latency) {
  const std::lock_guard lock(mutex_);
  wanted_.ring = std::move(ring);
  wanted_.latency = latency;
}

void MediaPump::place(std::uint32_t number, double seconds) {
  const std::lock_guard lock(mutex_);
  wanted_.place = number;
  wanted_.seconds = restPosition_ = seconds;
  hasCommand_ = true;
  changed_.notify_all();
}

void MediaPump::setSpeed(double rate, bool preservesPitch) {
  const std::lock_guard lock(mutex_);
  wanted_.rate = rate;
  wanted_.preservesPitch = preservesPitch;
  hasCommand_ = true;
  changed_.notify_all();
}

std::optional<std::uint64_t> MediaPump::setLoop(bool loop) {
  const std::lock_guard lock(mutex_);
  loop_ = loop;
  if (!hasRing_ || state_.playedOut) return {};
  changed_.notify_all();
  if (loop) {
    last_.reset();
    return {};
  }
  const auto next = std::find_if(rounds_.begin(), rounds_.end(), [at = taken()](std::uint64_t round) { return round > at; });
  if (next != rounds_.end()) last_ = *next;
  return next == rounds_.end() ? std::nullopt : last_;
}

void MediaPump::setPlaying(bool playing) {
  const std::lock_guard lock(mutex_);
  if (std::exchange(playing_, playing) == playing) return;
  ticked_ = Clock::now();
  changed_.notify_all();
}

// ------------------------------------------------------------------ the thread

void MediaPump::run() {
  std::optional<MediaFailure> failure;
  try {
    reader_ = std::make_unique<DecodedStream>(helper_, location_, [this] { return interrupted(); });
  } catch (const MediaFailure& error) {
    failure = error;
  } catch (const std::exception& error) {
    failure = MediaFailure(MediaErrorCode::srcNotSupported, location_.name + ": " + error.what());
  }
  Lock lock(mutex_);
  state_.failure = failure;
  state_.opened = !failure;
  if (reader_) state_.info = reader_->info();
  tell();
  serve(lock);
}

void MediaPump::serve(Lock& lock) {
  while (!stop_.load()) {
    if (std::exchange(told_, false)) {
      lock.unlock();
      wake_();
      lock.lock();
      continue;
    }
    bool more = false;
    if (reader_) {
      try {
        if (std::exchange(hasCommand_, false)) apply(lock);
        more = fillSome(lock);
      } catch (const MediaFailure& failure) {
        fail(lock, failure);
      } catch (const std::exception& error) {
        fail(lock, MediaFailure(MediaErrorCode::decode, location_.name + ": " + error.what()));
      }
      observe();
    } else {
      hasCommand_ = false;   // there is nothing to do it with
    }
    if (more || told_ || hasCommand_ || stop_.load()) continue;
    const bool watches = hasRing_ && !state_.playedOut && (playing_ || state_.ready != state_.placed);
    if (watches) changed_.wait_for(lock, kPoll);
    else changed_.wait(lock);
  }
}

/// While the thread waits for a source, nothing else tells that the ring has run dry.
bool MediaPump::interrupted() {
  if (stop_.load()) return true;
  bool tellNow = false;
  {
    const std::lock_guard lock(mutex_);
    tellNow = playing_ && hasRing_ && !state_.starved && !last_ && taken() >= writer_.written();
    if (tellNow) state_.starved = true;
  }
  if (tellNow) wake_();
  return false;
}

/// The place in the ring up to which it was read, or is going to be skipped.
std::uint64_t MediaPump::taken() const { return std::max(writer_.consumed(), state_.from); }

/// Where in the ring the converter's next frame goes.
std::uint64_t MediaPump::tail() const { return writer_.written() + converter_->ready().size() / state_.info.channels; }

/// What was decoded before can still be played.
void MediaPump::fail(Lock& lock, const MediaFailure& failure) {
  if (!lock.owns_lock()) lock.lock();
  state_.failure = failure;
  drained_ = true;
  if (hasRing_) {
    if (state_.placed != wanted_.place) {   // whoever waits for that place waits no longer
      converter_->reset();
      state_.from = writer_.written();
    } else {
      converter_->finish();
    }
    endIfWritten();
  }
  state_.placed = wanted_.place;
  tell();
}

void MediaPump::endIfWritten() {
  if (!drained_ || !converter_->ready().empty()) return;
  if (!last_) last_ = writer_.written();
  writer_.setState(transport::WriterState::ended);
}

void MediaPump::apply(Lock& lock) {
  if (wanted_.ring) {
    transport::SharedMemory ring = std::move(*wanted_.ring);
    wanted_.ring.reset();
    hasRing_ = static_cast<bool>(ring.fd());
    latency_ = wanted_.latency;
    state_.from = 0;
    stretches_.clear();
    converter_.reset();
    writer_ = hasRing_ ? transport::RingWriter(std::move(ring)) : transport::RingWriter();
    if (hasRing_) {
      converter_ = std::make_unique<StreamConverter>(state_.info.channels, state_.info.sampleRate, static_cast<int>(std::lround(writer_.format().sampleRate)));
      converter_->setSpeed(wanted_.rate, wanted_.preservesPitch);
      rate_ = wanted_.rate;
      preservesPitch_ = wanted_.preservesPitch;
    }
  }
  if (converter_ && (wanted_.rate != rate_ || wanted_.preservesPitch != preservesPitch_)) {
    rate_ = wanted_.rate;
    preservesPitch_ = wanted_.preservesPitch;
    converter_->setSpeed(rate_, preservesPitch_);
    if (!drained_) stretches_.push_back({tail(), static_cast<double>(reader_->position()), converter_->step()});
  }
  if (wanted_.place != state_.placed) placeAt(lock);
}

void MediaPump::placeAt(Lock& lock) {
  const std::uint32_t number = wanted_.place;
  const double frames = wanted_.seconds * state_.info.sampleRate;
  lock.unlock();
  reader_->seek(std::llround(frames));
  if (converter_) converter_->reset();
  drained_ = false;
  lock.lock();
  stretches_.clear();
  rounds_.clear();
  last_.reset();
  emptied_.reset();
  state_.failure.reset();
  state_.playedOut = state_.starved = false;
  if (hasRing_) {
    state_.from = writer_.written();
    writer_.setState(transport::WriterState::running);
    stretches_.push_back({state_.from, frames, converter_->step()});
  }
  state_.placed = number;
  tell();
}

/// Decodes a piece, if there is room for it in the ring. False if there is nothing to do.
bool MediaPump::fillSome(Lock& lock) {
  if (!hasRing_ || hasCommand_ || (drained_ && converter_->ready().empty() && (last_ || !loop_))) return false;
  if (writer_.space() < kLeastSpace) return false;
  if (converter_->ready().empty()) {
    if (!readMore(lock)) return false;
    if (hasCommand_) return true;   // what was read may be wanted no more
  }
  const auto ready = static_cast<std::uint32_t>(converter_->ready().size() / state_.info.channels);
  const std::uint32_t written = writer_.write(converter_->ready().data(), std::min(ready, writer_.space()));
  converter_->consume(written);
  endIfWritten();
  return true;
}

bool MediaPump::readMore(Lock& lock) {
  if (drained_) {   // it was to end, and now is to go on
    drained_ = false;
    writer_.setState(transport::WriterState::running);
    beginAgain(tail());
    lock.unlock();
    reader_->seek(0);
  } else {
    lock.unlock();
  }
  const std::span<const float> block = reader_->next();
  if (!block.empty()) converter_->add(block);
  lock.lock();
  if (!block.empty()) return true;
  if (reader_->end()) state_.info.duration = reader_->info().duration;
  if (loop_) {
    const Stretch& stretch = stretches_.back();
    const double rest = (state_.info.duration * state_.info.sampleRate - stretch.media) / stretch.step;
    beginAgain(stretch.ring + static_cast<std::uint64_t>(std::llround(std::max(0.0, rest))));
    lock.unlock();
    reader_->seek(0);
    lock.lock();
    return true;
  }
  converter_->finish();
  drained_ = true;
  endIfWritten();
  tell();   // the duration is known
  return true;
}

void MediaPump::beginAgain(std::uint64_t ring) {
  stretches_.push_back({ring, 0, converter_->step()});
  rounds_.push_back(ring);
}

/// What the reader of the ring has come to.
void MediaPump::observe() {
  if (!hasRing_ || state_.placed != wanted_.place) return;
  const std::uint64_t at = taken();
  const bool ends = last_ && at >= *last_;
  while (!rounds_.empty() && rounds_.front() <= at && !(last_ && rounds_.front() >= *last_)) {
    rounds_.pop_front();
    ++state_.loops;
    tell();
  }
  while (stretches_.size() > 1 && stretches_[1].ring <= at && !ends) stretches_.pop_front();

  const auto enough = static_cast<std::uint64_t>(kReady * static_cast<double>(writer_.format().sampleRate));
  const bool isReady = last_ || writer_.written() - std::min(writer_.written(), at) >= std::min<std::uint64_t>(enough, writer_.format().capacityFrames / 2);
  if (isReady && (state_.ready != state_.placed || state_.starved)) {
    state_.ready = state_.placed;
    state_.starved = false;
    tell();
  }
  const Clock::time_point now = Clock::now();
  if (ends && !state_.playedOut) {
    if (!emptied_) emptied_ = now;
    state_.playedOut = now - *emptied_ >= std::chrono::duration<double>(latency_);
    if (state_.playedOut) tell();
  } else if (playing_ && now - ticked_ >= kTick) {
    ticked_ = now;
    ++state_.ticks;
    tell();
  }
}

}  // namespace backline::media

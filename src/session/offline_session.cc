#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <variant>

#include "dsp/mixing.h"
#include "ipc/ring_target.h"
#include "render/compiler.h"
#include "session/session.h"
#include "transport/realtime.h"

namespace backline::session {

namespace {

constexpr std::uint64_t kQuantaATailLook = 32;

class HeapBuffer final : public render::AudioBufferData {
 public:
  HeapBuffer(float sampleRate, std::uint64_t length, std::span<const float* const> channels)
      : sampleRate_(sampleRate), length_(length), channels_(static_cast<std::uint32_t>(channels.size())), samples_(channels.size() * length) {
    for (std::size_t c = 0; c < channels.size(); ++c)
      if (channels[c] != nullptr) std::copy_n(channels[c], length, samples_.data() + c * length);
  }
  std::uint32_t channels() const override { return channels_; }
  std::uint64_t length() const override { return length_; }
  float sampleRate() const override { return sampleRate_; }
  const float* channel(std::uint32_t index) const override { return samples_.data() + index * length_; }

 private:
  float sampleRate_;
  std::uint64_t length_;
  std::uint32_t channels_;
  std::vector<float> samples_;
};

/// The in-process back end. One thread compiles and renders: a batch that has arrived before a quantum is applied before it.
class InProcessSession final : public OfflineSession {
 public:
  explicit InProcessSession(const OfflineOptions& options)
      : info_{options.sampleRate, options.quantum, options.channels, options.channels, 0, "", "", ""},
        watchdog_(options.budgets),
        executor_({options.sampleRate, options.quantum, options.channels}, queue_),
        compiler_(std::make_unique<render::Compiler>(render::CompilerConfig{options.sampleRate, options.quantum, options.worklets, [this] { wakeUp(); }, nullptr, &watchdog_},
                                                     executor_, queue_,
                                                     [this](std::uint32_t target, render::Notice notice) { say(target, std::move(notice)); })),
        thread_([this] { run(); }) {}

  ~InProcessSession() override {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
      waiting_.store(true, std::memory_order_release);   // nor is the rendering waited for
    }
    arrived_.notify_one();
    thread_.join();
  }

  const SessionInfo& info() const override { return info_; }

  void commit(std::vector<std::byte> batch) override { post(std::move(batch)); }

  void shareBuffer(render::ResourceId id, float sampleRate, std::uint64_t length, std::span<const float* const> channels) override {
    post(Binding{id, std::make_shared<HeapBuffer>(sampleRate, length, channels)});
  }

  void bindStream(render::ResourceId id, render::ResourceKind kind, render::StreamEnds ends) override {
    post(Binding{id, render::makeStream(kind, std::move(ends))});
  }

  void answered(render::ResourceId id, std::uint64_t sequence) override {
    {
      const std::lock_guard lock(mutex_);
      answered_[id] = sequence;
    }
    arrived_.notify_one();
  }

  std::vector<render::NoticeRecord> takeNotices() override {
    const std::lock_guard lock(noticeMutex_);
    return std::exchange(notices_, {});
  }
  void onNotice(std::function<void()> wake) override {
    const std::lock_guard lock(noticeMutex_);
    wake_ = std::move(wake);
  }
  Timing timing() const override {
    Timing timing;
    timing.frame = frame_.load(std::memory_order_acquire);
    timing.state = static_cast<State>(state_.load(std::memory_order_acquire));
    return timing;
  }
  double costOf(render::NodeId node) const override {
    const std::lock_guard lock(noticeMutex_);
    const auto found = std::find_if(costs_.begin(), costs_.end(), [node](const auto& entry) { return entry.node == node; });
    return found == costs_.end() ? 0 : static_cast<double>(found->seconds);
  }
  void renderInto(std::vector<transport::Samples> channels) override { post(std::move(channels)); }
  std::vector<transport::Samples> takeResult() override {
    const std::lock_guard lock(noticeMutex_);
    if (results_.empty()) return {};
    auto result = std::move(results_.front());
    results_.pop_front();
    return result;
  }
  bool isIdle() const override {
    const std::lock_guard lock(noticeMutex_);
    return idle_.load(std::memory_order_acquire) && notices_.empty();
  }

 private:
  struct Watched {
    render::ResourceId id;
    std::weak_ptr<render::Exchange> exchange;   // gone with the node and the program's name for it
    std::uint64_t told = 0;
  };
  struct Binding {
    render::ResourceId id;
    std::shared_ptr<render::Resource> resource;
  };
  using Item = std::variant<std::vector<std::byte>, Binding, std::vector<transport::Samples>>;

  void post(Item item) {
    {
      const std::lock_guard lock(mutex_);
      inbox_.push_back(std::move(item));
      idle_.store(false, std::memory_order_release);
      waiting_.store(true, std::memory_order_release);
    }
    arrived_.notify_one();
  }

  void run() {
    const transport::DenormalsFlushed denormals;
    try {
      while (takeInbox()) {
        while (mayGoOn()) renderQuantum();
      }
    } catch (const std::exception& error) {
      say(0, render::SessionFailed{error.what()});
    }
    compiler_.reset();   // processors end on the thread they ran on
  }

  void wakeUp() {
    {
      const std::lock_guard lock(mutex_);
      woken_ = true;
    }
    arrived_.notify_one();
  }

  /// Sleeps while there is nothing to render, to take and to serve. False when the session ends.
  bool takeInbox() {
    std::deque<Item> items;
    {
      std::unique_lock lock(mutex_);
      const auto called = [this] { return ending_ || !inbox_.empty() || mayRender() || woken_; };
      if (!called() && patience_ < 0 && !rendering() && !idle_.exchange(true)) {
        lock.unlock();
        wake();
        lock.lock();
      }
      if (patience_ < 0) {
        arrived_.wait(lock, called);
      } else {
        arrived_.wait_for(lock, std::chrono::milliseconds(patience_), called);
      }
      if (ending_) return false;
      woken_ = false;
      items.swap(inbox_);
      waiting_.store(false, std::memory_order_release);
    }
    if (items.empty() && !rendering()) applySubmitted();
    for (Item& item : items) {
      if (auto* binding = std::get_if<Binding>(&item)) {
        if (auto exchange = std::dynamic_pointer_cast<render::Exchange>(binding->resource)) exchanges_.push_back({binding->id, exchange});
        compiler_->bind(binding->id, std::move(binding->resource));
        continue;
      }
      if (auto* place = std::get_if<std::vector<transport::Samples>>(&item)) {
        places_.push_back(std::move(*place));
        continue;
      }
      compiler_->takeBatch(render::decodeCommands(std::get<std::vector<std::byte>>(item)));
      while (!compiler_->submit()) applySubmitted();
      applySubmitted();
      for (const auto& start : compiler_->takeStarts()) begin(start);
      for (const auto& suspend : compiler_->takeSuspends()) suspends_[suspend.frame] = suspend.generation;
    }
    return true;
  }

  void applySubmitted() {
    {
      const transport::RealtimeScope realtime;
      executor_.applySubmitted();
      patience_ = rendering() ? -1 : executor_.serveWorklets();
    }
    publish();
    compiler_->housekeep();
  }

  void begin(const render::StartRendering& start) {
    const std::uint64_t end = toRender_.empty() ? until_ : toRender_.back().end;
    if (start.channels < 1 || start.channels > render::kMaxChannels || start.length == 0 || end % info_.quantum != 0)
      throw render::RecordError("an impossible StartRendering");
    const bool first = end == 0;
    toRender_.push_back({end + start.length, start.channels});
    beginChunk();
    if (!first) return;
    mixed_.resize(std::size_t{info_.quantum} * info_.channels);
    executor_.enter({render::RunState::running, 0});
    publish();
    compiler_->housekeep();
  }

  void beginChunk() {
    if (inChunk_ || toRender_.empty()) return;
    from_ = until_;
    until_ = toRender_.front().end;
    result_.clear();
    if (!places_.empty()) {
      result_ = std::move(places_.front());
      places_.pop_front();
    }
    while (result_.size() < toRender_.front().channels) result_.push_back(transport::silence(until_ - from_));
    for (const transport::Samples& channel : result_) {
      if (!channel) throw std::bad_alloc();
      transport::expectFilled(channel, until_ - from_);
    }
    toRender_.pop_front();
    inChunk_ = true;
  }

  /// Not while the program owes an answer: what it says, and does before it says it, belongs before the next quantum. Under mutex_.
  bool mayRender() const {
    return rendering() && std::none_of(exchanges_.begin(), exchanges_.end(), [this](const Watched& watched) {
             const auto exchange = watched.exchange.lock();
             const auto answered = answered_.find(watched.id);
             return exchange && exchange->asked > (answered == answered_.end() ? 0 : answered->second);
           });
  }
  bool mayGoOn() {
    if (waiting_.load(std::memory_order_acquire)) return false;
    if (exchanges_.empty()) return rendering();
    const std::lock_guard lock(mutex_);
    return mayRender() && inbox_.empty();
  }

  bool rendering() const { return inChunk_ && executor_.state() == render::RunState::running; }

  void renderQuantum() {
    const std::uint64_t frame = executor_.frame();
    if (frame >= until_) {
      finishChunk();
      return;
    }
    // Consumed before it suspends: when rendering goes on from here, the quantum is rendered.
    if (const auto suspend = suspends_.find(frame); suspend != suspends_.end()) {
      const std::uint32_t generation = suspend->second;
      suspends_.erase(suspend);
      executor_.enter({render::RunState::suspended, generation});
      publish();
      compiler_->housekeep();
      return;
    }
    {
      const transport::RealtimeScope realtime;
      executor_.render(nullptr);
      keep(executor_.output(), frame);
    }
    passOnRequests();
    publish();
    compiler_->housekeep();
    // Nodes that ended may be collectable now.
    if (frame / info_.quantum % kQuantaATailLook == 0) compiler_->lookForTails();
    while (!compiler_->submit()) applySubmitted();
    {
      const transport::RealtimeScope realtime;
      executor_.applySubmitted();
    }
  }

  /// Adds a quantum to the result, which is silent as it comes.
  void keep(const render::Block& block, std::uint64_t frame) noexcept {
    if (block.silent) return;
    const dsp::Planes mixed{mixed_.data(), info_.channels, info_.quantum};
    dsp::ConstPlanes samples{block.data, block.channels, block.frames};
    if (block.channels != info_.channels) {
      dsp::mixTo(samples, mixed, dsp::MixRule::speakers);
      samples = {mixed.data, mixed.channels, mixed.frames};
    }
    const std::uint64_t count = std::min<std::uint64_t>(info_.quantum, until_ - frame);
    for (std::uint32_t c = 0; c < std::min<std::size_t>(result_.size(), samples.channels); ++c)
      std::copy_n(samples.channel(c), count, result_[c].get() + (frame - from_));
  }

  /// Wakes the program if something was asked.
  void passOnRequests() {
    if (exchanges_.empty()) return;
    bool told = false;
    std::erase_if(exchanges_, [&](Watched& watched) {
      const auto exchange = watched.exchange.lock();
      if (!exchange) {
        const std::lock_guard lock(mutex_);
        answered_.erase(watched.id);
        return true;
      }
      told |= std::exchange(watched.told, exchange->told()) != exchange->told();
      return false;
    });
    if (told) wake();
  }

  void finishChunk() {
    {
      const transport::RealtimeScope realtime;
      patience_ = executor_.serveWorklets();   // at the time of the end
    }
    {
      const std::lock_guard lock(noticeMutex_);
      results_.push_back(std::move(result_));
    }
    inChunk_ = false;
    say(0, render::RenderingComplete{});
    beginChunk();
  }

  void publish() {
    frame_.store(executor_.frame(), std::memory_order_release);
    state_.store(executor_.state(), std::memory_order_release);
    if (executor_.costs().rounds() == costRounds_) return;
    costRounds_ = executor_.costs().rounds();
    const auto costliest = executor_.costs().costliest();
    const std::lock_guard lock(noticeMutex_);
    costs_.assign(costliest.begin(), costliest.end());
  }

  void say(std::uint32_t target, render::Notice notice) {
    if (std::holds_alternative<render::Started>(notice)) return;   // for mirrors
    {
      const std::lock_guard lock(noticeMutex_);
      notices_.push_back({target, ++noticeSequence_, std::move(notice)});
    }
    wake();
  }

  void wake() {
    std::function<void()> wake;
    {
      const std::lock_guard lock(noticeMutex_);
      wake = wake_;
    }
    if (wake) wake();
  }

  const SessionInfo info_;
  render::Watchdog watchdog_;   // outlives what it watches
  render::NoticeQueue queue_;
  render::Executor executor_;
  std::unique_ptr<render::Compiler> compiler_;

  std::mutex mutex_;   // guards inbox_, ending_, answered_
  std::condition_variable arrived_;
  std::deque<Item> inbox_;
  std::map<render::ResourceId, std::uint64_t> answered_;   // of each exchange, the newest sequence
  bool ending_ = false;
  std::atomic<bool> waiting_{false};
  std::atomic<bool> idle_{true};
  bool woken_ = false;   // by a worklet with something to do
  int patience_ = -1;    // milliseconds until the worklets want to be served while nothing is rendered

  mutable std::mutex noticeMutex_;   // guards notices_, wake_, results_, costs_
  std::vector<render::NoticeRecord> notices_;
  std::function<void()> wake_;
  std::uint64_t noticeSequence_ = 0;
  std::deque<std::vector<transport::Samples>> results_;   // chunks that are whole
  std::vector<render::NodeCosts::Entry> costs_;

  // The session's thread only.
  struct Chunk {
    std::uint64_t end;   // frame
    std::uint32_t channels;
  };
  std::deque<Chunk> toRender_;
  std::deque<std::vector<transport::Samples>> places_;   // of the chunks to come
  std::uint64_t costRounds_ = 0;   // of costs_
  bool inChunk_ = false;
  std::uint64_t from_ = 0, until_ = 0;           // frames, of the chunk that is being rendered, or was last
  std::vector<transport::Samples> result_;       // its samples
  std::map<std::uint64_t, std::uint32_t> suspends_;
  std::vector<Watched> exchanges_;
  std::vector<float> mixed_;                     // a quantum with the session's channels

  std::atomic<std::uint64_t> frame_{0};
  std::atomic<std::uint32_t> state_{0};
  std::thread thread_;   // last: starts when everything else is there
};

}  // namespace

std::unique_ptr<OfflineSession> openOffline(const OfflineOptions& options) {
  if (!(options.sampleRate > 0)) throw std::invalid_argument("sampleRate must be positive");
  if (options.quantum < 1 || options.quantum > ipc::kMostQuantum)
    throw std::invalid_argument("the quantum must be 1 … " + std::to_string(ipc::kMostQuantum) + " frames");
  if (options.channels < 1 || options.channels > render::kMaxChannels) throw std::invalid_argument("channels must be 1 … 32");
  return std::make_unique<InProcessSession>(options);
}

}  // namespace backline::session

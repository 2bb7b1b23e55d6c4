#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "control/audio_context.h"
#include "control/offline_audio_context.h"
#include "session/session.h"

namespace backline::test {

inline constexpr double kRate = 48000;   // Hz

/// What a FakeSession has been told, and what it says. Outlives the session.
struct Record {
  std::vector<std::vector<render::CommandRecord>> batches;
  std::map<render::ResourceId, std::vector<std::vector<float>>> buffers;
  std::vector<render::NoticeRecord> notices;
  std::map<render::ResourceId, std::pair<render::ResourceKind, render::StreamEnds>> streams;   ///< bound
  std::function<void()> wake;
  std::function<void(session::OutputChanged)> outputChanged;
  session::Timing timing;
  bool ended = false;
  bool latencyReset = false;
  std::vector<std::pair<std::string, std::function<void(session::OutputMoved)>>> moves;   ///< asked for, to be answered

  void say(std::uint32_t target, render::Notice notice) {
    notices.push_back({target, 1, std::move(notice)});
    if (wake) wake();
  }
  /// All commands of one type, in order.
  template <class T>
  std::vector<std::pair<std::uint32_t, T>> all() const {
    std::vector<std::pair<std::uint32_t, T>> found;
    for (const auto& batch : batches) {
      for (const auto& command : batch) {
        if (const T* body = std::get_if<T>(&command.body)) found.emplace_back(command.target, *body);
      }
    }
    return found;
  }
  template <class T>
  std::size_t count() const {
    return all<T>().size();
  }
};

/// A session that renders nothing: it decodes what is committed and says what the test wants.
class FakeSession final : public session::Session {
 public:
  FakeSession(std::shared_ptr<Record> record, session::SessionInfo info) : record_(std::move(record)), info_(std::move(info)) {}
  ~FakeSession() override { record_->ended = true; }

  const session::SessionInfo& info() const override { return info_; }
  void commit(std::vector<std::byte> batch) override { record_->batches.push_back(render::decodeCommands(batch)); }
  void bindStream(render::ResourceId id, render::ResourceKind kind, render::StreamEnds ends) override {
    record_->streams[id] = {kind, std::move(ends)};
  }
  void shareBuffer(render::ResourceId id, float, std::uint64_t length, std::span<const float* const> channels) override {
    for (const float* channel : channels) record_->buffers[id].emplace_back(channel, channel + length);
  }
  std::vector<render::NoticeRecord> takeNotices() override { return std::exchange(record_->notices, {}); }
  void onNotice(std::function<void()> wake) override { record_->wake = std::move(wake); }
  void onOutputChanged(std::function<void(session::OutputChanged)> changed) override { record_->outputChanged = std::move(changed); }
  session::Timing timing() const override { return record_->timing; }
  void resetLatency() override { record_->latencyReset = true; }
  void moveOutput(const std::string& device, std::function<void(session::OutputMoved)> done) override {
    record_->moves.emplace_back(device, std::move(done));
  }

 private:
  std::shared_ptr<Record> record_;
  session::SessionInfo info_;
};

/// A live context over a FakeSession.
struct FakeContext {
  explicit FakeContext(std::string clock = "")
      : owner(std::make_unique<AudioContext>(std::make_unique<FakeSession>(
            record, session::SessionInfo{.sampleRate = 48000, .quantum = 128, .channels = 2, .maxChannels = 8, .baseLatency = 0.01, .clock = std::move(clock)}))) {}

  std::shared_ptr<Record> record = std::make_shared<Record>();
  std::unique_ptr<AudioContext> owner;

  AudioContext& context() { return *owner; }
  AudioContext* operator->() { return owner.get(); }
  /// The render side has come to this time.
  void moveTo(double seconds) { record->timing.frame = static_cast<std::uint64_t>(seconds * 48000); }
};

/// The name of the backline::Error that `call` throws, "" if it throws none.
template <class Call>
std::string errorOf(Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.name();
  }
  return "";
}

}  // namespace backline::test

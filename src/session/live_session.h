#pragma once

#include "session/engine_impl.h"

namespace backline::session {

/// The control thread's half of an out-of-process session.
class LiveSession final : public Session {
 public:
  LiveSession(Engine::Impl& engine, std::uint64_t id, SessionInfo info, std::shared_ptr<SessionChannel> channel,
              transport::PageReader<ipc::SessionStatus> status, transport::PageReader<ipc::OutputStatus> output,
              transport::PageReader<ipc::SessionCosts> costs);
  ~LiveSession() override;

  const SessionInfo& info() const override { return info_; }
  void commit(std::vector<std::byte> batch) override { channel_->commit(std::move(batch)); }
  void shareBuffer(render::ResourceId id, float sampleRate, std::uint64_t length, std::span<const float* const> channels) override;
  void bindStream(render::ResourceId id, render::ResourceKind kind, render::StreamEnds ends) override;
  std::vector<render::NoticeRecord> takeNotices() override { return channel_->takeNotices(); }
  void onNotice(std::function<void()> wake) override { channel_->onNotice(std::move(wake)); }
  void onOutputChanged(std::function<void(OutputChanged)> changed) override { channel_->onOutputChanged(std::move(changed)); }
  Timing timing() const override;
  double costOf(render::NodeId node) const override;
  void moveOutput(const std::string& device, std::function<void(OutputMoved)> done) override;
  void resetLatency() override;

 private:
  Engine::Impl& engine_;
  const std::uint64_t id_;
  const SessionInfo info_;
  const std::shared_ptr<SessionChannel> channel_;
  const transport::PageReader<ipc::SessionStatus> status_;
  const transport::PageReader<ipc::OutputStatus> output_;
  const transport::PageReader<ipc::SessionCosts> costs_;
};

}  // namespace backline::session

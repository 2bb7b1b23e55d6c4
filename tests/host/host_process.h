#pragma once

#include <kj/async-io.h>

#include <functional>
#include <string>
#include <vector>

#include "ipc/connection.h"
#include "ipc/helper_process.h"
#include "ipc/pages.h"
#include "render/black_box.h"
#include "session/session_channel.h"
#include "tests/support/batch.h"
#include "transport/ring_stream.h"

namespace backline::host::test {

inline transport::SharedMemory again(const transport::SharedMemory& memory) { return transport::SharedMemory::map(memory.fd().duplicate()); }

struct Format {
  float sampleRate = 48000;
  std::uint32_t channels = 1, quantum = 128, callbackFrames = 256;
  std::uint32_t capacityFrames = 4096;   // of the ring
  transport::Overflow overflow = transport::Overflow::refuse;
};

/// What a session is made of, before it is given to a host: every descriptor can still be replaced by a wrong one.
struct SessionOffer {
  explicit SessionOffer(const Format& format = {});

  Format format;
  session::SessionChannel channel;
  transport::SharedMemory timing = transport::createPage<ipc::SessionStatus>("test-timing");
  transport::SharedMemory costs = transport::createPage<ipc::SessionCosts>("test-costs");
  transport::SharedMemory output = transport::createPage<ipc::OutputStatus>("test-output");
  transport::SharedMemory blackBox = render::BlackBox::create();
  transport::SharedMemory ring;
  transport::NotifyFd refill = transport::NotifyFd::create();

  /// In the order of createSession's parameters.
  enum Place { commands, commandNotify, notices, noticeNotify, timingPage, ringStream, refillNotify, costsPage, outputPage, blackBoxPage, kPlaces };
  static const char* const kNames[kPlaces];
  transport::Fd fds[kPlaces];
};

/// A backline-render of one's own, this program in the place of both others.
class HostProcess {
 public:
  HostProcess();
  ~HostProcess() noexcept(false);

  int pid() const { return process_.pid(); }
  kj::WaitScope& scope() { return io_.waitScope; }
  kj::Promise<ipc::RenderSession::Client> createSession(SessionOffer& offer);
  /// What createSession answers to an offer that it refuses; empty: it took it.
  std::string refusal(SessionOffer& offer);
  /// Runs the loop until `done` says so; false if that never happens.
  bool turnUntil(const std::function<bool()>& done);

  std::size_t descriptors() const;      ///< open in the host
  std::size_t mappings() const;         ///< of the host
  std::size_t privateKilobytes() const; ///< anonymous memory resident in the host

 private:
  kj::AsyncIoContext io_ = kj::setupAsyncIo();
  ipc::HelperProcess process_;
  kj::Own<ipc::Connection> connection_;
};

/// One session in it, whose device is this test.
class HostedSession {
 public:
  HostedSession(HostProcess& host, const Format& format = {});

  ipc::RenderSession::Client& capability() { return session_; }
  void wake() { offer_.refill.signal(); }
  void drop() { session_ = nullptr; }
  session::SessionChannel& channel() { return offer_.channel; }
  const transport::SharedMemory& ring() const { return offer_.ring; }
  ipc::SessionStatus status() const;
  void commit(std::vector<std::byte> batch) { offer_.channel.commit(std::move(batch)); }
  /// Waits until the render thread has applied a batch of this sequence.
  bool applied(std::uint64_t sequence);

  /// Takes this many frames as a device does, waking the host for more.
  std::vector<float> play(std::uint32_t frames);
  /// The reason of SessionFailed; empty if none comes.
  std::string failure();
  std::vector<render::NoticeRecord> takeNotices();

  backline::test::Batch batch;

 private:
  HostProcess& host_;
  SessionOffer offer_;
  transport::RingReader reader_;
  transport::PageReader<ipc::SessionStatus> status_;
  transport::BlockReader notices_;
  ipc::RenderSession::Client session_;
};

/// A constant of this value on its way to the ear, running.
void playConstant(HostedSession& session, float value);

}  // namespace backline::host::test

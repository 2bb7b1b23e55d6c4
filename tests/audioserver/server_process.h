#pragma once

#include <kj/async-io.h>

#include <string>
#include <vector>

#include "ipc/connection.h"
#include "ipc/helper_process.h"
#include "ipc/pages.h"
#include "transport/notify_fd.h"
#include "transport/page.h"
#include "transport/ring_stream.h"

namespace backline::audioserver::test {

/// What openOutput gave, as a program holds it.
struct OpenSession {
  ipc::Output::Client output;
  transport::RingWriter ring;
  transport::NotifyFd refill;
  transport::PageReader<ipc::OutputStatus> page;
  std::string deviceId;
  float sampleRate;
  std::uint32_t deviceChannels;
  std::uint32_t callbackFrames;
  double deviceLatency;

  ipc::OutputStatus status() const;
  /// Says that it runs and keeps the ring filled until all of `interleaved` is in it, then waits until it is taken.
  void play(const std::vector<float>& interleaved);
  /// Writes what fits of `interleaved` from `frame` on; returns the frame after.
  std::uint32_t fill(const std::vector<float>& interleaved, std::uint32_t frame);
};

/// What openCapture gave, as a program holds it.
struct OpenCapture {
  ipc::Capture::Client capture;
  transport::RingReader ring;
  transport::NotifyFd written;
  transport::PageReader<ipc::CaptureStatus> page;
  std::string deviceId;
  std::string clock;
  float sampleRate;
  std::uint32_t channels;
  double latency;

  ipc::CaptureStatus status() const;
  transport::TimelineMark mark() const;
  /// Reads until there are so many frames, or the writer has ended.
  std::vector<float> take(std::size_t frames);
};

/// A backline-audio of one's own, as a program has it.
class ServerProcess {
 public:
  ServerProcess();
  ~ServerProcess() noexcept(false);

  ipc::AudioServer::Client& server() { return server_; }
  kj::WaitScope& scope() { return io_.waitScope; }
  kj::Timer& timer() { return io_.provider->getTimer(); }
  ipc::HelperProcess& process() { return process_; }

  OpenSession open(const std::string& device, float sampleRate, std::uint32_t channels = 2, std::uint32_t quantum = 128, double latency = 0);
  /// The text of the error that opening gives; empty: it opened.
  std::string openError(const std::string& device, float sampleRate = 48000, std::uint32_t channels = 2, std::uint32_t quantum = 128,
                        double latency = 0);
  OpenCapture capture(const std::string& device, std::uint32_t channels = 0, std::uint32_t capacity = 1 << 20,
                      ipc::CaptureConfig::Overflow overflow = ipc::CaptureConfig::Overflow::REFUSE);
  /// The text of the error that capturing gives; empty: it was opened.
  std::string captureError(const std::string& device, std::uint32_t channels = 0, std::uint32_t capacity = 0, std::uint16_t overflow = 0);
  void startTap(const std::string& path, std::uint64_t frames = 0);
  std::uint64_t finishTap();
  /// Hangs up, as a program that has gone. Returns the server's wait status; -1 if it did not end within `milliseconds`.
  int hangUp(int milliseconds = 10000);

 private:
  kj::AsyncIoContext io_ = kj::setupAsyncIo();
  ipc::HelperProcess process_;
  kj::Own<ipc::Connection> connection_;
  ipc::AudioServer::Client server_;
};

/// A directory that is removed with everything in it.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  std::string path(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

struct Recording {
  std::vector<float> samples;  // interleaved
  std::uint32_t channels = 0;
  std::uint32_t sampleRate = 0;
};
/// Fails if it is no float32 WAV.
Recording readWav(const std::string& path);

/// The frame at which `sound` stands in `recording` bit for bit (a negative zero equals zero), -1 if it does not. Fails if it is
/// there in part, saying how far.
std::ptrdiff_t findSound(const std::vector<float>& sound, const std::vector<float>& recording, std::uint32_t channels);

}  // namespace backline::audioserver::test

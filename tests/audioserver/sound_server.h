#pragma once

#include <gtest/gtest.h>
#include <jack/jack.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "server_process.h"
#include "tests/support/child_process.h"

namespace backline::audioserver::test {

bool installed(const std::string& program);

/// A jackd without hardware, of one's own: what this process and its children use from now on.
class JackServer {
 public:
  static constexpr std::uint32_t kRate = 48000, kPeriod = 256;

  JackServer();   ///< throws if it does not come up
  ~JackServer();
  void kill();
  /// Another of its name, after kill().
  void restart(std::uint32_t rate = kRate);
  /// Connects our output ports to our input ports, which then hear nothing else.
  void connectBackline();

 private:
  void start(std::uint32_t rate = kRate);
  void await();
  TemporaryFolder folder_;
  transport::Fd claim_;  // of the name
  std::string name_;
  bool killed_ = false;
  std::unique_ptr<backline::test::ChildProcess> process_;
};

/// Hears what another client gives out, frame for frame.
class JackCapture {
 public:
  JackCapture(const JackServer& server, std::uint32_t frames);
  ~JackCapture();
  /// Connects the first ports that belong to neither the system nor us. Fails if there are too few.
  void connect();
  /// Interleaved stereo, all that there was room for; waits until `frames` are there.
  std::vector<float> take(std::uint32_t frames);

 private:
  static int process(jack_nframes_t frames, void* self);
  jack_client_t* client_;
  jack_port_t* ports_[2];
  std::vector<float> heard_;
  std::atomic<std::uint32_t> frames_{0};
};

/// A PulseAudio of one's own with two null sinks, "out" and the six-channel "wide": what this process and its children use from now on.
class PulseServer {
 public:
  PulseServer();  ///< throws if it does not come up
  ~PulseServer();
  const TemporaryFolder& folder() const { return folder_; }
  void kill() { process_->kill(); }
  /// Another at the same place, after kill(), with the same sinks.
  void restart();
  /// What pactl says to this, without the last line's end. Fails if it refuses.
  std::string control(std::vector<std::string> arguments);

 private:
  TemporaryFolder folder_;
  std::unique_ptr<backline::test::ChildProcess> process_;
};

/// Records a source into memory by parec.
class PulseCapture {
 public:
  PulseCapture(const PulseServer& server, const std::string& source, std::uint32_t channels);
  ~PulseCapture();
  /// Waits until `frames` are there, and takes all.
  std::vector<float> take(std::size_t frames);

 private:
  std::string path_;
  std::uint32_t channels_;
  std::unique_ptr<backline::test::ChildProcess> process_;
};

/// A backline-audio beside a JACK server, and no other.
class JackTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!installed("jackd")) GTEST_SKIP() << "jackd is not installed";
    setenv("PULSE_SERVER", "unix:/nowhere/backline-test-none", 1);
    setenv("TSAN_OPTIONS", "report_thread_leaks=0", 0);  // libjack never joins its thread for a server that died
    jack = std::make_unique<JackServer>();
    process = std::make_unique<ServerProcess>();
  }
  std::unique_ptr<JackServer> jack;
  std::unique_ptr<ServerProcess> process;
};

/// A backline-audio beside a PulseAudio server, and no other.
class PulseTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!installed("pulseaudio")) GTEST_SKIP() << "pulseaudio is not installed";
    setenv("JACK_DEFAULT_SERVER", "backline-test-none", 1);
    pulse = std::make_unique<PulseServer>();
    process = std::make_unique<ServerProcess>();
  }
  std::unique_ptr<PulseServer> pulse;
  std::unique_ptr<ServerProcess> process;
};

}  // namespace backline::audioserver::test

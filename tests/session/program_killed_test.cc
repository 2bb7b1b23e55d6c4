// kill -9 of a program that plays and captures: nobody tells the helpers anything, and still nothing of it is left.

#include <gtest/gtest.h>
#include <jack/jack.h>

#include <algorithm>
#include <fstream>

#include "sound_server.h"
#include "tests/session/rig.h"
#include "tests/support/child_process.h"

namespace backline {
namespace {

using namespace render;
using namespace test;
using audioserver::test::installed;
using audioserver::test::JackServer;
using session::Engine;

/// What the program tells before it is killed.
struct Told {
  std::atomic<int> audioPid, renderPid;
  std::atomic<std::uint64_t> captured, played;
};

/// Plays a constant and reads what it captures, for ever.
int program(const transport::SharedMemory& memory, const std::string& device) {
  auto& told = *reinterpret_cast<Told*>(memory.bytes().data());
  Engine engine(options(device));
  const auto session = engine.open({});
  Batch batch;
  session->commit(batch.node(1, kDestination).node(2, kConstantSource).connect(2, 1).start(2, 0).setValue(2, 0, 0.25f, 0).run().takeBytes());
  const auto capture = engine.openCapture({.device = device, .channels = 1, .overflow = transport::Overflow::dropOldest});
  transport::RingReader reader(transport::SharedMemory::map(capture->ring().duplicate()));
  const transport::NotifyFd written = transport::NotifyFd::adopt(capture->written().duplicate());
  std::vector<float> frames(4096);
  for (;;) {
    written.wait(-1);
    told.captured += reader.read(frames.data(), 4096);
    told.played = session->timing().playedFrame;
    told.renderPid = engine.helpers().renderPid;
    told.audioPid = engine.helpers().audioPid;
  }
}

/// True where the process is no more, or is nothing but a number that nobody has asked for.
bool over(int pid) {
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  std::string number, name, state;
  return !(stat >> number >> name >> state) || state == "Z" || state == "X";
}

std::vector<std::string> portsOfBackline() {
  jack_client_t* client = jack_client_open("looks", JackNoStartServer, nullptr);
  EXPECT_NE(client, nullptr);
  const char** names = jack_get_ports(client, "^Backline", JACK_DEFAULT_AUDIO_TYPE, 0);
  std::vector<std::string> ports;
  for (const char** name = names; name != nullptr && *name != nullptr; ++name) ports.push_back(*name);
  jack_free(names);
  jack_client_close(client);
  return ports;
}

struct Running {
  explicit Running(const std::string& device)
      : process([this, &device] { return program(memory, device); }) {
    EXPECT_TRUE(comesTrue([this] { return told.captured > 4800 && told.played > 4800; })) << "the program does not come up";
  }
  void killAndExpectNothing() {
    const int audio = told.audioPid, render = told.renderPid;
    ASSERT_GT(audio, 0);
    ASSERT_GT(render, 0);
    EXPECT_FALSE(over(audio) || over(render));
    process.kill();
    ASSERT_EQ(process.wait(), -SIGKILL);
    EXPECT_TRUE(comesTrue([&] { return over(audio); })) << "the audio server stays";
    EXPECT_TRUE(comesTrue([&] { return over(render); })) << "the render host stays";
  }

  transport::SharedMemory memory = transport::SharedMemory::create("test", sizeof(Told));
  const Told& told = *reinterpret_cast<const Told*>(memory.bytes().data());
  ChildProcess process;   // forked before this process has threads
};

TEST(KilledProgram, TakesBothHelpersWithItThoughItPlaysAndCaptures) {
  Running("virtual").killAndExpectNothing();
  Running("stepped").killAndExpectNothing();
}

TEST(KilledProgram, HasItsDevicesClosed) {
  if (!installed("jackd")) GTEST_SKIP() << "jackd is not installed";
  setenv("PULSE_SERVER", "unix:/nowhere/backline-test-none", 1);
  JackServer jack;
  Running running("jack");
  EXPECT_GE(portsOfBackline().size(), 3u) << "two outputs and an input";
  running.killAndExpectNothing();
  EXPECT_TRUE(comesTrue([] { return portsOfBackline().empty(); })) << portsOfBackline().front() << " is still there";
}

}  // namespace
}  // namespace backline

// Everything that three processes share of one session is written over at random while it plays. Its own sound and figures may become
// anything; the processes, and the session beside it, are not touched.

#include <gtest/gtest.h>
#include <dirent.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <map>
#include <random>

#include "render/black_box.h"
#include "tests/session/playing.h"
#include "tests/support/seed.h"
#include "transport/ring_stream.h"

namespace backline {
namespace {

using namespace test;

/// A shared segment of this process, mapped once more.
struct Segment {
  std::string name;
  std::uint32_t* words = nullptr;
  std::size_t count = 0;
};

/// All anonymous shared memory that this process holds, by inode.
std::map<ino_t, Segment> segments() {
  std::map<ino_t, Segment> found;
  DIR* const folder = opendir("/proc/self/fd");
  while (const dirent* entry = readdir(folder)) {
    const std::string path = std::string("/proc/self/fd/") + entry->d_name;
    char target[256] = {};
    struct stat info;
    if (readlink(path.c_str(), target, sizeof target - 1) <= 0 || !std::string(target).starts_with("/memfd:")) continue;
    if (stat(path.c_str(), &info) != 0 || found.contains(info.st_ino)) continue;
    const int fd = std::stoi(entry->d_name);
    void* const memory = mmap(nullptr, static_cast<std::size_t>(info.st_size), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (memory == MAP_FAILED) continue;   // sealed: nobody writes there
    found[info.st_ino] = {target, static_cast<std::uint32_t*>(memory), static_cast<std::size_t>(info.st_size) / sizeof(std::uint32_t)};
  }
  closedir(folder);
  return found;
}

class Scribbler {
 public:
  explicit Scribbler(std::vector<Segment> segments) : segments_(std::move(segments)) {}

  /// Headers more often than what follows them.
  void scribble() {
    const Segment& segment = segments_[random_() % segments_.size()];
    const std::size_t among = random_() % 2 == 0 ? std::min<std::size_t>(segment.count, 128) : segment.count;
    __atomic_store_n(segment.words + random_() % among, value(), __ATOMIC_RELAXED);
  }

 private:
  std::uint32_t value() {
    switch (random_() % 6) {
      case 0: return 0;
      case 1: return ~0u;
      case 2: return 0x7fc00000;   // no number
      case 3: return static_cast<std::uint32_t>(random_() % 64);
      case 4: return 1u << random_() % 32;
      default: return static_cast<std::uint32_t>(random_());
    }
  }
  std::mt19937_64 random_{backline::test::seed()};
  const std::vector<Segment> segments_;
};

TEST(HostileMemory, WhateverIsWrittenIntoASessionsSharedMemoryNoProcessDiesAndTheSessionBesideItPlaysOn) {
  Playing beside("virtual", "hostile");
  const std::map<ino_t, Segment> others = segments();
  session::Engine& engine = beside.engine();
  auto victim = engine.open({.sampleRate = kRate});
  auto capture = engine.openCapture({.device = "virtual", .channels = 1});
  transport::RingReader reader(transport::SharedMemory::map(capture->ring().duplicate()));
  Batch batch;
  shareRamp(*victim, 9, 48000);
  batch.node(1, render::kDestination).node(2, render::kAudioBufferSource).connect(2, 1).add(2, render::SetField{0, 9}).start(2, 0);
  victim->commit(batch.run().takeBytes());
  ASSERT_TRUE(comesTrue([&] { return victim->timing().playedFrame > 4800 && reader.available() > 480; }));

  std::vector<Segment> own;
  for (const auto& [inode, segment] : segments())
    if (!others.contains(inode)) own.push_back(segment);
  ASSERT_GE(own.size(), 8u) << "commands, notices, timing, costs, black box, ring, page; the capture's ring and page";
  const session::Engine::Helpers before = engine.helpers();
  Scribbler scribbler(own);
  std::vector<float> frames(4096);
  for (int round = 0; round < 1500; ++round) {
    for (int i = 0; i < 20; ++i) scribbler.scribble();
    victim->timing();
    victim->takeNotices();
    Batch change;
    victim->commit(change.setValue(2, 0, 1, 0).takeBytes());
    if (round == 700) victim->moveOutput("stepped", [](session::OutputMoved) {});
    reader.read(frames.data(), 4096);
    transport::TimelineMark mark;
    reader.mark(mark);
    capture->lostFrames();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  beside.goesOn();
  victim.reset();
  capture.reset();
  beside.goesOn();
  EXPECT_EQ(engine.helpers().audioPid, before.audioPid);
  EXPECT_EQ(engine.helpers().renderPid, before.renderPid);
}

TEST(HostileMemory, AHostThatSaysThatADebuggerStoppedItIsNotBelievedWhereNoneMay) {
  Playing playing("virtual", "paused");
  Notices notices(playing.session());
  const pid_t host = playing.engine().helpers().renderPid;
  ASSERT_EQ(kill(host, SIGSTOP), 0);
  std::size_t found = 0;
  for (const auto& [inode, segment] : segments()) {
    if (!segment.name.starts_with("/memfd:backline-black-box")) continue;
    const auto paused = static_cast<std::uint32_t>(render::Phase::paused);
    for (const std::size_t lane : {offsetof(render::BlackBoxLayout, render), offsetof(render::BlackBoxLayout, compile)})
      __atomic_store_n(segment.words + lane / sizeof(std::uint32_t) + 1, paused, __ATOMIC_RELAXED);
    ++found;
  }
  EXPECT_EQ(found, 1u);
  ASSERT_NE(notices.await<render::SessionInterrupted>(), nullptr);
  playing.goesOn();
  EXPECT_NE(playing.engine().helpers().renderPid, host);
}

}  // namespace
}  // namespace backline

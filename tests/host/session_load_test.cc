// One render host under load, driven as fast as it goes by a device that is this test.

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/host/host_process.h"

namespace backline::host::test {
namespace {

using namespace render;

constexpr std::uint32_t kSeconds = 60;   // of sound

TEST(SessionLoad, AChangeAtEveryQuantumIsHeardFromItsFrameOn) {
  HostProcess host;
  HostedSession session(host);
  constexpr std::uint32_t quantum = 128, quanta = kSeconds * 48000 / quantum;
  const auto valueOf = [](std::uint32_t k) { return static_cast<float>(k % 4096 + 1) / 8192; };
  auto& batch = session.batch;
  batch.node(1, kDestination).node(2, kConstantSource).connect(2, 1).start(2, 0);
  constexpr std::uint32_t kAhead = 128, kLook = 16;   // quanta
  constexpr std::uint32_t kSafe = 4096 / quantum + kLook;   // what may be rendered until the next look: the ring, and what is played
  const auto change = [&](std::uint32_t k) { batch.setValue(2, 0, valueOf(k), k * quantum / 48000.0); };
  for (std::uint32_t k = 0; k < kAhead; ++k) change(k);
  session.commit(batch.run().takeBytes());   // sequence 1
  for (std::uint32_t k = 0; k < quanta; ++k) {
    if (k + kAhead < quanta) {
      change(k + kAhead);
      const std::vector<CommandRecord> records = batch.take();
      ASSERT_EQ(records.back().sequence, k + 2);
      std::vector<std::byte> bytes;
      for (const CommandRecord& record : records) encode(bytes, record);
      session.commit(std::move(bytes));
    }
    if (k % kLook == 0) {
      const std::uint32_t needed = std::min(k + kSafe, quanta - 1);
      ASSERT_TRUE(session.applied(needed < kAhead ? 1 : needed - kAhead + 2)) << "quantum " << k;
    }
    const std::vector<float> heard = session.play(quantum);
    ASSERT_EQ(heard.size(), quantum);
    for (std::uint32_t i = 0; i < quantum; ++i) ASSERT_EQ(heard[i], valueOf(k)) << "quantum " << k << ", frame " << i;
  }
  for (const NoticeRecord& notice : session.takeNotices()) EXPECT_FALSE(std::holds_alternative<SessionFailed>(notice.body));
}

TEST(SessionLoad, ChangesOfStructureAtEveryQuantumStayInStep) {
  HostProcess host;
  HostedSession session(host);
  auto& batch = session.batch;
  batch.node(1, kDestination).node(2, kConstantSource).connect(2, 1).start(2, 0).setValue(2, 0, 0.25f, 0);
  session.commit(batch.run().takeBytes());
  ASSERT_TRUE(session.applied(1));
  session.play(8192);
  NodeId id = 3;
  for (std::uint32_t k = 0; k < kSeconds * 375 / 5; ++k, ++id) {
    session.commit(batch.node(id, kGain).connect(2, id).connect(id, 1).add(id, Disconnect{0, 1, 0}).add(2, Disconnect{0, id, 0}).add(id, ReleaseNode{}).takeBytes());
    for (const float sample : session.play(128)) ASSERT_EQ(sample, 0.25f) << "quantum " << k;
  }
}

TEST(SessionLoad, AProgramThatReadsNoNoticesHearsAllOfThemLaterAndTheSoundGoesOn) {
  HostProcess host;
  HostedSession session(host);
  playConstant(session, 0.25f);
  ASSERT_TRUE(session.applied(1));
  // More than the notice ring holds.
  constexpr std::uint32_t kChanges = 30'000;
  for (std::uint32_t generation = 2; generation < 2 + kChanges; ++generation)
    session.commit(session.batch.add(0, SetRunning{1, generation}).takeBytes());
  ASSERT_TRUE(session.applied(1 + kChanges));
  session.play(8192);
  for (const float sample : session.play(4096)) ASSERT_EQ(sample, 0.25f);
  std::uint32_t next = 1;
  host.turnUntil([&] {
    for (const NoticeRecord& notice : session.takeNotices())
      if (const auto* change = std::get_if<StateChanged>(&notice.body)) {
        EXPECT_EQ(change->generation, next) << "out of order";
        next = change->generation + 1;
      }
    return next == 2 + kChanges;
  });
  EXPECT_EQ(next, 2 + kChanges) << "notices were lost";
}

TEST(SessionLoad, DestroyedSessionsLeaveNoDescriptorMappingOrMemoryBehind) {
  HostProcess host;
  const auto round = [&host](int count) {
    for (int i = 0; i < count; ++i) {
      HostedSession session(host);
      auto buffer = session.capability().bindBufferRequest();
      const auto memory = transport::SharedMemory::create("buffer", 4 * 48000);
      buffer.setId(9);
      buffer.setChannels(1);
      buffer.setLength(48000);
      buffer.setSampleRate(48000);
      buffer.setMemory(ipc::describe(memory.fd().duplicate()));
      buffer.send().ignoreResult().wait(host.scope());
      playConstant(session, 0.25f);
      session.play(1024);
    }
  };
  const auto settled = [&host](auto count) {   // the last one's end is under way
    std::size_t last = 0;
    host.turnUntil([&] { return std::exchange(last, count()) == count(); });
    return last;
  };
  round(25);
  const std::size_t descriptors = settled([&] { return host.descriptors(); });
  const std::size_t mappings = settled([&] { return host.mappings(); });
  const std::size_t memory = host.privateKilobytes();
  round(50);
  EXPECT_TRUE(host.turnUntil([&] { return host.descriptors() <= descriptors; })) << host.descriptors() << " descriptors, were " << descriptors;
  EXPECT_TRUE(host.turnUntil([&] { return host.mappings() <= mappings + 4; })) << host.mappings() << " mappings, were " << mappings;
  EXPECT_LE(host.privateKilobytes(), memory + 2048) << "kB, were " << memory;
}

TEST(SessionLoad, MoreBuffersThanAProcessMayHaveDescriptors) {
  HostProcess host;
  HostedSession session(host);
  const auto memory = transport::SharedMemory::create("buffer", 4096);
  for (std::uint32_t id = 1; id <= 3000; ++id) {
    auto request = session.capability().bindBufferRequest();
    request.setId(id);
    request.setChannels(1);
    request.setLength(1024);
    request.setSampleRate(48000);
    request.setMemory(ipc::describe(memory.fd().duplicate()));
    request.send().ignoreResult().wait(host.scope());
  }
  EXPECT_LT(host.descriptors(), 100u);
  playConstant(session, 0.25f);
  session.play(1024);
}

}  // namespace
}  // namespace backline::host::test

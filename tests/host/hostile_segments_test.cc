// What a program may pass to the render host in the place of what belongs there: it is refused by name, and nobody else hears of it.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <bit>
#include <limits>

#include "render/streams.h"
#include "tests/host/host_process.h"
#include "transport/block_layout.h"
#include "transport/ring_layout.h"

namespace backline::host::test {
namespace {

using transport::Fd;
using transport::SharedMemory;

struct Wrong {
  const char* name;
  Fd fd;
};

Fd segment(std::size_t bytes, int seals) {
  Fd fd(memfd_create("wrong", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  EXPECT_EQ(ftruncate(fd.get(), static_cast<off_t>(bytes)), 0);
  EXPECT_EQ(fcntl(fd.get(), F_ADD_SEALS, seals), 0);
  return fd;
}

/// Descriptors that are no shared memory of ours.
std::vector<Wrong> wrongMemory() {
  std::vector<Wrong> wrong;
  int ends[2];
  EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
  wrong.push_back({"one end of a pipe", Fd(ends[0])});
  wrong.push_back({"the other end of a pipe", Fd(ends[1])});
  EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  wrong.push_back({"a socket", Fd(ends[0])});
  Fd closed(ends[1]);
  wrong.push_back({"a file", Fd(open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600))});
  wrong.push_back({"a folder", Fd(open("/", O_RDONLY | O_CLOEXEC))});
  wrong.push_back({"an eventfd", Fd(eventfd(0, EFD_CLOEXEC))});
  wrong.push_back({"an unsealed memfd", segment(4096, 0)});
  wrong.push_back({"an empty memfd", segment(0, F_SEAL_SHRINK | F_SEAL_GROW)});
  wrong.push_back({"a memfd that may not be written", segment(4096, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)});
  wrong.push_back({"a memfd of 2 GiB", segment(std::size_t{2} << 30, F_SEAL_SHRINK | F_SEAL_GROW)});
  wrong.push_back({"zeroes", segment(1 << 16, F_SEAL_SHRINK | F_SEAL_GROW)});
  return wrong;
}

std::vector<Wrong> wrongNotify() {
  std::vector<Wrong> wrong = wrongMemory();
  std::erase_if(wrong, [](const Wrong& one) { return std::string(one.name) == "an eventfd"; });
  return wrong;
}

/// One honest session beside whatever a test does.
class HostileSegments : public ::testing::Test {
 protected:
  HostileSegments() { playConstant(honest, 0.25f); }
  ~HostileSegments() noexcept override = default;
  void SetUp() override { expectPlaying("before"); }
  void TearDown() override { expectPlaying("after"); }

  void expectPlaying(const char* when) {
    honest.applied(1);
    honest.play(8192);   // what was in the ring before
    for (const float sample : honest.play(2048)) ASSERT_EQ(sample, 0.25f) << when << ", in the session beside";
  }
  void expectRefused(SessionOffer& offer, const std::string& what, const std::string& word) {
    const std::string error = host.refusal(offer);
    EXPECT_NE(error.find("createSession"), std::string::npos) << what << " was answered with '" << error << "'";
    EXPECT_NE(error.find(word), std::string::npos) << what << " was answered with '" << error << "'";
  }
  std::string bindError(render::ResourceKind kind, Fd memory, Fd answers = {}, Fd notify = {}, std::uint32_t id = 7) {
    auto request = honest.capability().bindStreamRequest();
    request.setId(id);
    request.setKind(static_cast<std::uint32_t>(kind));
    if (memory) request.setMemory(ipc::describe(std::move(memory)));
    if (answers) request.setAnswers(ipc::describe(std::move(answers)));
    if (notify) request.setNotify(ipc::describe(std::move(notify)));
    return answer(request.send().ignoreResult());
  }
  std::string bufferError(Fd memory, std::uint32_t channels, std::uint64_t length, float sampleRate, std::uint32_t id = 7) {
    auto request = honest.capability().bindBufferRequest();
    request.setId(id);
    request.setChannels(channels);
    request.setLength(length);
    request.setSampleRate(sampleRate);
    if (memory) request.setMemory(ipc::describe(std::move(memory)));
    return answer(request.send().ignoreResult());
  }

  HostProcess host;
  HostedSession honest{host};

 private:
  std::string answer(kj::Promise<void> call) {
    try {
      call.wait(host.scope());
      return "";
    } catch (const kj::Exception& exception) {
      return ipc::errorText(exception);
    }
  }
};

TEST_F(HostileSegments, AnythingElseInThePlaceOfADescriptorIsRefused) {
  for (int place = 0; place < SessionOffer::kPlaces; ++place) {
    const bool notify = place == SessionOffer::commandNotify || place == SessionOffer::noticeNotify || place == SessionOffer::refillNotify;
    for (Wrong& wrong : notify ? wrongNotify() : wrongMemory()) {
      SessionOffer offer;
      offer.fds[place] = std::move(wrong.fd);
      expectRefused(offer, std::string(wrong.name) + " as " + SessionOffer::kNames[place], SessionOffer::kNames[place]);
    }
  }
}

TEST_F(HostileSegments, OneKindOfSegmentDoesNotPassForAnother) {
  const int memories[] = {SessionOffer::commands, SessionOffer::timingPage, SessionOffer::ringStream};
  for (const int place : {SessionOffer::commands, SessionOffer::notices, SessionOffer::timingPage, SessionOffer::ringStream}) {
    for (const int other : memories) {
      if (place == other || (place == SessionOffer::notices && other == SessionOffer::commands)) continue;
      SessionOffer offer;
      offer.fds[place] = offer.fds[other].duplicate();
      expectRefused(offer, std::string(SessionOffer::kNames[other]) + " as " + SessionOffer::kNames[place], SessionOffer::kNames[place]);
    }
  }
}

TEST_F(HostileSegments, ARingThatIsNotTheSessionsIsRefused) {
  const auto refused = [this](const std::string& what, const std::string& word, auto change) {
    SessionOffer offer;
    change(offer);
    expectRefused(offer, what, word);
  };
  refused("two channels for a ring of one", "channels", [](SessionOffer& offer) { offer.format.channels = 2; });
  refused("another rate", "rate", [](SessionOffer& offer) { offer.format.sampleRate = 44100; });
  refused("a rate that is no number", "rate", [](SessionOffer& offer) { offer.format.sampleRate = std::numeric_limits<float>::quiet_NaN(); });
  refused("a quantum of none", "quantum", [](SessionOffer& offer) { offer.format.quantum = 0; });
  refused("a quantum longer than the ring", "quantum", [](SessionOffer& offer) { offer.format.quantum = 8192; });
  const auto identity = [](SessionOffer& offer) -> transport::RingIdentity& { return transport::ringHeader(offer.ring).identity; };
  refused("a ring that says it is huge", "capacityFrames", [&](SessionOffer& offer) { identity(offer).capacityFrames = 1u << 31; });
  refused("a ring longer than its segment", "bytes", [&](SessionOffer& offer) { identity(offer).capacityFrames = 1u << 20; });
  refused("a ring of 33 channels", "channels", [&](SessionOffer& offer) { identity(offer).channels = 33; });
  refused("counters that cross", "counters", [](SessionOffer& offer) { transport::ringHeader(offer.ring).reader.consumed = 99; });
  refused("a counter beyond all time", "counters", [](SessionOffer& offer) { transport::ringHeader(offer.ring).writer.written = ~0ull; });
}

TEST_F(HostileSegments, RefusedSessionsLeaveNothingBehind) {
  const auto refuseAll = [this] {
    for (Wrong& wrong : wrongMemory()) {
      SessionOffer offer;
      offer.fds[SessionOffer::ringStream] = std::move(wrong.fd);
      host.refusal(offer);
      bindError(render::ResourceKind::exchange, offer.fds[SessionOffer::commands].duplicate(), offer.fds[SessionOffer::ringStream].duplicate());
    }
  };
  refuseAll();
  const std::size_t descriptors = host.descriptors(), mappings = host.mappings();
  for (int i = 0; i < 5; ++i) refuseAll();
  EXPECT_TRUE(host.turnUntil([&] { return host.descriptors() <= descriptors; })) << host.descriptors() << " descriptors, were " << descriptors;
  EXPECT_LE(host.mappings(), mappings + 2);
}

TEST_F(HostileSegments, AStreamIsBoundOnlyFromWhatItsKindSays) {
  using render::ResourceKind;
  const SharedMemory ring = transport::createRingStream("ring", {1, 48000, 1024});
  const SharedMemory blocks = transport::createBlockStream("blocks", 4096);
  const SharedMemory meter = transport::createPage<render::MeterStatus>("meter");
  const SharedMemory otherPage = transport::createPage<ipc::SessionStatus>("other");
  const auto refused = [](const std::string& error, const std::string& what, const std::string& word) {
    EXPECT_NE(error.find("bindStream 7"), std::string::npos) << what << " was answered with '" << error << "'";
    EXPECT_NE(error.find(word), std::string::npos) << what << " was answered with '" << error << "'";
  };
  for (const ResourceKind kind : {ResourceKind::inputStream, ResourceKind::outputStream, ResourceKind::meter, ResourceKind::exchange}) {
    for (Wrong& wrong : wrongMemory()) refused(bindError(kind, wrong.fd.duplicate(), blocks.fd().duplicate()), wrong.name, wrong.name == std::string("zeroes") ? "7" : kind == ResourceKind::exchange ? "requests" : "memory");
  }
  refused(bindError(ResourceKind::inputStream, meter.fd().duplicate()), "a page as a ring", "ring stream");
  refused(bindError(ResourceKind::outputStream, blocks.fd().duplicate()), "blocks as a ring", "ring stream");
  refused(bindError(ResourceKind::meter, ring.fd().duplicate()), "a ring as a page", "page");
  refused(bindError(ResourceKind::meter, otherPage.fd().duplicate()), "a page of something else", "page");
  refused(bindError(ResourceKind::exchange, blocks.fd().duplicate(), ring.fd().duplicate()), "a ring as answers", "block stream");
  refused(bindError(ResourceKind::exchange, blocks.fd().duplicate()), "no answers", "answers");
  refused(bindError(ResourceKind::inputStream, {}), "no memory", "memory");
  for (Wrong& wrong : wrongNotify())
    refused(bindError(ResourceKind::outputStream, ring.fd().duplicate(), {}, std::move(wrong.fd)), wrong.name + std::string(" to notify"), "notify");
  refused(bindError(ResourceKind::audioBuffer, ring.fd().duplicate()), "a buffer as a stream", "kind 0");
  refused(bindError(static_cast<ResourceKind>(99), ring.fd().duplicate()), "a kind that does not exist", "kind 99");
  EXPECT_NE(bindError(ResourceKind::inputStream, ring.fd().duplicate(), {}, {}, 0), "") << "0 names no resource";
  EXPECT_EQ(bindError(ResourceKind::inputStream, ring.fd().duplicate()), "") << "the right one, after all the others";
  refused(bindError(ResourceKind::inputStream, ring.fd().duplicate()), "an id that is taken", "taken");
}

TEST_F(HostileSegments, ABufferIsBoundOnlyIfItsMemoryHoldsWhatIsSaid) {
  const SharedMemory memory = SharedMemory::create("buffer", 4096);
  const auto refused = [&](std::uint32_t channels, std::uint64_t length, float rate, const std::string& what) {
    const std::string error = bufferError(memory.fd().duplicate(), channels, length, rate);
    EXPECT_NE(error.find("bindBuffer 7"), std::string::npos) << what << " was answered with '" << error << "'";
  };
  refused(0, 1, 48000, "no channels");
  refused(33, 1, 48000, "33 channels");
  refused(1, 1025, 48000, "one frame too many");
  refused(2, 513, 48000, "one frame too many in two channels");
  refused(4, std::uint64_t{1} << 62, 48000, "a length that overflows");
  refused(1, ~0ull, 48000, "the longest length");
  refused(1, 1, 0, "no rate");
  refused(1, 1, std::numeric_limits<float>::quiet_NaN(), "a rate that is no number");
  refused(1, 1, std::numeric_limits<float>::infinity(), "an infinite rate");
  for (Wrong& wrong : wrongMemory()) {
    if (std::string(wrong.name) == "zeroes") continue;
    const std::string error = bufferError(std::move(wrong.fd), 1, 1, 48000);
    EXPECT_NE(error.find("bindBuffer 7"), std::string::npos) << wrong.name << " was answered with '" << error << "'";
  }
  EXPECT_NE(bufferError({}, 1, 1, 48000).find("memory"), std::string::npos) << "no memory";
  EXPECT_EQ(bufferError(memory.fd().duplicate(), 2, 512, 48000), "") << "the right one, after all the others";
}

TEST_F(HostileSegments, ACommandRingThatRunsBackwardsEndsItsSessionAlone) {
  HostedSession bad(host);
  playConstant(bad, 0.5f);
  ASSERT_TRUE(bad.applied(1));
  transport::BlockHeader& header = transport::blockHeader(bad.channel().commandMemory());
  header.written.store(8, std::memory_order_release);
  bad.channel().commandNotify().signal();
  EXPECT_NE(bad.failure().find("command ring"), std::string::npos);
}

TEST_F(HostileSegments, RecordsThatAreNoneEndTheirSessionAlone) {
  HostedSession bad(host);
  playConstant(bad, 0.5f);
  ASSERT_TRUE(bad.applied(1));
  bad.commit(std::vector<std::byte>(100, std::byte{0xa5}));
  EXPECT_NE(bad.failure(), "");
}

TEST_F(HostileSegments, AnOutputRingWhoseReaderTalksNonsenseSpoilsItsOwnSoundOnly) {
  HostedSession bad(host);
  playConstant(bad, 0.5f);
  ASSERT_TRUE(bad.applied(1));
  auto& consumed = transport::ringHeader(bad.ring()).reader.consumed;
  for (const std::uint64_t nonsense : {~std::uint64_t{0}, std::uint64_t{1} << 62, std::uint64_t{0}, std::uint64_t{1} << 20}) {
    consumed.store(nonsense, std::memory_order_release);
    bad.commit(bad.batch.add(0, render::SetRunning{1, 2}).takeBytes());
    honest.play(1024);
  }
  bad.drop();
}

TEST_F(HostileSegments, ANoticeRingWhoseReaderTalksNonsenseSpoilsNobodysSound) {
  HostedSession bad(host);
  playConstant(bad, 0.5f);
  ASSERT_TRUE(bad.applied(1));
  for (const std::uint64_t nonsense : {~std::uint64_t{7}, std::uint64_t{3}, std::uint64_t{1} << 62}) {
    transport::blockHeader(bad.channel().noticeMemory()).read.store(nonsense, std::memory_order_release);
    bad.commit(bad.batch.add(0, render::SetRunning{0, 2}).add(0, render::SetRunning{1, 3}).takeBytes());
    honest.play(1024);
  }
  bad.play(2048);
}

}  // namespace
}  // namespace backline::host::test

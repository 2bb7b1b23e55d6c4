#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <string>

#include "tests/transport/peer.h"
#include "transport/error.h"
#include "transport/shared_memory.h"

namespace backline::transport {
namespace {

/// The message of the error, or nothing if there was none.
std::string errorOfMapping(Fd fd) {
  try {
    SharedMemory::map(std::move(fd));
  } catch (const TransportError& error) {
    return error.what();
  }
  return {};
}

bool contains(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

Fd memfd(std::size_t bytes, int seals) {
  Fd fd(::memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  EXPECT_EQ(::ftruncate(fd.get(), static_cast<off_t>(bytes)), 0);
  if (seals != 0) {
    EXPECT_EQ(::fcntl(fd.get(), F_ADD_SEALS, seals), 0);
  }
  return fd;
}

TEST(SharedMemory, IsZeroedAndOfTheSizeAsked) {
  const SharedMemory memory = SharedMemory::create("test", 12345);
  ASSERT_EQ(memory.bytes().size(), 12345u);
  for (std::byte each : memory.bytes()) ASSERT_EQ(each, std::byte{0});
}

TEST(SharedMemory, IsSeenByWhoMapsIt) {
  const SharedMemory ours = SharedMemory::create("test", 4096);
  const SharedMemory theirs = test::mapAgain(ours);
  EXPECT_NE(ours.bytes().data(), theirs.bytes().data());
  ours.bytes()[7] = std::byte{42};
  EXPECT_EQ(theirs.bytes()[7], std::byte{42});
}

TEST(SharedMemory, CannotBeResizedOrUnsealedByAnyone) {
  const SharedMemory memory = SharedMemory::create("test", 4096);
  EXPECT_NE(::ftruncate(memory.fd().get(), 0), 0);
  EXPECT_NE(::ftruncate(memory.fd().get(), 8192), 0);
  EXPECT_NE(::fcntl(memory.fd().get(), F_ADD_SEALS, F_SEAL_WRITE), 0);
}

TEST(SharedMemory, IsClosedOnExec) {
  const SharedMemory memory = SharedMemory::create("test", 4096);
  EXPECT_NE(::fcntl(memory.fd().get(), F_GETFD) & FD_CLOEXEC, 0);
  EXPECT_NE(::fcntl(memory.fd().duplicate().get(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST(SharedMemory, MovesWithItsOwner) {
  SharedMemory first = SharedMemory::create("test", 4096);
  first.bytes()[0] = std::byte{1};
  SharedMemory second = std::move(first);
  EXPECT_FALSE(first);
  EXPECT_EQ(second.bytes()[0], std::byte{1});
  second = SharedMemory::create("test", 8192);
  EXPECT_EQ(second.bytes().size(), 8192u);
}

TEST(SharedMemory, RefusesAnImpossibleSize) {
  EXPECT_THROW(SharedMemory::create("test", 0), TransportError);
  EXPECT_THROW(SharedMemory::create("test", kMaxSegmentBytes + 1), TransportError);
}

TEST(SharedMemory, RefusesAMemfdWithoutSeals) {
  EXPECT_TRUE(contains(errorOfMapping(memfd(4096, 0)), "not sealed against shrinking"));
  EXPECT_TRUE(contains(errorOfMapping(memfd(4096, F_SEAL_GROW)), "not sealed against shrinking"));
}

TEST(SharedMemory, RefusesAnEmptyMemfd) {
  EXPECT_TRUE(contains(errorOfMapping(memfd(0, F_SEAL_SHRINK)), "size must be"));
}

TEST(SharedMemory, RefusesAHugeMemfd) {
  EXPECT_TRUE(contains(errorOfMapping(memfd(kMaxSegmentBytes + 4096, F_SEAL_SHRINK)), "size must be"));
}

TEST(SharedMemory, RefusesAMemfdThatCannotBeWritten) {
  EXPECT_TRUE(contains(errorOfMapping(memfd(4096, F_SEAL_SHRINK | F_SEAL_WRITE)), "cannot map"));
}

TEST(SharedMemory, RefusesWhatIsNoMemfd) {
  std::FILE* file = std::tmpfile();
  ASSERT_NE(file, nullptr);
  EXPECT_FALSE(errorOfMapping(Fd(::dup(::fileno(file)))).empty());
  std::fclose(file);

  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  EXPECT_TRUE(contains(errorOfMapping(Fd(ends[0])), "is no memfd"));
  ::close(ends[1]);

  EXPECT_FALSE(errorOfMapping(Fd(::open("/dev/shm", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600))).empty());
  EXPECT_FALSE(errorOfMapping(Fd()).empty());
}

TEST(Fd, ClosesOnceAndMoves) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  Fd writing(ends[1]);
  {
    Fd reading(ends[0]);
    Fd moved = std::move(reading);
    EXPECT_FALSE(reading);
    EXPECT_EQ(moved.get(), ends[0]);
  }
  EXPECT_NE(::fcntl(ends[0], F_GETFD), 0) << "closed with its owner";
  EXPECT_THROW(Fd().duplicate(), TransportError);
}

}  // namespace
}  // namespace backline::transport

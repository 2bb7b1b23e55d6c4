#include "ipc/connection.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "transport/notify_fd.h"

namespace backline::ipc {
namespace {

/// Answers describeOutput with an exception, openOutput with descriptors, startTap with one that is none.
class FakeServer final : public AudioServer::Server {
 public:
  explicit FakeServer(const transport::NotifyFd& notify) : notify_(notify) {}

  kj::Promise<void> describeOutput(DescribeOutputContext) override { return callError("device 'x' is not there; there are: a, b"); }
  kj::Promise<void> openOutput(OpenOutputContext context) override {
    auto results = context.getResults();
    results.setRing(describe(notify_.fd().duplicate()));
    results.setRefill(describe(notify_.fd().duplicate()));
    results.setPage(kj::heap<Bare>());
    return kj::READY_NOW;
  }

 private:
  class Bare final : public Descriptor::Server {};
  const transport::NotifyFd& notify_;
};

class ConnectionTest : public testing::Test {
 protected:
  ConnectionTest() {
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) throw std::runtime_error("socketpair");
    server = kj::heap<Connection>(*io.lowLevelProvider, transport::Fd(pair[0]), kj::heap<FakeServer>(notify));
    client = kj::heap<Connection>(*io.lowLevelProvider, transport::Fd(pair[1]));
  }
  ~ConnectionTest() noexcept override {}  // kj's members may throw, gtest's destructor may not

  AudioServer::Client main() { return client->bootstrap().castAs<AudioServer>(); }

  kj::AsyncIoContext io = kj::setupAsyncIo();
  transport::NotifyFd notify = transport::NotifyFd::create();
  kj::Own<Connection> server, client;
};

TEST_F(ConnectionTest, ADescriptorArrivesAsAnotherNumberForTheSameFile) {
  auto answer = main().openOutputRequest().send().wait(io.waitScope);
  const auto arrived = transport::NotifyFd::adopt(takeFd(answer.getRefill()).wait(io.waitScope));
  EXPECT_NE(arrived.fd().get(), notify.fd().get());
  EXPECT_FALSE(arrived.drain());
  notify.signal();
  EXPECT_TRUE(arrived.drain());
  EXPECT_TRUE(fcntl(arrived.fd().get(), F_GETFD) & FD_CLOEXEC);
}

TEST_F(ConnectionTest, ADescriptorOutlivesTheCallAndTheConnectionThatBroughtIt) {
  transport::Fd arrived;
  {
    auto answer = main().openOutputRequest().send().wait(io.waitScope);
    arrived = takeFd(answer.getRing()).wait(io.waitScope);
  }
  client = nullptr;
  server = nullptr;
  notify.signal();
  EXPECT_TRUE(transport::NotifyFd::adopt(std::move(arrived)).drain());
}

TEST_F(ConnectionTest, ACapabilityWithoutADescriptorIsRefusedByName) {
  auto answer = main().openOutputRequest().send().wait(io.waitScope);
  try {
    takeFd(answer.getPage()).wait(io.waitScope);
    FAIL() << "it gave a descriptor";
  } catch (const kj::Exception& error) {
    EXPECT_NE(errorText(error).find("carries no file descriptor"), std::string::npos) << errorText(error);
  }
}

TEST_F(ConnectionTest, AnErrorReachesTheCallerAsItWasWritten) {
  try {
    main().describeOutputRequest().send().wait(io.waitScope);
    FAIL() << "the call succeeded";
  } catch (const kj::Exception& error) {
    EXPECT_EQ(errorText(error), "device 'x' is not there; there are: a, b");
  }
}

TEST_F(ConnectionTest, BothSidesNoticeThatTheOtherHasGone) {
  main().openOutputRequest().send().wait(io.waitScope);
  client = nullptr;
  server->onDisconnect().wait(io.waitScope);
}

TEST_F(ConnectionTest, ACallerOfAServerThatHasGoneIsRejected) {
  main().openOutputRequest().send().wait(io.waitScope);
  auto kept = main();
  server = nullptr;
  client->onDisconnect().wait(io.waitScope);
  EXPECT_THROW(kept.openOutputRequest().send().wait(io.waitScope), kj::Exception);
}

}  // namespace
}  // namespace backline::ipc

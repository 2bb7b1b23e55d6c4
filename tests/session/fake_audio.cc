// An audio server without devices, whose behaviour is in the names of what it is asked to open. Descriptor 3 is its socket.

#include <fcntl.h>
#include <unistd.h>

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "ipc/connection.h"
#include "ipc/pages.h"
#include "transport/notify_fd.h"
#include "transport/page.h"
#include "transport/ring_stream.h"

namespace backline {
namespace {

constexpr float kRate = 48000;
constexpr const char* kIdPrefix = "id of ";
constexpr auto kSoon = 60 * kj::MILLISECONDS;

ipc::Descriptor::Client give(const transport::Fd& fd) { return ipc::describe(fd.duplicate()); }

transport::Fd pipeEnd() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
  transport::Fd unused(ends[1]);
  return transport::Fd(ends[0]);
}

class FakeCapture final : public ipc::Capture::Server {};
class FakeOutput final : public ipc::Output::Server {};
class FakeWatch final : public ipc::DeviceWatch::Server {};

/// Frames that count, on a device that does what its name says.
struct Stream {
  explicit Stream(std::uint32_t channels, std::uint32_t capacity, transport::Overflow overflow)
      : ring(transport::createRingStream("fake", {channels, kRate, capacity, overflow})) {
    status.publish({});
    ring.setState(transport::WriterState::running);
    for (std::uint32_t i = 0; i < 2400; ++i) {
      const std::vector<float> frame(channels, static_cast<float>(i));
      ring.write(frame.data(), 1);
    }
    written.signal();
  }
  transport::RingWriter ring;
  transport::NotifyFd written = transport::NotifyFd::create();
  transport::PageWriter<ipc::CaptureStatus> status{transport::createPage<ipc::CaptureStatus>("fake")};
};

class FakeAudio final : public ipc::AudioServer::Server, private kj::TaskSet::ErrorHandler {
 public:
  FakeAudio(kj::Timer& timer, bool watches) : timer_(timer), watches_(watches), tasks_(*this) {}

 protected:
  kj::Promise<void> openCapture(OpenCaptureContext context) override {
    const auto config = context.getParams().getConfig();
    std::string device = config.getDevice().cStr();
    if (device.starts_with(kIdPrefix)) device.erase(0, std::strlen(kIdPrefix));
    if (device == "dies at once") _exit(7);
    auto stream = std::make_shared<Stream>(std::max(1u, config.getChannels()), config.getCapacityFrames() ? config.getCapacityFrames() : 4096,
                                           static_cast<transport::Overflow>(config.getOverflow()));
    streams_.push_back(stream);
    auto results = context.getResults();
    results.setCapture(kj::heap<FakeCapture>());
    auto info = results.initDevice();
    info.setId(kIdPrefix + device);
    info.setName(device);
    info.setBackend("fake");
    info.setClock("quartz");
    results.setSampleRate(kRate);
    results.setChannels(stream->ring.format().channels + (device == "lies about channels" ? 1 : 0));
    results.setLatency(0.0125);
    results.setRing(device == "pipe as ring" ? ipc::describe(pipeEnd()) : give(device == "page as ring" ? stream->status.memory().fd() : stream->ring.memory().fd()));
    results.setWritten(device == "pipe as written" ? ipc::describe(pipeEnd()) : give(stream->written.fd()));
    if (device != "no page") results.setPage(give(device == "ring as page" ? stream->ring.memory().fd() : stream->status.memory().fd()));
    if (device == "loses frames") {
      ipc::CaptureStatus status;
      status.lostFrames = 12;
      stream->status.publish(status);
    }
    if (device == "vanishes" || device == "ends" || device == "dies") tasks_.add(timer_.afterDelay(kSoon).then([stream, device] {
      ipc::CaptureStatus status;
      if (device == "dies") _exit(7);
      if (device == "vanishes") status.deviceAlive = 0;
      stream->status.publish(status);
      stream->ring.setState(transport::WriterState::ended);
    }));
    return kj::READY_NOW;
  }

  kj::Promise<void> openOutput(OpenOutputContext context) override {
    const auto config = context.getParams().getConfig();
    const std::string device = config.getDevice().cStr();
    const transport::RingWriter ring(transport::createRingStream("fake", {config.getChannels(), kRate, 4096, transport::Overflow::refuse}));
    const auto page = transport::createPage<ipc::OutputStatus>("fake");
    const transport::NotifyFd refill = transport::NotifyFd::create();
    auto results = context.getResults();
    results.setOutput(kj::heap<FakeOutput>());
    results.initDevice().setName(device);
    results.setSampleRate(kRate);
    results.setCallbackFrames(128);
    results.setRing(device == "pipe as ring" ? ipc::describe(pipeEnd()) : give(device == "page as ring" ? page.fd() : ring.memory().fd()));
    results.setRefill(device == "pipe as refill" ? ipc::describe(pipeEnd()) : give(refill.fd()));
    if (device != "no page") results.setPage(give(device == "ring as page" ? ring.memory().fd() : page.fd()));
    return kj::READY_NOW;
  }

  kj::Promise<void> watchDevices(WatchDevicesContext context) override {
    if (!watches_) return ipc::callError("this server watches nothing");
    listener_ = context.getParams().getListener();
    context.getResults().setWatch(kj::heap<FakeWatch>());
    return kj::READY_NOW;
  }

  /// Something always changes when one looks.
  kj::Promise<void> listDevices(ListDevicesContext context) override {
    auto device = context.getResults().initDevices(1)[0];
    device.setId("mic");
    device.setName("A microphone");
    device.setInput(true);
    device.setClock("quartz");
    KJ_IF_MAYBE(listener, listener_) tasks_.add(listener->devicesChangedRequest().send().ignoreResult());
    return kj::READY_NOW;
  }

 private:
  void taskFailed(kj::Exception&&) override {}

  kj::Timer& timer_;
  const bool watches_;
  std::vector<std::shared_ptr<Stream>> streams_;
  kj::Maybe<ipc::DeviceListener::Client> listener_;
  kj::TaskSet tasks_;
};

}  // namespace
}  // namespace backline

int main(int argc, char** argv) {
  auto io = kj::setupAsyncIo();
  backline::ipc::Connection connection(*io.lowLevelProvider, backline::transport::Fd(3),
                                       kj::heap<backline::FakeAudio>(io.provider->getTimer(), argc < 2 || std::strcmp(argv[1], "--blind") != 0));
  connection.onDisconnect().wait(io.waitScope);
  return 0;
}

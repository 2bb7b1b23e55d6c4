#include "tests/host/host_process.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

namespace backline::host::test {
namespace {

constexpr int kPatience = 10000;   // turns without progress, which only a failing test has

void pause() { std::this_thread::sleep_for(std::chrono::milliseconds(1)); }

}  // namespace

const char* const SessionOffer::kNames[kPlaces] = {"commands", "commandNotify", "notices", "noticeNotify", "timing", "ring", "refill", "costs", "output", "blackBox"};

SessionOffer::SessionOffer(const Format& wanted)
    : format(wanted), ring(transport::createRingStream("test-ring", {wanted.channels, wanted.sampleRate, wanted.capacityFrames, wanted.overflow})) {
  const transport::Fd* const whole[kPlaces] = {&channel.commandMemory().fd(), &channel.commandNotify().fd(), &channel.noticeMemory().fd(),
                                               &channel.noticeNotify().fd(),  &timing.fd(),                  &ring.fd(),
                                               &refill.fd(),            &costs.fd(),                   &output.fd(),                &blackBox.fd()};
  for (int i = 0; i < kPlaces; ++i) fds[i] = whole[i]->duplicate();
}

HostProcess::HostProcess()
    : process_(ipc::HelperProcess::start({BACKLINE_BINARIES "/backline-render"}, "backline-render")),
      connection_(kj::heap<ipc::Connection>(*io_.lowLevelProvider, process_.takeSocket())) {}

HostProcess::~HostProcess() noexcept(false) {
  connection_ = nullptr;
  process_.finish(3000);
}

kj::Promise<ipc::RenderSession::Client> HostProcess::createSession(SessionOffer& offer) {
  auto request = connection_->bootstrap().castAs<ipc::RenderHost>().createSessionRequest();
  auto config = request.initConfig();
  config.setSampleRate(offer.format.sampleRate);
  config.setChannels(offer.format.channels);
  config.setQuantum(offer.format.quantum);
  config.setCallbackFrames(offer.format.callbackFrames);
  const auto give = [&](int place) { return ipc::describe(offer.fds[place].duplicate()); };
  request.setCommands(give(SessionOffer::commands));
  request.setCommandNotify(give(SessionOffer::commandNotify));
  request.setNotices(give(SessionOffer::notices));
  request.setNoticeNotify(give(SessionOffer::noticeNotify));
  request.setTiming(give(SessionOffer::timingPage));
  request.setRing(give(SessionOffer::ringStream));
  request.setRefill(give(SessionOffer::refillNotify));
  request.setCosts(give(SessionOffer::costsPage));
  request.setOutput(give(SessionOffer::outputPage));
  request.setBlackBox(give(SessionOffer::blackBoxPage));
  return request.send().then([](auto&& answer) { return answer.getSession(); });
}

std::string HostProcess::refusal(SessionOffer& offer) {
  try {
    createSession(offer).wait(scope());
    return "";
  } catch (const kj::Exception& exception) {
    return ipc::errorText(exception);
  }
}

bool HostProcess::turnUntil(const std::function<bool()>& done) {
  for (int i = 0; i < kPatience; ++i) {
    if (done()) return true;
    io_.waitScope.poll();
    pause();
  }
  return false;
}

std::size_t HostProcess::descriptors() const {
  const std::filesystem::directory_iterator open("/proc/" + std::to_string(pid()) + "/fd");
  return static_cast<std::size_t>(std::distance(begin(open), end(open)));
}

std::size_t HostProcess::mappings() const {
  std::ifstream maps("/proc/" + std::to_string(pid()) + "/maps");
  std::size_t count = 0;
  for (std::string line; std::getline(maps, line);) ++count;
  return count;
}

std::size_t HostProcess::privateKilobytes() const {
  std::ifstream status("/proc/" + std::to_string(pid()) + "/status");
  for (std::string word; status >> word;) {
    std::size_t kilobytes = 0;
    if (word == "RssAnon:" && status >> kilobytes) return kilobytes;
  }
  return 0;
}

HostedSession::HostedSession(HostProcess& host, const Format& format)
    : host_(host),
      offer_(format),
      reader_(again(offer_.ring)),
      status_(again(offer_.timing)),
      notices_(again(offer_.channel.noticeMemory())),
      session_(host.createSession(offer_).wait(host.scope())) {}

ipc::SessionStatus HostedSession::status() const {
  ipc::SessionStatus status;
  status_.read(status);
  return status;
}

bool HostedSession::applied(std::uint64_t sequence) {
  return host_.turnUntil([&] {
    offer_.channel.flush();
    return status().appliedSequence >= sequence;
  });
}

std::vector<float> HostedSession::play(std::uint32_t frames) {
  const std::uint32_t channels = reader_.format().channels;
  std::vector<float> heard(std::size_t{frames} * channels);
  std::uint32_t got = 0;
  for (int waited = 0; got < frames && waited < kPatience;) {
    const std::uint32_t taken = reader_.read(heard.data() + std::size_t{got} * channels, frames - got);
    got += taken;
    if (taken > 0) offer_.refill.signal();
    waited = taken > 0 ? 0 : waited + 1;
    if (taken == 0) pause();
  }
  EXPECT_EQ(got, frames) << "the session stopped playing";
  heard.resize(std::size_t{got} * channels);
  return heard;
}

std::vector<render::NoticeRecord> HostedSession::takeNotices() {
  std::vector<render::NoticeRecord> taken;
  std::vector<std::byte> message;
  while (notices_.read(message) == transport::BlockReader::Result::message)
    for (render::NoticeRecord& notice : render::decodeNotices(message)) taken.push_back(std::move(notice));
  return taken;
}

std::string HostedSession::failure() {
  std::string reason;
  host_.turnUntil([&] {
    for (const render::NoticeRecord& notice : takeNotices())
      if (const auto* failed = std::get_if<render::SessionFailed>(&notice.body)) reason = failed->reason;
    return !reason.empty();
  });
  return reason;
}

void playConstant(HostedSession& session, float value) {
  auto& batch = session.batch;
  batch.node(1, render::kDestination).node(2, render::kConstantSource).connect(2, 1).start(2, 0).setValue(2, 0, value, 0);
  session.commit(batch.run().takeBytes());
}

}  // namespace backline::host::test

#include "server_process.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sndfile.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>

namespace backline::audioserver::test {
namespace {

constexpr int kPatience = 30000;  // milliseconds without progress, which only a failing test has

}  // namespace

ipc::OutputStatus OpenSession::status() const {
  ipc::OutputStatus status;
  EXPECT_TRUE(page.read(status));
  return status;
}

std::uint32_t OpenSession::fill(const std::vector<float>& interleaved, std::uint32_t frame) {
  const std::uint32_t channels = ring.format().channels;
  const auto frames = static_cast<std::uint32_t>(interleaved.size() / channels);
  const std::uint32_t fitting = std::min(ring.space(), frames - frame);
  return frame + ring.write(interleaved.data() + std::size_t{frame} * channels, fitting);
}

void OpenSession::play(const std::vector<float>& interleaved) {
  const auto frames = static_cast<std::uint32_t>(interleaved.size() / ring.format().channels);
  std::uint32_t written = fill(interleaved, 0);
  ring.setState(transport::WriterState::running);
  while (written < frames || ring.fill() > 0) {
    if (written == frames) ring.setState(transport::WriterState::ended);
    ASSERT_TRUE(refill.wait(kPatience)) << "the device takes no frames; " << written << " of " << frames << " written";
    written = fill(interleaved, written);
  }
}

ipc::CaptureStatus OpenCapture::status() const {
  ipc::CaptureStatus status;
  EXPECT_TRUE(page.read(status));
  return status;
}

transport::TimelineMark OpenCapture::mark() const {
  transport::TimelineMark mark;
  EXPECT_TRUE(ring.mark(mark));
  return mark;
}

std::vector<float> OpenCapture::take(std::size_t frames) {
  std::vector<float> taken(frames * channels);
  std::size_t done = 0;
  while (done < frames) {
    const bool last = ring.writerState() == transport::WriterState::ended;
    const auto wanted = static_cast<std::uint32_t>(std::min<std::size_t>(frames - done, 4096));
    const std::uint32_t got = ring.read(taken.data() + done * channels, wanted);
    done += got;
    if (got > 0) continue;
    if (last) break;
    const bool more = written.wait(kPatience);
    EXPECT_TRUE(more) << "the device gives no frames; " << done << " of " << frames << " taken";
    if (!more) break;
  }
  taken.resize(done * channels);
  return taken;
}

ServerProcess::ServerProcess()
    : process_(ipc::HelperProcess::start({BACKLINE_AUDIO}, "backline-audio")),
      connection_(kj::heap<ipc::Connection>(*io_.lowLevelProvider, process_.takeSocket())),
      server_(connection_->bootstrap().castAs<ipc::AudioServer>()) {}

ServerProcess::~ServerProcess() noexcept(false) {
  if (connection_.get() != nullptr) hangUp();
}

int ServerProcess::hangUp(int milliseconds) {
  server_ = nullptr;
  connection_ = nullptr;
  if (!process_.pidFd()) return process_.finish(0);  // it has ended before
  pollfd ended{process_.pidFd().get(), POLLIN, 0};
  const bool inTime = poll(&ended, 1, milliseconds) == 1;
  const int status = process_.finish(0);
  return inTime ? status : -1;
}

OpenSession ServerProcess::open(const std::string& device, float sampleRate, std::uint32_t channels, std::uint32_t quantum, double latency) {
  auto request = server_.openOutputRequest();
  auto config = request.initConfig();
  config.setDevice(device.c_str());
  config.setSampleRate(sampleRate);
  config.setChannels(channels);
  config.setQuantum(quantum);
  config.setLatency(latency);
  auto answer = request.send().wait(scope());
  const auto memory = [&](ipc::Descriptor::Client descriptor) { return transport::SharedMemory::map(ipc::takeFd(descriptor).wait(scope())); };
  return {answer.getOutput(),
          transport::RingWriter(memory(answer.getRing())),
          transport::NotifyFd::adopt(ipc::takeFd(answer.getRefill()).wait(scope())),
          transport::PageReader<ipc::OutputStatus>(memory(answer.getPage())),
          answer.getDevice().getId().cStr(),
          answer.getSampleRate(),
          answer.getDevice().getMaxChannels(),
          answer.getCallbackFrames(),
          answer.getDeviceLatency()};
}

std::string ServerProcess::openError(const std::string& device, float sampleRate, std::uint32_t channels, std::uint32_t quantum, double latency) {
  try {
    open(device, sampleRate, channels, quantum, latency);
    return "";
  } catch (const kj::Exception& error) {
    return ipc::errorText(error);
  }
}

OpenCapture ServerProcess::capture(const std::string& device, std::uint32_t channels, std::uint32_t capacity, ipc::CaptureConfig::Overflow overflow) {
  auto request = server_.openCaptureRequest();
  auto config = request.initConfig();
  config.setDevice(device.c_str());
  config.setChannels(channels);
  config.setCapacityFrames(capacity);
  config.setOverflow(overflow);
  auto answer = request.send().wait(scope());
  const auto memory = [&](ipc::Descriptor::Client descriptor) { return transport::SharedMemory::map(ipc::takeFd(descriptor).wait(scope())); };
  return {answer.getCapture(),
          transport::RingReader(memory(answer.getRing())),
          transport::NotifyFd::adopt(ipc::takeFd(answer.getWritten()).wait(scope())),
          transport::PageReader<ipc::CaptureStatus>(memory(answer.getPage())),
          answer.getDevice().getId().cStr(),
          answer.getDevice().getClock().cStr(),
          answer.getSampleRate(),
          answer.getChannels(),
          answer.getLatency()};
}

std::string ServerProcess::captureError(const std::string& device, std::uint32_t channels, std::uint32_t capacity, std::uint16_t overflow) {
  try {
    capture(device, channels, capacity, static_cast<ipc::CaptureConfig::Overflow>(overflow));
    return "";
  } catch (const kj::Exception& error) {
    return ipc::errorText(error);
  }
}

void ServerProcess::startTap(const std::string& path, std::uint64_t frames) {
  auto request = server_.startTapRequest();
  request.setPath(path.c_str());
  request.setFrames(frames);
  request.send().wait(scope());
}

std::uint64_t ServerProcess::finishTap() {
  auto answer = server_.finishTapRequest().send().wait(scope());
  EXPECT_EQ(answer.getDropped(), 0u) << "frames dropped by the tap";
  return answer.getFrames();
}

TemporaryFolder::TemporaryFolder() {
  std::string name = std::filesystem::temp_directory_path() / "backline-test-XXXXXX";
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp " + name);
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

Recording readWav(const std::string& path) {
  SF_INFO info{};
  SNDFILE* file = sf_open(path.c_str(), SFM_READ, &info);
  if (file == nullptr) {
    ADD_FAILURE() << path << ": " << sf_strerror(nullptr);
    return {};
  }
  const int type = info.format & SF_FORMAT_TYPEMASK;
  EXPECT_TRUE(type == SF_FORMAT_WAV || type == SF_FORMAT_WAVEX) << "no WAV: " << std::hex << info.format;
  EXPECT_EQ(info.format & SF_FORMAT_SUBMASK, SF_FORMAT_FLOAT);
  Recording recording{std::vector<float>(static_cast<std::size_t>(info.frames * info.channels)), static_cast<std::uint32_t>(info.channels),
                      static_cast<std::uint32_t>(info.samplerate)};
  EXPECT_EQ(sf_readf_float(file, recording.samples.data(), info.frames), info.frames);
  sf_close(file);
  return recording;
}

std::ptrdiff_t findSound(const std::vector<float>& sound, const std::vector<float>& recording, std::uint32_t channels) {
  std::size_t furthest = 0;
  for (std::size_t at = 0; at + sound.size() <= recording.size(); at += channels) {
    std::size_t same = 0;
    while (same < sound.size() && recording[at + same] == sound[same]) ++same;
    if (same == sound.size()) return static_cast<std::ptrdiff_t>(at / channels);
    furthest = std::max(furthest, same);
  }
  ADD_FAILURE() << "the sound of " << sound.size() / channels << " frames is not in the " << recording.size() / channels
                << " frames recorded; at most its first " << furthest / channels << " frames are";
  return -1;
}

}  // namespace backline::audioserver::test

#include "sound_server.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>

namespace backline::audioserver::test {
namespace {

using backline::test::ChildProcess;

constexpr int kTries = 1500;  // of 10 ms

void pause() { std::this_thread::sleep_for(std::chrono::milliseconds(10)); }

/// A child that runs a program, its output in a file.
std::unique_ptr<ChildProcess> run(std::vector<std::string> command, const std::string& log) {
  return std::make_unique<ChildProcess>([&command, &log] {
    const int file = open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    dup2(file, STDOUT_FILENO);
    dup2(file, STDERR_FILENO);
    std::vector<char*> arguments;
    for (std::string& argument : command) arguments.push_back(argument.data());
    arguments.push_back(nullptr);
    execvp(arguments[0], arguments.data());
    return 127;
  });
}

void end(ChildProcess& process) {
  ::kill(process.pid(), SIGTERM);
  process.wait();
}

/// Gives this process and its children a /dev/shm of their own, where JACK keeps its servers: what other servers left there, those that
/// were killed too, is then out of sight, and ours leave nothing. Only root may; once a process.
bool ownSharedMemory() {
  static const bool owned = unshare(CLONE_NEWNS) == 0 && mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                            mount("tmpfs", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, nullptr) == 0;
  return owned;
}

/// Where /dev/shm is everybody's, the first of a few names that no other test uses at the moment. They are few because JACK remembers
/// the names of eight servers, those that were killed too, until a server of the same name ends in order.
std::string claimName(transport::Fd& claim) {
  if (ownSharedMemory()) return "backline-test";
  for (int number = 0; number < 4; ++number) {
    const std::string name = "backline-test-" + std::to_string(number);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    name.copy(address.sun_path + 1, sizeof address.sun_path - 1);  // abstract: gone with the process
    claim = transport::Fd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (bind(claim.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return name;
  }
  throw std::runtime_error("four JACK tests are running already");
}

void silentJack(const char*) {}

}  // namespace

bool installed(const std::string& program) {
  const std::string path = getenv("PATH") == nullptr ? "/usr/bin" : getenv("PATH");
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find(':', begin), path.size());
    if (access((path.substr(begin, end - begin) + "/" + program).c_str(), X_OK) == 0) return true;
    begin = end + 1;
  }
  return false;
}

JackServer::JackServer() : name_(claimName(claim_)) {
  setenv("JACK_NO_AUDIO_RESERVATION", "1", 1);
  setenv("JACK_DEFAULT_SERVER", name_.c_str(), 1);
  setenv("JACK_NO_START_SERVER", "1", 1);
  jack_set_error_function(silentJack);
  start();
  await();
}

void JackServer::start(std::uint32_t rate) {
  // -S: the server waits for its clients, so that a loaded machine does not lose frames.
  std::vector<std::string> command{"jackd", "--name", name_, "-S", "--no-mlock"};
  if (geteuid() == 0) {
    command.insert(command.end(), {"-R", "-P", "70"});
  } else {
    command.push_back("-r");
  }
  command.insert(command.end(), {"-d", "dummy", "-r", std::to_string(rate), "-p", std::to_string(kPeriod)});
  process_ = run(command, folder_.path("log"));
}

void JackServer::await() {
  for (int tries = 0; tries < kTries; ++tries) {
    if (jack_client_t* client = jack_client_open("probe", JackNoStartServer, nullptr)) {
      jack_client_close(client);
      return;
    }
    pause();
  }
  std::ifstream log(folder_.path("log"));
  throw std::runtime_error("jackd does not come up: " + std::string(std::istreambuf_iterator<char>(log), {}));
}

void JackServer::kill() {
  process_->kill();
  killed_ = true;
}

void JackServer::restart(std::uint32_t rate) {
  start(rate);
  await();
  killed_ = false;
}

JackServer::~JackServer() {
  if (killed_) {
    // Another of its name, ended in order, clears away what it left in /dev/shm.
    start();
    try {
      await();
    } catch (const std::exception& error) {
      ADD_FAILURE() << error.what();
    }
  }
  end(*process_);
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/dev/shm", ignored)) {
    if (entry.path().filename().string().find("_" + name_ + "_") != std::string::npos) std::filesystem::remove_all(entry.path(), ignored);
  }
}

void JackServer::connectBackline() {
  jack_client_t* client = jack_client_open("patchbay", JackNoStartServer, nullptr);
  ASSERT_NE(client, nullptr);
  const auto ports = [client](const char* pattern) {
    std::vector<std::string> result;
    const char** names = jack_get_ports(client, pattern, JACK_DEFAULT_AUDIO_TYPE, 0);
    for (const char** name = names; name != nullptr && *name != nullptr; ++name) result.push_back(*name);
    jack_free(names);
    return result;
  };
  const auto outputs = ports("^Backline.*_out_"), inputs = ports("^Backline.*_in_");
  EXPECT_EQ(outputs.size(), inputs.size());
  for (std::size_t i = 0; i < std::min(outputs.size(), inputs.size()); ++i) {
    jack_port_disconnect(client, jack_port_by_name(client, inputs[i].c_str()));
    EXPECT_EQ(jack_connect(client, outputs[i].c_str(), inputs[i].c_str()), 0) << outputs[i] << " to " << inputs[i];
  }
  jack_client_close(client);
}

JackCapture::JackCapture(const JackServer&, std::uint32_t frames)
    : client_(jack_client_open("capture", JackNoStartServer, nullptr)), heard_(std::size_t{frames} * 2) {
  if (client_ == nullptr) throw std::runtime_error("no JACK client");
  ports_[0] = jack_port_register(client_, "left", JACK_DEFAULT_AUDIO_TYPE, JackPortIsInput, 0);
  ports_[1] = jack_port_register(client_, "right", JACK_DEFAULT_AUDIO_TYPE, JackPortIsInput, 0);
  jack_set_process_callback(client_, &process, this);
  jack_activate(client_);
}

JackCapture::~JackCapture() { jack_client_close(client_); }

int JackCapture::process(jack_nframes_t frames, void* self) {
  auto& capture = *static_cast<JackCapture*>(self);
  const std::uint32_t at = capture.frames_.load(std::memory_order_relaxed);
  if (std::size_t{at + frames} * 2 > capture.heard_.size()) return 0;
  for (int channel = 0; channel < 2; ++channel) {
    const auto* in = static_cast<const float*>(jack_port_get_buffer(capture.ports_[channel], frames));
    for (jack_nframes_t i = 0; i < frames; ++i) capture.heard_[std::size_t{at + i} * 2 + static_cast<std::size_t>(channel)] = in[i];
  }
  capture.frames_.store(at + frames, std::memory_order_release);
  return 0;
}

void JackCapture::connect() {
  const char** names = jack_get_ports(client_, nullptr, JACK_DEFAULT_AUDIO_TYPE, JackPortIsOutput);
  int connected = 0;
  for (const char** name = names; name != nullptr && *name != nullptr && connected < 2; ++name) {
    if (std::string(*name).starts_with("system:")) continue;
    ASSERT_EQ(jack_connect(client_, *name, jack_port_name(ports_[connected])), 0) << *name;
    ++connected;
  }
  jack_free(names);
  ASSERT_EQ(connected, 2) << "the server has too few ports";
}

std::vector<float> JackCapture::take(std::uint32_t frames) {
  for (int tries = 0; tries < kTries && frames_.load(std::memory_order_acquire) < frames; ++tries) pause();
  const std::uint32_t there = frames_.load(std::memory_order_acquire);
  return {heard_.begin(), heard_.begin() + static_cast<std::ptrdiff_t>(there) * 2};
}

PulseServer::PulseServer() {
  const std::string socket = folder_.path("native");
  std::ofstream(folder_.path("script.pa")) << "load-module module-native-protocol-unix auth-anonymous=1 socket=" << socket << "\n"
                                           << "load-module module-null-sink sink_name=out rate=48000 channels=2 format=float32le norewinds=1\n"
                                           << "load-module module-null-sink sink_name=wide rate=44100 channels=6 format=float32le norewinds=1\n"
                                           << "set-default-sink out\n";
  setenv("XDG_RUNTIME_DIR", folder_.path("").c_str(), 1);
  setenv("PULSE_SERVER", ("unix:" + socket).c_str(), 1);
  setenv("PULSE_COOKIE", folder_.path("cookie").c_str(), 1);
  restart();
}

void PulseServer::restart() {
  process_ = run({"pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--disable-shm=yes", "--high-priority=yes",
                  "--realtime=yes", "-F", folder_.path("script.pa")},
                 folder_.path("log"));
  for (int tries = 0; tries < kTries; ++tries) {
    const auto info = run({"pactl", "get-default-sink"}, folder_.path("sink"));
    if (info->wait() == 0) return;
    pause();
  }
  std::ifstream log(folder_.path("log"));
  throw std::runtime_error("pulseaudio does not come up: " + std::string(std::istreambuf_iterator<char>(log), {}));
}

PulseServer::~PulseServer() { end(*process_); }

std::string PulseServer::control(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "pactl");
  const std::string path = folder_.path("answer");
  const auto pactl = run(arguments, path);
  const int status = pactl->wait();
  std::ifstream answer(path);
  std::string text(std::istreambuf_iterator<char>(answer), {});
  EXPECT_EQ(status, 0) << text;
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

PulseCapture::PulseCapture(const PulseServer& server, const std::string& source, std::uint32_t channels)
    : path_(server.folder().path("captured.raw")), channels_(channels) {
  process_ = run({"parec", "--raw", "--format=float32le", "--device=" + source, "--rate=48000", "--channels=" + std::to_string(channels),
                  "--latency-msec=20", "--no-remap"},
                 path_);
  take(1);
}

PulseCapture::~PulseCapture() { end(*process_); }

std::vector<float> PulseCapture::take(std::size_t frames) {
  const std::size_t bytes = frames * channels_ * sizeof(float);
  for (int tries = 0; tries < kTries; ++tries) {
    std::error_code ignored;
    const auto size = std::filesystem::file_size(path_, ignored);
    if (!ignored && size >= bytes) break;
    pause();
  }
  std::vector<float> heard(std::filesystem::file_size(path_) / sizeof(float));
  std::ifstream(path_, std::ios::binary).read(reinterpret_cast<char*>(heard.data()), static_cast<std::streamsize>(heard.size() * sizeof(float)));
  return heard;
}

}  // namespace backline::audioserver::test

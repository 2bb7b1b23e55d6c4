// backline-audio: owns the sound devices of one program and mixes its sessions into them. Serves ipc::AudioServer on
// descriptor 3 and ends when that hangs up. Runs no code of the program.

#include <fcntl.h>
#include <kj/async-unix.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include <cstdio>
#include <exception>

#include "audioserver/server.h"
#include "ipc/connection.h"
#include "ipc/exit_watch.h"

namespace {

using namespace backline;

constexpr int kSocketFd = 3;
constexpr int kGraceMilliseconds = 3000;

/// A backend is used if its server answers; none is ever started.
void startNoServers() {
  setenv("JACK_NO_START_SERVER", "1", 1);
  setenv("PULSE_BINARY", "/bin/false", 1);
}

void run() {
  kj::UnixEventPort::captureSignal(SIGTERM);
  for (const int ignored : {SIGPIPE, SIGINT, SIGHUP, SIGXFSZ}) signal(ignored, SIG_IGN);

  transport::Fd socket(kSocketFd);
  auto io = kj::setupAsyncIo();
  auto& timer = io.provider->getTimer();
  const ipc::ExitWatch exitWatch(socket, kGraceMilliseconds);
  const audioserver::DeviceCatalog catalog;
  audioserver::Outputs outputs(catalog);
  audioserver::Inputs inputs(catalog, outputs);
  audioserver::DeviceNotices notices;
  auto connection = kj::heap<ipc::Connection>(*io.lowLevelProvider, std::move(socket),
                                              kj::heap<audioserver::Server>(catalog, outputs, inputs, notices, timer));
  auto tending = audioserver::tendForever(outputs, inputs, notices, timer).eagerlyEvaluate(nullptr);

  auto terminated = io.unixEventPort.onSignal(SIGTERM).ignoreResult();
  connection->onDisconnect().exclusiveJoin(kj::mv(terminated)).wait(io.waitScope);
  tending = nullptr;
  connection = nullptr;
  audioserver::fadeOut(outputs, timer).wait(io.waitScope);
}

}  // namespace

int main() {
  prctl(PR_SET_NAME, "backline-audio");
  struct stat info;
  if (fstat(kSocketFd, &info) != 0 || !S_ISSOCK(info.st_mode)) {
    std::fputs("backline-audio is started by a Backline program, with a socket as descriptor 3\n", stderr);
    return 1;
  }
  fcntl(kSocketFd, F_SETFD, FD_CLOEXEC);
  startNoServers();
  try {
    run();
    return 0;
  } catch (const kj::Exception& error) {
    std::fprintf(stderr, "backline-audio: %s\n", ipc::errorText(error).c_str());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "backline-audio: %s\n", error.what());
  }
  return 1;
}

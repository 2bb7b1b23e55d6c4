#include "ipc/exit_watch.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace backline::ipc {

ExitWatch::ExitWatch(const transport::Fd& socket, int graceMilliseconds)
    : graceMilliseconds_(graceMilliseconds), socket_(socket.duplicate()), stop_(eventfd(0, EFD_CLOEXEC)), thread_([this] { watch(); }) {}

ExitWatch::~ExitWatch() {
  eventfd_write(stop_.get(), 1);
  thread_.join();
}

void ExitWatch::watch() {
  pthread_setname_np(pthread_self(), "exit-watch");
  pollfd entries[2] = {{socket_.get(), POLLRDHUP, 0}, {stop_.get(), POLLIN, 0}};
  while (poll(entries, 2, -1) <= 0) {
  }
  if (entries[1].revents == 0) {
    while (poll(&entries[1], 1, graceMilliseconds_) < 0) {
    }
  }
  if (entries[1].revents == 0) _exit(1);
}

}  // namespace backline::ipc

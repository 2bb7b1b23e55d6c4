#include "script/inspector_hub.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace backline::script {

namespace {

struct Header {
  std::uint32_t bytes;   ///< that follow the header
  std::uint32_t kind, number;
};
static_assert(sizeof(Header) == 12);

constexpr std::uint32_t kMostBytes = 64 << 20;
constexpr std::size_t kAtOnce = 65536;

bool wouldBlock() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

}  // namespace

InspectorHub::InspectorHub(transport::Fd socket) : socket_(std::move(socket)), queued_(transport::NotifyFd::create()) {
  fcntl(socket_.get(), F_SETFL, O_NONBLOCK);
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "inspector");
    run();
  });
}

InspectorHub::~InspectorHub() {
  {
    const std::scoped_lock lock(mutex_);
    ending_ = true;
  }
  queued_.signal();
  thread_.join();
}

std::uint32_t InspectorHub::add(Target& target) {
  std::uint32_t number;
  {
    const std::scoped_lock lock(mutex_);
    number = ++last_;
    targets_.emplace(number, &target);
  }
  send(Kind::added, number, {});
  return number;
}

void InspectorHub::remove(std::uint32_t number) {
  {
    const std::scoped_lock lock(mutex_);
    targets_.erase(number);
    std::erase_if(channels_, [number](const auto& channel) { return channel.second == number; });
  }
  send(Kind::gone, number, {});
}

void InspectorHub::send(Kind kind, std::uint32_t number, std::span<const std::byte> bytes) {
  const Header header{static_cast<std::uint32_t>(bytes.size()), static_cast<std::uint32_t>(kind), number};
  const auto head = std::as_bytes(std::span(&header, 1));
  {
    const std::scoped_lock lock(mutex_);
    outgoing_.insert(outgoing_.end(), head.begin(), head.end());
    outgoing_.insert(outgoing_.end(), bytes.begin(), bytes.end());
  }
  queued_.signal();
}

void InspectorHub::run() {
  for (;;) {
    const bool writes = !own_.outgoing.empty();
    pollfd watched[] = {{socket_.get(), static_cast<short>(writes ? POLLIN | POLLOUT : POLLIN), 0}, {queued_.fd().get(), POLLIN, 0}};
    if (poll(watched, 2, -1) < 0 && errno != EINTR) return;
    queued_.drain();
    {
      const std::scoped_lock lock(mutex_);
      if (ending_) return;
      if (own_.outgoing.empty()) own_.outgoing.swap(outgoing_);
    }
    if (!write() || !read()) return endChannels();
  }
}

/// Who stands at a breakpoint goes on.
void InspectorHub::endChannels() {
  const std::scoped_lock lock(mutex_);
  for (const auto& [channel, target] : std::exchange(channels_, {})) targets_.at(target)->take({Kind::close, channel, {}});
}

/// False if the other end has gone.
bool InspectorHub::write() {
  auto& [incoming, outgoing, written] = own_;
  while (written < outgoing.size()) {
    const ssize_t count = ::send(socket_.get(), outgoing.data() + written, outgoing.size() - written, MSG_NOSIGNAL);
    if (count < 0) return wouldBlock();
    written += static_cast<std::size_t>(count);
  }
  written = 0;
  outgoing.clear();
  const std::scoped_lock lock(mutex_);
  if (!outgoing_.empty()) queued_.signal();
  return true;
}

bool InspectorHub::read() {
  std::vector<std::byte>& incoming = own_.incoming;
  for (;;) {
    const std::size_t before = incoming.size();
    incoming.resize(before + kAtOnce);
    const ssize_t count = ::recv(socket_.get(), incoming.data() + before, kAtOnce, 0);
    incoming.resize(before + (count > 0 ? static_cast<std::size_t>(count) : 0));
    if (count == 0) return false;
    if (count < 0) {
      if (!wouldBlock()) return false;
      break;
    }
  }
  std::size_t at = 0;
  while (incoming.size() - at >= sizeof(Header)) {
    Header header;
    std::memcpy(&header, incoming.data() + at, sizeof header);
    if (header.bytes > kMostBytes) return false;
    if (incoming.size() - at - sizeof header < header.bytes) break;
    const auto* bytes = incoming.data() + at + sizeof header;
    deliver({static_cast<Kind>(header.kind), header.number, {bytes, bytes + header.bytes}});
    at += sizeof header + header.bytes;
  }
  incoming.erase(incoming.begin(), incoming.begin() + static_cast<std::ptrdiff_t>(at));
  return true;
}

void InspectorHub::deliver(Message message) {
  const std::scoped_lock lock(mutex_);
  if (message.kind == Kind::open) {
    std::uint32_t target = 0;
    if (message.bytes.size() != sizeof target) return;
    std::memcpy(&target, message.bytes.data(), sizeof target);
    if (targets_.contains(target)) channels_[message.number] = target;
  }
  const auto channel = channels_.find(message.number);
  if (channel == channels_.end()) return;
  Target* target = targets_.at(channel->second);
  if (message.kind == Kind::close) channels_.erase(channel);
  target->take(std::move(message));
}

}  // namespace backline::script

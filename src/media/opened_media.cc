#include "media/opened_media.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "media/av.h"
#include "media/media_failure.h"
#include "media/passed_sound.h"
#include "transport/error.h"

namespace backline::media {

namespace {

using transport::Fd;

constexpr const char* kNetworkPatience = "15000000";   // microseconds without a byte

[[noreturn]] void refuse(const MediaLocation& location, const std::string& why) { throw MediaFailure(MediaErrorCode::srcNotSupported, location.name + ": " + why); }

Fd openFile(const MediaLocation& location) {
  Fd file(open(location.address.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));   // a pipe is not waited for
  struct stat status {};
  if (!file || fstat(file.get(), &status) != 0) refuse(location, std::strerror(errno));
  const char* wrong = S_ISREG(status.st_mode)   ? (status.st_size == 0 ? "is empty" : nullptr)
                      : S_ISDIR(status.st_mode)  ? "is no file, but a directory"
                      : S_ISFIFO(status.st_mode) ? "is no file, but a pipe; write what comes out of it to a file first"
                                                 : "is no file";
  if (wrong != nullptr) refuse(location, wrong);
  return file;
}

}  // namespace

OpenedMedia::OpenedMedia(const MediaLocation& location, std::function<bool()> interrupted) : interrupted_(std::move(interrupted)) {
  if (location.kind == MediaLocation::Kind::file) {
    file_ = openFile(location);
    return;
  }
  if (location.kind == MediaLocation::Kind::memory) {
    if (location.bytes->empty()) refuse(location, "is empty");
    try {
      file_ = passedFile(*location.bytes);
    } catch (const transport::TransportError& error) {
      refuse(location, error.what());
    }
    return;
  }
  av_log_set_level(AV_LOG_QUIET);   // what there is to say, the errors say
  AVDictionary* options = nullptr;
  av_dict_set(&options, "protocol_whitelist", "http,https,httpproxy,tcp,tls", 0);
  av_dict_set(&options, "rw_timeout", kNetworkPatience, 0);
  const AVIOInterruptCB interruption{&OpenedMedia::ask, this};
  const int error = avio_open2(&network_, location.address.c_str(), AVIO_FLAG_READ, &interruption, &options);
  av_dict_free(&options);
  if (error < 0) refuse(location, "cannot be opened: " + avText(error));
}

OpenedMedia::~OpenedMedia() {
  if (network_) avio_closep(&network_);
}

std::optional<std::uint64_t> OpenedMedia::size() const {
  const std::int64_t size = avio_size(network_);
  return size >= 0 ? std::optional(static_cast<std::uint64_t>(size)) : std::nullopt;
}

bool OpenedMedia::isSeekable() const { return (network_->seekable & AVIO_SEEKABLE_NORMAL) != 0; }

std::ptrdiff_t OpenedMedia::read(std::uint64_t offset, std::span<std::byte> out) {
  const auto place = static_cast<std::int64_t>(offset);
  if (avio_tell(network_) != place) {
    if (const std::int64_t found = avio_seek(network_, place, SEEK_SET); found < 0) return static_cast<std::ptrdiff_t>(found);
  }
  const int count = avio_read_partial(network_, reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(out.size()));
  return count == AVERROR_EOF ? 0 : count;
}

int OpenedMedia::ask(void* self) { return static_cast<OpenedMedia*>(self)->interrupted_() ? 1 : 0; }

}  // namespace backline::media

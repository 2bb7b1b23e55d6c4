#include "media/media_io.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "media/media_failure.h"

namespace backline::media {

namespace {

constexpr const char* kNetworkPatience = "15000000";   // microseconds without a byte

void requireFile(const MediaLocation& location) {
  struct stat status {};
  if (stat(location.address.c_str(), &status) != 0) {
    throw MediaFailure(MediaErrorCode::srcNotSupported, location.name + ": " + std::strerror(errno));
  }
  const char* wrong = S_ISREG(status.st_mode)   ? (status.st_size == 0 ? "is empty" : nullptr)
                      : S_ISDIR(status.st_mode)  ? "is no file, but a directory"
                      : S_ISFIFO(status.st_mode) ? "is no file, but a pipe; write what comes out of it to a file first"
                                                 : "is no file";
  if (wrong != nullptr) throw MediaFailure(MediaErrorCode::srcNotSupported, location.name + ": " + wrong);
}

}  // namespace

MediaIo::MediaIo(const MediaLocation& location, std::function<bool()> interrupted) : interrupted_(std::move(interrupted)) {
  av_log_set_level(AV_LOG_QUIET);   // what there is to say, the errors say
  if (location.kind == MediaLocation::Kind::memory) {
    memory_ = std::make_unique<MemoryIo>(*location.bytes);
    return;
  }
  const bool isFile = location.kind == MediaLocation::Kind::file;
  if (isFile) requireFile(location);
  const std::string url = isFile ? "file:" + location.address : location.address;
  AVDictionary* options = nullptr;
  av_dict_set(&options, "protocol_whitelist", isFile ? "file" : "http,https,httpproxy,tcp,tls", 0);
  if (!isFile) av_dict_set(&options, "rw_timeout", kNetworkPatience, 0);
  const AVIOInterruptCB interruption = this->interruption();
  const int error = avio_open2(&opened_, url.c_str(), AVIO_FLAG_READ, &interruption, &options);
  av_dict_free(&options);
  if (error < 0) throw MediaFailure(MediaErrorCode::srcNotSupported, location.name + ": cannot be opened: " + avText(error));
}

MediaIo::~MediaIo() {
  if (opened_) avio_closep(&opened_);
}

int MediaIo::ask(void* self) { return static_cast<MediaIo*>(self)->interrupted_() ? 1 : 0; }

}  // namespace backline::media

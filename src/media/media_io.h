#pragma once

#include <functional>
#include <memory>
#include <string>

#include "media/av.h"
#include "media/media_location.h"
#include "media/memory_io.h"

namespace backline::media {

/// The bytes of a location as FFmpeg reads them. Throws MediaFailure if they cannot be had.
class MediaIo {
 public:
  MediaIo(const MediaLocation& location, std::function<bool()> interrupted);
  ~MediaIo();
  MediaIo(const MediaIo&) = delete;
  MediaIo& operator=(const MediaIo&) = delete;

  AVIOContext* context() const { return memory_ ? memory_->context() : opened_; }
  AVIOInterruptCB interruption() const { return {&MediaIo::ask, const_cast<MediaIo*>(this)}; }

 private:
  static int ask(void* self);

  std::function<bool()> interrupted_;
  std::unique_ptr<MemoryIo> memory_;
  AVIOContext* opened_ = nullptr;
};

}  // namespace backline::media

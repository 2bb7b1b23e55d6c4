#include "media/passed_sound.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include "control/errors.h"
#include "media/sound_decoding.h"
#include "render/block.h"
#include "transport/error.h"

namespace backline::media {

namespace {

using transport::Fd;
using transport::TransportError;

constexpr std::uint64_t kLetGo = 64 << 20;   // bytes of samples, after which the memory of those that were read goes back

[[noreturn]] void fail(const std::string& what) { throw TransportError(what + ": " + std::strerror(errno)); }

Fd sealable(const char* name) {
  Fd fd(memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd) fail("no memory can be shared");
  return fd;
}

}  // namespace

Fd passedFile(std::span<const std::byte> bytes) {
  Fd fd = sealable("backline-file");
  while (!bytes.empty()) {
    const ssize_t count = write(fd.get(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) fail("a file of " + std::to_string(bytes.size()) + " bytes cannot be passed on");
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  if (fcntl(fd.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) != 0) fail("a file cannot be sealed");
  return fd;
}

Fd emptySamples() {
  Fd fd = sealable("backline-samples");
  if (fcntl(fd.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_SEAL) != 0) fail("memory for samples cannot be sealed");
  return fd;
}

std::vector<transport::Samples> readSamples(const Fd& fd, const DecodeReply& reply) {
  const std::uint64_t channels = reply.channels, frames = reply.frames, written = reply.written;
  if (channels < 1 || channels > render::kMaxChannels || frames < 1 || frames > written || written > kMostDecodedSamples / channels) {
    throw TransportError("the process that decoded the data tells of " + std::to_string(channels) + " channels of " + std::to_string(frames) + " frames in " +
                         std::to_string(written));
  }
  struct stat info {};
  if (fstat(fd.get(), &info) != 0) fail("the samples have no size");
  if (static_cast<std::uint64_t>(info.st_size) != written * channels * sizeof(float)) {
    throw TransportError("the process that decoded the data left " + std::to_string(info.st_size) + " bytes of samples and tells of " + std::to_string(written) + " frames");
  }
  std::vector<transport::Samples> samples;
  for (std::size_t c = 0; c < channels; ++c) {
    samples.push_back(transport::silence(frames));
    if (!samples.back()) throw RangeError("there is no memory for " + std::to_string(channels) + " channels of " + std::to_string(frames) + " frames");
    transport::expectFilled(samples.back(), frames);
  }
  std::array<iovec, render::kMaxChannels> rows;
  std::uint64_t letGo = 0;
  for (std::uint64_t from = 0; from < frames; from += kDecodedBlockFrames) {
    // The planes of a block are as long as the block; of the last, fewer frames may be wanted than it has.
    const std::uint64_t inBlock = std::min<std::uint64_t>(kDecodedBlockFrames, written - from), wanted = std::min(inBlock, frames - from);
    const std::uint64_t at = from * channels * sizeof(float);
    const std::size_t bytes = wanted * sizeof(float);
    if (wanted == inBlock) {
      for (std::size_t c = 0; c < channels; ++c) rows[c] = {samples[c].get() + from, bytes};
      if (preadv(fd.get(), rows.data(), static_cast<int>(channels), static_cast<off_t>(at)) != static_cast<ssize_t>(bytes * channels)) fail("samples cannot be read");
    } else {
      for (std::size_t c = 0; c < channels; ++c) {
        const std::uint64_t plane = at + c * inBlock * sizeof(float);
        if (pread(fd.get(), samples[c].get() + from, bytes, static_cast<off_t>(plane)) != static_cast<ssize_t>(bytes)) fail("samples cannot be read");
      }
    }
    if (at - letGo < kLetGo) continue;
    fallocate(fd.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(letGo), static_cast<off_t>(at - letGo));
    letGo = at;
  }
  return samples;
}

}  // namespace backline::media

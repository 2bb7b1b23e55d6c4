#include "media/decode_guest.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <new>
#include <optional>
#include <stdexcept>

#include "control/errors.h"
#include "media/decode_protocol.h"
#include "media/decode_walls.h"
#include "media/sound_decoding.h"
#include "media/stream_guest.h"
#include "render/block.h"

namespace backline::media {

namespace {

/// Writes samples as blocks of planes, one after the other: nobody knows before how many there will be.
class BlockSink final : public PlanarSink {
 public:
  explicit BlockSink(int fd) : fd_(fd) {}

  void take(std::span<const float* const> channels, std::size_t frames) override {
    if (block_.empty()) {
      channels_ = channels.size();
      block_.resize(channels_ * kDecodedBlockFrames);
    }
    for (std::size_t from = 0; from < frames;) {
      const std::size_t count = std::min(frames - from, kDecodedBlockFrames - filled_);
      for (std::size_t c = 0; c < channels_; ++c) std::memcpy(plane(c) + filled_, channels[c] + from, count * sizeof(float));
      filled_ += count;
      from += count;
      if (filled_ == kDecodedBlockFrames) writeBlock();
    }
  }
  /// How many frames there are in the end.
  std::uint64_t finish() {
    if (filled_ > 0) writeBlock();
    return written_;
  }

 private:
  float* plane(std::size_t channel) { return block_.data() + channel * kDecodedBlockFrames; }

  void writeBlock() {
    std::array<iovec, render::kMaxChannels> rows;
    const std::size_t bytes = filled_ * sizeof(float);
    for (std::size_t c = 0; c < channels_; ++c) rows[c] = {plane(c), bytes};
    const auto at = static_cast<off_t>(written_ * channels_ * sizeof(float));
    if (pwritev(fd_, rows.data(), static_cast<int>(channels_), at) != static_cast<ssize_t>(bytes * channels_)) {
      throw std::runtime_error(std::string("the samples cannot be kept: ") + std::strerror(errno));
    }
    written_ += filled_;
    filled_ = 0;
  }

  const int fd_;
  std::vector<float> block_;
  std::size_t channels_ = 0, filled_ = 0;
  std::uint64_t written_ = 0;
};

DecodeReply refusal(const std::string& why) {
  DecodeReply reply;
  reply.outcome = DecodeOutcome::refused;
  reply.textBytes = static_cast<std::uint32_t>(std::min(why.size(), sizeof reply.text));
  std::memcpy(reply.text, why.data(), reply.textBytes);
  return reply;
}

DecodeReply decode(const DecodeRequest& request, std::span<const std::byte> file, int samples) {
  try {
    BlockSink sink(samples);
    const DecodedShape shape = decodeSound(file, static_cast<int>(request.sampleRate), request.mostSamples, sink);
    DecodeReply reply;
    reply.outcome = DecodeOutcome::decoded;
    reply.channels = shape.channels;
    reply.frames = shape.frames;
    reply.written = sink.finish();
    return reply;
  } catch (const std::bad_alloc&) {
    return refusal("decodeAudioData: the data wants more than " + std::to_string(request.mostMemory >> 20) + " MB of memory to be decoded");
  } catch (const Error& error) {
    return refusal(error.what());
  } catch (const std::exception& error) {
    return refusal(std::string("decodeAudioData: ") + error.what());
  }
}

void decodeOne(const transport::Fd& socket, const DecodeRequest& request, const std::vector<transport::Fd>& descriptors) {
  std::span<const std::byte> file;
  if (request.bytes > 0) {
    const void* mapped = mmap(nullptr, request.bytes, PROT_READ, MAP_PRIVATE, descriptors[0].get(), 0);
    if (mapped == MAP_FAILED) return;
    file = {static_cast<const std::byte*>(mapped), request.bytes};
  }
  static_cast<void>(enterDecodeWalls({request.mostMemory, request.mostSamples * sizeof(float), request.processorSeconds}));   // the server has told if there are none
  const DecodeReply reply = decode(request, file, descriptors[1].get());
  sendMessage(socket.get(), &reply, sizeof reply, {});
}

/// A message, if it is such a request.
template <class Request>
std::optional<Request> requestIn(std::span<const std::byte> message) {
  Request request;
  if (message.size() != sizeof request) return {};
  const Request wanted;
  std::memcpy(&request, message.data(), sizeof request);
  return request.magic == wanted.magic && request.version == wanted.version ? std::optional(request) : std::nullopt;
}

}  // namespace

void serveGuest(transport::Fd socket) {
  std::array<std::byte, sizeof(DecodeRequest)> room;   // the longest
  std::vector<transport::Fd> descriptors;
  const std::ptrdiff_t bytes = receiveMessage(socket.get(), room.data(), room.size(), descriptors);
  const auto message = std::span(room).first(static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, bytes)));
  prctl(PR_SET_NAME, "decoding");
  if (const auto whole = requestIn<DecodeRequest>(message); whole && descriptors.size() == 2) decodeOne(socket, *whole, descriptors);
  if (const auto stream = requestIn<StreamRequest>(message); stream && descriptors.size() < 2) {
    serveStream(std::move(socket), *stream, descriptors.empty() ? transport::Fd() : std::move(descriptors[0]));
  }
}

}  // namespace backline::media

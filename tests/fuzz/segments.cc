// Whoever attaches to a segment, given one whose bytes, size and kind are the fuzzer's.

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host/mapped_buffer.h"
#include "ipc/pages.h"
#include "render/streams.h"
#include "tests/fuzz/segment.h"
#include "transport/block_layout.h"
#include "transport/error.h"
#include "transport/page.h"
#include "transport/ring_layout.h"

namespace {

using namespace backline;
using namespace backline::transport;

/// An honest segment, whose bytes the fuzzer then changes, or all of whose bytes are the fuzzer's.
std::vector<std::byte> contents(fuzz::Input& input) {
  const auto copy = [](const SharedMemory& memory) { return std::vector<std::byte>(memory.bytes().begin(), memory.bytes().end()); };
  switch (input.below(5)) {
    case 0: return copy(createRingStream("backline-fuzz", {input.between(1, 3), 48000, input.between(1, 32), Overflow::refuse}));
    case 1: return copy(createRingStream("backline-fuzz", {1, 48000, 8, Overflow::dropOldest}));
    case 2: return copy(createBlockStream("backline-fuzz", input.between(1, 512)));
    case 3: return copy(createPage<render::MeterStatus>("backline-fuzz"));
    default: return input.bytes(1024);
  }
}

/// A descriptor as a peer would pass it; not always sealed, not always a memfd.
Fd descriptor(std::span<const std::byte> bytes, fuzz::Input& input) {
  if (input.oneIn(16)) return Fd(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (input.oneIn(32)) return Fd();
  Fd fd(::memfd_create("backline-fuzz", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!bytes.empty()) fuzz::require(::write(fd.get(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()), "the memfd takes the bytes");
  if (!input.oneIn(16)) ::fcntl(fd.get(), F_ADD_SEALS, F_SEAL_SHRINK | (input.oneIn(2) ? F_SEAL_GROW | F_SEAL_SEAL : 0));
  return fd;
}

/// What is accepted is used once, so that a wrong size shows.
void use(render::Resource& resource) {
  std::vector<float> samples(64 * kMaxRingChannels);
  std::byte record[2048];
  if (auto* in = dynamic_cast<render::InputStream*>(&resource)) in->reader.read(samples.data(), 64);
  if (auto* out = dynamic_cast<render::OutputStream*>(&resource)) out->writer.write(samples.data(), 64), out->notify();
  if (auto* meter = dynamic_cast<render::Meter*>(&resource)) meter->writer.publish({});
  if (auto* exchange = dynamic_cast<render::Exchange*>(&resource)) {
    exchange->requests.tryWrite(std::span(record).first(16));
    exchange->answers.readRecord(record);
    exchange->notify();
  }
  if (auto* buffer = dynamic_cast<host::MappedBuffer*>(&resource)) {
    float sum = 0;
    for (std::uint32_t c = 0; c < buffer->channels() && buffer->length() > 0; ++c) sum += buffer->channel(c)[buffer->length() - 1];
    volatile float heard = sum;
    (void)heard;
  }
}

}  // namespace

BACKLINE_FUZZ_TARGET
void run(fuzz::Input& input) {
  std::vector<std::byte> bytes = contents(input);
  for (std::uint32_t i = input.below(6); i > 0 && bytes.size() >= 8; --i) {
    const std::size_t at = input.below(static_cast<std::uint32_t>(std::min<std::size_t>(bytes.size(), input.oneIn(2) ? 32 : 400) / 4)) * 4;
    const auto word = input.oneIn(2) ? input.below(70) : input.word<std::uint32_t>();
    std::memcpy(bytes.data() + std::min(at, bytes.size() - 4), &word, sizeof word);
  }
  if (input.oneIn(4)) bytes.resize(input.below(static_cast<std::uint32_t>(bytes.size()) + 64));
  try {
    const std::uint32_t kind = input.below(8);
    if (kind < 6) {
      auto ends = render::StreamEnds{descriptor(bytes, input), {}, {}, input.oneIn(2)};
      if (input.oneIn(2)) ends.answers = descriptor(bytes, input);
      if (input.oneIn(3)) ends.notify = input.oneIn(4) ? descriptor(bytes, input) : NotifyFd::create().fd().duplicate();
      use(*render::makeStream(static_cast<render::ResourceKind>(kind), std::move(ends)));
    } else if (kind == 6) {
      const std::uint32_t channels = input.oneIn(2) ? input.below(40) : input.word<std::uint32_t>();
      const std::uint64_t length = input.oneIn(2) ? input.below(600) : input.word<std::uint64_t>();
      host::MappedBuffer buffer(SharedMemory::map(descriptor(bytes, input)), channels, length, static_cast<float>(input.number()));
      use(buffer);
    } else {
      const PageReader<ipc::SessionStatus> page(SharedMemory::map(descriptor(bytes, input)));
      ipc::SessionStatus status;
      page.read(status);
    }
  } catch (const TransportError&) {
  }
}

#include "transport/ring_stream.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <new>
#include <string>

#include "transport/error.h"
#include "transport/ring_layout.h"

namespace backline::transport {
namespace {

[[noreturn]] void refuse(const std::string& what) {
  throw TransportError("ring stream: " + what);
}

void checkFormat(const RingFormat& format) {
  if (format.channels < 1 || format.channels > kMaxRingChannels) {
    refuse("channels must be 1 to " + std::to_string(kMaxRingChannels) + ", not " +
           std::to_string(format.channels));
  }
  if (!(format.sampleRate > 0 && format.sampleRate <= kMaxRingSampleRate)) {
    refuse("sampleRate must be above 0 and at most " + std::to_string(kMaxRingSampleRate) + " Hz, not " +
           std::to_string(format.sampleRate));
  }
  if (format.capacityFrames < 1 || format.capacityFrames > kMaxRingFrames) {
    refuse("capacityFrames must be 1 to " + std::to_string(kMaxRingFrames) + ", not " +
           std::to_string(format.capacityFrames));
  }
  if (format.overflow != Overflow::refuse && format.overflow != Overflow::dropOldest) {
    refuse("overflow must be 0 or 1, not " + std::to_string(static_cast<std::uint32_t>(format.overflow)));
  }
}

std::size_t segmentBytes(const RingFormat& format) {
  return sizeof(RingHeader) + std::size_t{format.capacityFrames} * format.channels * sizeof(float);
}

}  // namespace

SharedMemory createRingStream(const char* name, const RingFormat& wanted) {
  checkFormat(wanted);
  RingFormat format = wanted;
  format.capacityFrames = std::bit_ceil(format.capacityFrames);
  SharedMemory memory = SharedMemory::create(name, segmentBytes(format));
  new (memory.bytes().data())
      RingIdentity{kRingMagic,        kRingVersion,          format.channels,
                   format.sampleRate, format.capacityFrames, static_cast<std::uint32_t>(format.overflow)};
  return memory;
}

RingFormat checkRingStream(const SharedMemory& memory) {
  if (memory.bytes().size() < sizeof(RingHeader)) {
    refuse("the segment of " + std::to_string(memory.bytes().size()) + " bytes is too small for a header");
  }
  RingIdentity identity;
  std::memcpy(&identity, memory.bytes().data(), sizeof identity);
  if (identity.magic != kRingMagic) refuse("wrong magic " + std::to_string(identity.magic));
  if (identity.version != kRingVersion) {
    refuse("version " + std::to_string(identity.version) + ", expected " + std::to_string(kRingVersion));
  }
  const RingFormat format{identity.channels, identity.sampleRate, identity.capacityFrames,
                          static_cast<Overflow>(identity.overflow)};
  checkFormat(format);
  if (!std::has_single_bit(format.capacityFrames)) {
    refuse("capacityFrames must be a power of two, not " + std::to_string(format.capacityFrames));
  }
  if (memory.bytes().size() != segmentBytes(format)) {
    refuse("the segment has " + std::to_string(memory.bytes().size()) + " bytes, its format needs " +
           std::to_string(segmentBytes(format)));
  }
  // consumed first: it never passes a value that written had before.
  const std::uint64_t consumed = ringHeader(memory).reader.consumed.load(std::memory_order_acquire);
  const std::uint64_t written = ringHeader(memory).writer.written.load(std::memory_order_acquire);
  const bool possible =
      written <= kMaxRingCounter && consumed <= written &&
      (format.overflow == Overflow::dropOldest || written - consumed <= format.capacityFrames);
  if (!possible) {
    refuse("impossible counters: written " + std::to_string(written) + ", consumed " +
           std::to_string(consumed));
  }
  return format;
}

RingWriter::RingWriter(SharedMemory memory) : memory_(std::move(memory)), format_(checkRingStream(memory_)) {
  const RingHeader& header = ringHeader(memory_);
  writer_.written = header.writer.written.load(std::memory_order_relaxed);
  // A writer that died while it overwrote old frames left them torn: they stay claimed until they are written
  // over.
  const std::uint64_t claimed = header.writer.claimed.load(std::memory_order_relaxed);
  writer_.claimed = writer_.written + std::min<std::uint64_t>(ringDistance(claimed, writer_.written, 0),
                                                              format_.capacityFrames);
  writer_.marks = header.mark.published.load(std::memory_order_relaxed);
  writer_.gaps = header.gaps.count.load(std::memory_order_relaxed);
}

std::uint32_t RingWriter::fill() const noexcept {
  const std::uint64_t consumed = ringHeader(memory_).reader.consumed.load(std::memory_order_acquire);
  return static_cast<std::uint32_t>(
      std::min<std::uint64_t>(writer_.written - consumed, format_.capacityFrames));
}

std::uint32_t RingWriter::space() const noexcept {
  return format_.capacityFrames - fill();
}

void RingWriter::copyIn(const float* interleaved, std::uint64_t frame, std::uint32_t frames) noexcept {
  const auto first = static_cast<std::uint32_t>(frame & (format_.capacityFrames - 1));
  const std::uint32_t untilWrap = std::min(frames, format_.capacityFrames - first);
  const std::size_t channels = format_.channels;
  std::atomic<std::uint32_t>* samples = ringSamples(memory_);
  const auto copy = [&](std::size_t slot, const float* from, std::size_t count) {
    if (format_.overflow == Overflow::dropOldest) {
      storeWords(samples + slot * channels, from, count * channels * sizeof(float));
    } else if (count > 0) {
      std::memcpy(static_cast<void*>(samples + slot * channels), from, count * channels * sizeof(float));
    }
  };
  copy(first, interleaved, untilWrap);
  copy(0, interleaved + untilWrap * channels, frames - untilWrap);
}

std::uint32_t RingWriter::write(const float* interleaved, std::uint32_t frames) noexcept {
  RingWriterLine& line = ringHeader(memory_).writer;
  if (format_.overflow == Overflow::refuse) {
    const std::uint32_t taken = std::min(frames, space());
    copyIn(interleaved, writer_.written, taken);
    writer_.written += taken;
    if (taken < frames) countRefused(frames - taken);
    line.written.store(writer_.written, std::memory_order_release);
    return taken;
  }
  // Of more than a ringful only the end would be left: it alone is copied.
  const std::uint32_t skipped = frames > format_.capacityFrames ? frames - format_.capacityFrames : 0;
  writer_.claimed = std::max(writer_.claimed, writer_.written + frames);
  line.claimed.store(writer_.claimed, std::memory_order_relaxed);
  copyIn(interleaved + std::size_t{skipped} * format_.channels, writer_.written + skipped, frames - skipped);
  writer_.written += frames;
  line.written.store(writer_.written, std::memory_order_release);
  return frames;
}

void RingWriter::countRefused(std::uint32_t frames) noexcept {
  std::atomic<std::uint64_t>& refused = ringHeader(memory_).writer.refused;
  refused.store(refused.load(std::memory_order_relaxed) + frames, std::memory_order_relaxed);
  logGap(frames, frames);
}

bool RingWriter::newestMark(TimelineMark& out) const noexcept { return ringHeader(memory_).mark.read(&out); }

void RingWriter::gap(std::uint64_t frames) noexcept { logGap(frames, 0); }

void RingWriter::logGap(std::uint64_t frames, std::uint64_t refused) noexcept {
  if (frames == 0) return;
  RingGapLog& log = ringHeader(memory_).gaps;
  RingGapSlot& newest = log.slots[(writer_.gaps - 1) % kRingGaps];
  const std::uint64_t lost = writer_.gaps > 0 ? newest.lost.load(std::memory_order_relaxed) : 0;
  const std::uint64_t before = writer_.gaps > 0 ? newest.refused.load(std::memory_order_relaxed) : 0;
  if (writer_.gaps > 0 && newest.frame.load(std::memory_order_relaxed) == writer_.written) {
    newest.lost.store(lost + frames, std::memory_order_release);
    newest.refused.store(before + refused, std::memory_order_release);
    return;
  }
  // Each word's release tells a reader that sees it what `count` was: that the gap which had the slot is gone.
  RingGapSlot& slot = log.slots[writer_.gaps % kRingGaps];
  slot.frame.store(writer_.written, std::memory_order_release);
  slot.lost.store(lost + frames, std::memory_order_release);
  slot.refused.store(before + refused, std::memory_order_release);
  log.count.store(++writer_.gaps, std::memory_order_release);
}

std::uint64_t RingWriter::written() const noexcept {
  return ringHeader(memory_).writer.written.load(std::memory_order_acquire);
}

std::uint64_t RingWriter::consumed() const noexcept {
  return ringHeader(memory_).reader.consumed.load(std::memory_order_acquire);
}

void RingWriter::setState(WriterState state) noexcept {
  ringHeader(memory_).writer.state.store(static_cast<std::uint32_t>(state), std::memory_order_release);
}

void RingWriter::mark(const TimelineMark& mark) noexcept {
  ringHeader(memory_).mark.publish(++writer_.marks, &mark);
}

}  // namespace backline::transport

#include <algorithm>

#include "transport/ring_layout.h"

namespace backline::transport {
namespace {

/// Only a writer that laps the reader at every try uses them up.
constexpr int kTries = 8;

void add(std::atomic<std::uint64_t>& counter, std::uint64_t count) noexcept {
  counter.store(counter.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
}

}  // namespace

RingReader::RingReader(SharedMemory memory) : memory_(std::move(memory)), format_(checkRingStream(memory_)) {
  const RingReaderLine& line = ringHeader(memory_).reader;
  reader_.consumed = line.consumed.load(std::memory_order_relaxed);
  reader_.overtaken = line.overtaken.load(std::memory_order_relaxed);
}

std::uint32_t RingReader::available() const noexcept {
  const std::uint64_t written = ringHeader(memory_).writer.written.load(std::memory_order_acquire);
  const std::uint64_t fill = ringDistance(written, reader_.consumed, 0);
  if (fill <= format_.capacityFrames) return static_cast<std::uint32_t>(fill);
  // More than a ringful: overtaken, or, where the writer must not overtake, nonsense.
  return format_.overflow == Overflow::dropOldest ? format_.capacityFrames : 0;
}

void RingReader::copyOut(float* interleaved, std::uint64_t frame, std::uint32_t frames) const noexcept {
  const auto first = static_cast<std::uint32_t>(frame & (format_.capacityFrames - 1));
  const std::uint32_t untilWrap = std::min(frames, format_.capacityFrames - first);
  const std::size_t channels = format_.channels;
  const std::atomic<std::uint32_t>* samples = ringSamples(memory_);
  const auto copy = [&](float* to, std::size_t slot, std::size_t count) {
    if (format_.overflow == Overflow::dropOldest) {
      loadWords(to, samples + slot * channels, count * channels * sizeof(float));
    } else if (count > 0) {
      std::memcpy(to, static_cast<const void*>(samples + slot * channels), count * channels * sizeof(float));
    }
  };
  copy(interleaved, first, untilWrap);
  copy(interleaved + untilWrap * channels, 0, frames - untilWrap);
}

void RingReader::advance(std::uint64_t frames, std::uint64_t overtaken) noexcept {
  RingReaderLine& line = ringHeader(memory_).reader;
  reader_.overtaken += overtaken;
  reader_.consumed += frames + overtaken;
  if (overtaken > 0) line.overtaken.store(reader_.overtaken, std::memory_order_relaxed);
  line.consumed.store(reader_.consumed, std::memory_order_release);
}

std::uint32_t RingReader::read(float* interleaved, std::uint32_t frames) noexcept {
  if (format_.overflow == Overflow::refuse) {
    const std::uint32_t taken = std::min(frames, available());
    copyOut(interleaved, reader_.consumed, taken);
    advance(taken, 0);
    return taken;
  }
  const RingWriterLine& line = ringHeader(memory_).writer;
  const std::uint64_t capacity = format_.capacityFrames;
  for (int attempt = 0; attempt < kTries; ++attempt) {
    const std::uint64_t written = line.written.load(std::memory_order_acquire);
    std::uint64_t fill = ringDistance(written, reader_.consumed, 0);
    if (fill > capacity) {
      advance(0, fill - capacity);
      fill = capacity;
    }
    const auto taken = static_cast<std::uint32_t>(std::min<std::uint64_t>(fill, frames));
    if (taken == 0) return 0;
    copyOut(interleaved, reader_.consumed, taken);
    // What the writer has claimed by now may have been overwritten while it was copied: from the oldest frame
    // on.
    const std::uint64_t reach =
        ringDistance(line.claimed.load(std::memory_order_relaxed), reader_.consumed, 0);
    const std::uint64_t torn = reach > capacity ? std::min<std::uint64_t>(reach - capacity, taken) : 0;
    const auto whole = static_cast<std::uint32_t>(taken - torn);
    advance(whole, torn);
    if (whole == 0) continue;
    if (torn > 0) {
      std::memmove(interleaved, interleaved + torn * format_.channels,
                   std::size_t{whole} * format_.channels * sizeof(float));
    }
    return whole;
  }
  return 0;
}

std::uint64_t RingReader::readNewest(float* interleaved, std::uint32_t frames) const noexcept {
  const RingWriterLine& line = ringHeader(memory_).writer;
  const std::size_t channels = format_.channels;
  const bool overtakes = format_.overflow == Overflow::dropOldest;
  for (int attempt = 0; attempt < kTries; ++attempt) {
    const std::uint64_t end = line.written.load(std::memory_order_acquire);
    if (end > kMaxRingCounter) break;
    // Where nothing is dropped, the slots of what was read are the writer's.
    const std::uint64_t safe = overtakes ? end : ringDistance(end, reader_.consumed, 0);
    const std::uint64_t depth = std::min<std::uint64_t>(safe, format_.capacityFrames);
    const auto there = static_cast<std::uint32_t>(std::min<std::uint64_t>(depth, frames));
    const std::uint64_t begin = end - there;
    const std::size_t missing = (frames - there) * channels;
    std::fill_n(interleaved, missing, 0.0f);
    copyOut(interleaved + missing, begin, there);
    if (!overtakes || there == 0) return end;
    // Slots of frames below claimed - capacity may have been written over while they were copied.
    const std::uint64_t reach = ringDistance(line.claimed.load(std::memory_order_relaxed), begin, kMaxRingCounter);
    if (reach <= format_.capacityFrames) return end;
  }
  std::fill_n(interleaved, frames * channels, 0.0f);
  return 0;
}

std::uint32_t RingReader::skip(std::uint32_t frames) noexcept {
  const std::uint64_t fill = ringDistance(ringHeader(memory_).writer.written.load(std::memory_order_acquire), reader_.consumed, 0);
  if (fill > format_.capacityFrames) {
    if (format_.overflow == Overflow::refuse) return 0;
    advance(0, fill - format_.capacityFrames);
  }
  const auto taken = static_cast<std::uint32_t>(std::min<std::uint64_t>({fill, frames, format_.capacityFrames}));
  advance(taken, 0);
  return taken;
}

void RingReader::countUnderrun(std::uint32_t frames) noexcept {
  add(ringHeader(memory_).reader.underruns, 1);
  add(ringHeader(memory_).reader.underrunFrames, frames);
}

std::uint64_t RingReader::consumed() const noexcept {
  return ringHeader(memory_).reader.consumed.load(std::memory_order_relaxed);
}

std::uint64_t RingReader::dropped() const noexcept {
  const RingHeader& header = ringHeader(memory_);
  return header.writer.refused.load(std::memory_order_relaxed) +
         header.reader.overtaken.load(std::memory_order_relaxed);
}

std::uint64_t RingReader::underruns() const noexcept {
  return ringHeader(memory_).reader.underruns.load(std::memory_order_relaxed);
}

std::uint64_t RingReader::underrunFrames() const noexcept {
  return ringHeader(memory_).reader.underrunFrames.load(std::memory_order_relaxed);
}

WriterState RingReader::writerState() const noexcept {
  const std::uint32_t state = ringHeader(memory_).writer.state.load(std::memory_order_acquire);
  // Nothing more can be expected of a writer that talks nonsense.
  return state <= static_cast<std::uint32_t>(WriterState::ended) ? static_cast<WriterState>(state)
                                                                 : WriterState::ended;
}

bool RingReader::mark(TimelineMark& out) const noexcept {
  return ringHeader(memory_).mark.read(&out);
}

std::uint64_t RingReader::written() const noexcept {
  const std::uint64_t consumed = this->consumed();
  return consumed + ringDistance(ringHeader(memory_).writer.written.load(std::memory_order_acquire), consumed, 0);
}

bool RingReader::nextGap(RingGap& out) const noexcept {
  const RingGapLog& log = ringHeader(memory_).gaps;
  for (int attempt = 0; attempt < kTries; ++attempt) {
    const std::uint64_t count = log.count.load(std::memory_order_acquire);
    const std::uint64_t oldest = count - std::min<std::uint64_t>(count, kRingGaps - 1);
    std::uint64_t index = oldest;
    for (; index != count; ++index) {
      const RingGapSlot& slot = log.slots[index % kRingGaps];
      out.frame = slot.frame.load(std::memory_order_acquire);
      out.lost = slot.lost.load(std::memory_order_acquire);
      out.refused = slot.refused.load(std::memory_order_acquire);
      if (out.lost > reader_.lost) break;
    }
    if (index == count) return false;
    // If its slot has become another gap's while it was copied, the count tells.
    if (log.count.load(std::memory_order_relaxed) - index > kRingGaps - 1) continue;
    out.lost -= reader_.lost;
    out.refused -= reader_.refused;
    return true;
  }
  return false;
}

void RingReader::takeGap(const RingGap& gap) noexcept {
  reader_.lost += gap.lost;
  reader_.refused += gap.refused;
}

}  // namespace backline::transport

#include "transport/block_stream.h"

#include <algorithm>
#include <bit>
#include <new>
#include <string>

#include "transport/block_layout.h"
#include "transport/error.h"

namespace backline::transport {
namespace {

[[noreturn]] void refuse(const std::string& what) {
  throw TransportError("block stream: " + what);
}

void checkCapacity(std::uint32_t bytes) {
  if (bytes >= 1 && bytes <= kMaxBlockCapacity) return;
  refuse("capacityBytes must be 1 to " + std::to_string(kMaxBlockCapacity) + ", not " +
         std::to_string(bytes));
}

}  // namespace

SharedMemory createBlockStream(const char* name, std::uint32_t capacityBytes) {
  checkCapacity(capacityBytes);
  const std::uint32_t capacity = std::max(kMinBlockCapacity, std::bit_ceil(capacityBytes));
  SharedMemory memory = SharedMemory::create(name, sizeof(BlockHeader) + capacity);
  layBlockStream(memory.bytes());
  return memory;
}

void layBlockStream(std::span<std::byte> memory) {
  const std::size_t capacity = memory.size() - std::min(memory.size(), sizeof(BlockHeader));
  if (capacity < kMinBlockCapacity || capacity > kMaxBlockCapacity || !std::has_single_bit(capacity)) {
    refuse("memory of " + std::to_string(memory.size()) + " bytes is no header and a power of two");
  }
  new (memory.data()) BlockIdentity{kBlockMagic, kBlockVersion, static_cast<std::uint32_t>(capacity)};
}

std::uint32_t checkBlockStream(const SharedMemory& memory) {
  const std::size_t bytes = memory.bytes().size();
  if (bytes < sizeof(BlockHeader)) {
    refuse("the segment of " + std::to_string(bytes) + " bytes is too small for a header");
  }
  BlockIdentity identity;
  std::memcpy(&identity, memory.bytes().data(), sizeof identity);
  if (identity.magic != kBlockMagic) refuse("wrong magic " + std::to_string(identity.magic));
  if (identity.version != kBlockVersion) {
    refuse("version " + std::to_string(identity.version) + ", expected " + std::to_string(kBlockVersion));
  }
  const std::uint32_t capacity = identity.capacityBytes;
  checkCapacity(capacity);
  if (capacity < kMinBlockCapacity || !std::has_single_bit(capacity)) {
    refuse("capacityBytes must be a power of two of at least " + std::to_string(kMinBlockCapacity) +
           ", not " + std::to_string(capacity));
  }
  if (bytes != sizeof(BlockHeader) + capacity) {
    refuse("the segment has " + std::to_string(bytes) + " bytes, its capacity needs " +
           std::to_string(sizeof(BlockHeader) + capacity));
  }
  const BlockHeader& header = blockHeader(memory);
  // read first: it never passes a value that written had before.
  const std::uint64_t read = header.read.load(std::memory_order_acquire);
  const std::uint64_t written = header.written.load(std::memory_order_acquire);
  if (read > written || written - read > capacity || read % kBlockAlignment != 0 ||
      written % kBlockAlignment != 0) {
    refuse("impossible counters: written " + std::to_string(written) + ", read " + std::to_string(read));
  }
  return capacity;
}

BlockWriter::BlockWriter(SharedMemory memory)
    : memory_(std::move(memory)), capacity_(checkBlockStream(memory_)) {
  written_ = blockHeader(memory_).written.load(std::memory_order_relaxed);
}

std::uint32_t BlockWriter::maxRecord() const noexcept {
  return maxRecordOf(capacity_);
}

bool BlockWriter::tryWrite(std::span<const std::byte> record) noexcept {
  return tryWriteFragment(record, 0);
}

bool BlockWriter::tryWriteFragment(std::span<const std::byte> part, std::uint32_t flags) noexcept {
  if (!hasRoomFor(part.size())) return false;
  const auto length = static_cast<std::uint32_t>(part.size());
  BlockHeader& header = blockHeader(memory_);
  std::byte* data = blockData(memory_);
  const std::uint64_t mask = capacity_ - 1;
  RecordPrefix prefix{length | flags, 0};
  prefix.check = RecordPrefix::checkOf(written_, prefix.lengthAndFlags);
  std::memcpy(data + (written_ & mask), &prefix, sizeof prefix);
  if (length > 0) {
    const auto first = static_cast<std::uint32_t>((written_ + sizeof prefix) & mask);
    const std::uint32_t untilWrap = std::min(length, capacity_ - first);
    std::memcpy(data + first, part.data(), untilWrap);
    std::memcpy(data, part.data() + untilWrap, length - untilWrap);
  }
  written_ += recordBytes(length);
  header.written.store(written_, std::memory_order_release);
  return true;
}

bool BlockWriter::hasRoomFor(std::size_t length) const noexcept {
  if (length > maxRecord()) return false;
  // A reader's counter that makes no sense leaves no space.
  const std::uint64_t used = written_ - blockHeader(memory_).read.load(std::memory_order_acquire);
  return used <= capacity_ && recordBytes(static_cast<std::uint32_t>(length)) <= capacity_ - used;
}

MessageWriter::MessageWriter(SharedMemory memory) : writer_(std::move(memory)) {}

bool MessageWriter::send(std::vector<std::byte> message) {
  if (message.size() > kMaxMessageBytes) {
    refuse("a message of " + std::to_string(message.size()) + " bytes is more than the " +
           std::to_string(kMaxMessageBytes) + " that a reader takes");
  }
  waitingBytes_ += message.size();
  waiting_.push_back(std::move(message));
  return flush();
}

bool MessageWriter::flush() {
  while (!waiting_.empty()) {
    const std::span<const std::byte> rest = std::span(waiting_.front()).subspan(offset_);
    const std::size_t length = std::min<std::size_t>(rest.size(), writer_.maxRecord());
    const std::uint32_t more = length < rest.size() ? RecordPrefix::kMoreFollows : 0;
    const std::uint32_t continues = offset_ > 0 ? RecordPrefix::kContinues : 0;
    if (!writer_.tryWriteFragment(rest.first(length), more | continues)) return false;
    waitingBytes_ -= length;
    offset_ += length;
    if (more == 0) {
      waiting_.pop_front();
      offset_ = 0;
    }
  }
  return true;
}

bool MessageWriter::hasRoom() const noexcept {
  return !waiting_.empty() && writer_.hasRoomFor(std::min<std::size_t>(waiting_.front().size() - offset_, writer_.maxRecord()));
}

}  // namespace backline::transport

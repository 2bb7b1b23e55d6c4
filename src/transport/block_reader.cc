#include <algorithm>

#include "transport/block_layout.h"
#include "transport/block_stream.h"

namespace backline::transport {

/// A record in the ring whose prefix was checked.
struct BlockReader::Record {
  std::uint32_t length;
  bool moreFollows;
  bool continues;
};

BlockReader::BlockReader(SharedMemory memory)
    : memory_(std::move(memory)), capacity_(checkBlockStream(memory_)) {
  read_ = blockHeader(memory_).read.load(std::memory_order_relaxed);
}

bool BlockReader::empty() const noexcept {
  return blockHeader(memory_).written.load(std::memory_order_acquire) == read_;
}

// True if there is a record. A counter or prefix that makes no sense ends the stream.
bool BlockReader::next(Record& record) noexcept {
  if (corrupt_) return false;
  const std::uint64_t fill = blockHeader(memory_).written.load(std::memory_order_acquire) - read_;
  if (fill == 0) return false;
  corrupt_ = true;
  if (fill > capacity_ || fill % kBlockAlignment != 0) return false;
  RecordPrefix prefix;
  std::memcpy(&prefix, blockData(memory_) + (read_ & (capacity_ - 1)), sizeof prefix);
  if (prefix.check != RecordPrefix::checkOf(read_, prefix.lengthAndFlags)) return false;
  record.length = prefix.lengthAndFlags & RecordPrefix::kLengthMask;
  record.moreFollows = (prefix.lengthAndFlags & RecordPrefix::kMoreFollows) != 0;
  record.continues = (prefix.lengthAndFlags & RecordPrefix::kContinues) != 0;
  if (record.length > maxRecordOf(capacity_) || recordBytes(record.length) > fill) return false;
  corrupt_ = false;
  return true;
}

void BlockReader::copyOut(const Record& record, std::byte* to) const noexcept {
  if (record.length == 0) return;
  const std::byte* data = blockData(memory_);
  const auto first = static_cast<std::uint32_t>((read_ + sizeof(RecordPrefix)) & (capacity_ - 1));
  const std::uint32_t untilWrap = std::min(record.length, capacity_ - first);
  std::memcpy(to, data + first, untilWrap);
  std::memcpy(to + untilWrap, data, record.length - untilWrap);
}

void BlockReader::release(const Record& record) noexcept {
  read_ += recordBytes(record.length);
  blockHeader(memory_).read.store(read_, std::memory_order_release);
}

BlockReader::Result BlockReader::read(std::vector<std::byte>& message) {
  Record record;
  while (next(record)) {
    if (!record.continues) {
      // A message that was left half-written belongs to a writer that died; its successor starts afresh.
      partial_.clear();
    } else if (!assembling_) {
      corrupt_ = true;
      break;
    }
    const std::size_t before = partial_.size();
    if (record.length > kMaxMessageBytes - before) {
      corrupt_ = true;
      break;
    }
    partial_.resize(before + record.length);
    copyOut(record, partial_.data() + before);
    release(record);
    assembling_ = record.moreFollows;
    if (!assembling_) {
      message = std::move(partial_);
      partial_ = {};
      return Result::message;
    }
  }
  return corrupt_ ? Result::corrupt : Result::none;
}

std::uint32_t BlockReader::readRecord(std::span<std::byte> buffer) noexcept {
  Record record;
  while (next(record)) {
    if (record.length > buffer.size() || record.moreFollows || record.continues) {
      corrupt_ = true;
      return 0;
    }
    copyOut(record, buffer.data());
    release(record);
    if (record.length > 0) return record.length;
  }
  return 0;
}

}  // namespace backline::transport

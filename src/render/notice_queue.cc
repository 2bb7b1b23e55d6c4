#include "render/notice_queue.h"

#include <cstring>

namespace backline::render {

namespace {
constexpr std::size_t kRecordBytes = NoticeQueue::kInlineBytes + 64;
}

NoticeQueue::NoticeQueue(std::uint32_t capacityBytes)
    : writeBuffer_(std::make_unique<std::byte[]>(kRecordBytes)), readBuffer_(std::make_unique<std::byte[]>(kRecordBytes)) {
  transport::SharedMemory memory = transport::createBlockStream("backline-notices", capacityBytes);
  reader_ = transport::BlockReader(transport::SharedMemory::map(memory.fd().duplicate()));
  writer_ = transport::BlockWriter(std::move(memory));
}

NoticeQueue::~NoticeQueue() {
  drain([](std::uint32_t, Notice) {});
}

bool NoticeQueue::say(const Head& head, std::span<const std::byte> body) noexcept {
  if (overflowing_.load(std::memory_order_acquire)) return false;
  std::memcpy(writeBuffer_.get(), &head, sizeof head);
  if (!body.empty()) std::memcpy(writeBuffer_.get() + sizeof head, body.data(), body.size());
  const bool written = writer_.tryWrite({writeBuffer_.get(), sizeof head + body.size()});
  said_ += written;
  return written;
}

bool NoticeQueue::started(NodeId node, std::uint64_t frame) noexcept { return say({Kind::started, node, 0, frame}); }

bool NoticeQueue::ended(NodeId node) noexcept { return say({Kind::ended, node, 0, 0}); }

bool NoticeQueue::processorEnded(NodeId node) noexcept { return say({Kind::processorEnded, node, 0, 0}); }

bool NoticeQueue::stateChanged(const StateChanged& change) noexcept {
  return say({Kind::stateChanged, 0, std::uint64_t{change.running} << 32 | change.generation, change.frame});
}

bool NoticeQueue::message(NodeId node, std::span<const std::byte> bytes) noexcept {
  if (bytes.size() <= kInlineBytes) return say({Kind::message, node, 0, 0}, bytes);
  if (overflowing_.load(std::memory_order_acquire)) return false;
  heap(node, std::make_unique<Notice>(ProcessorMessage{Message(bytes.begin(), bytes.end())}));
  return true;
}

void NoticeQueue::heap(std::uint32_t target, std::unique_ptr<Notice> notice) noexcept {
  if (say({Kind::heap, target, reinterpret_cast<std::uint64_t>(notice.get()), 0})) {
    notice.release();
    return;
  }
  const std::scoped_lock lock(overflowMutex_);
  overflow_.emplace_back(target, std::move(notice));
  overflowing_.store(true, std::memory_order_release);
  ++said_;
}

void NoticeQueue::drain(const NoticeSink& sink) {
  drainRing(sink);
  if (!overflowing_.load(std::memory_order_acquire)) return;
  drainRing(sink);   // what was written between: while the flag stands, no more is
  std::vector<std::pair<std::uint32_t, std::unique_ptr<Notice>>> waiting;
  {
    const std::scoped_lock lock(overflowMutex_);
    waiting.swap(overflow_);
    overflowing_.store(false, std::memory_order_release);
  }
  for (auto& [target, notice] : waiting) sink(target, std::move(*notice));
}

void NoticeQueue::drainRing(const NoticeSink& sink) {
  while (const std::uint32_t size = reader_.readRecord({readBuffer_.get(), kRecordBytes})) {
    Head head;
    std::memcpy(&head, readBuffer_.get(), sizeof head);
    switch (head.kind) {
      case Kind::started:
        sink(head.target, Started{head.frame});
        break;
      case Kind::ended:
        sink(head.target, Ended{});
        break;
      case Kind::processorEnded:
        sink(head.target, ProcessorEnded{});
        break;
      case Kind::stateChanged:
        sink(0, StateChanged{static_cast<std::uint32_t>(head.word >> 32), static_cast<std::uint32_t>(head.word), head.frame});
        break;
      case Kind::message:
        sink(head.target, ProcessorMessage{Message(readBuffer_.get() + sizeof head, readBuffer_.get() + size)});
        break;
      case Kind::heap: {
        const std::unique_ptr<Notice> notice(reinterpret_cast<Notice*>(head.word));
        sink(head.target, std::move(*notice));
        break;
      }
    }
  }
}

}  // namespace backline::render

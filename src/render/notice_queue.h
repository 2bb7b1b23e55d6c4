#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "render/records.h"
#include "transport/block_stream.h"

namespace backline::render {

/// Where notices of one session go, in order, with their target. [compile]
using NoticeSink = std::function<void(std::uint32_t target, Notice notice)>;

/// Notices from the render thread to the compile thread of the same process. The render side never allocates, except `heap`, which is
/// for callers that may: JavaScript's. Everything else returns false, and changes nothing, when there is no room; what `heap` says then
/// waits in memory, and what comes after it is refused until it has been drained, so that the order stays.
class NoticeQueue {
 public:
  explicit NoticeQueue(std::uint32_t capacityBytes = 1 << 20);
  ~NoticeQueue();

  bool started(NodeId node, std::uint64_t frame) noexcept;   // [render]
  bool ended(NodeId node) noexcept;            // [render]
  bool processorEnded(NodeId node) noexcept;   // [render]
  bool stateChanged(const StateChanged& change) noexcept;   // [render]
  bool message(NodeId node, std::span<const std::byte> bytes) noexcept;   // [render]: bytes ≤ kInlineBytes, else as heap
  void heap(std::uint32_t target, std::unique_ptr<Notice> notice) noexcept;   // [render, outside the realtime rule]

  /// Notices ever said. [render]
  std::uint64_t said() const noexcept { return said_; }

  /// Passes everything said so far to `sink`. [compile]
  void drain(const NoticeSink& sink);

  static constexpr std::size_t kInlineBytes = 4096;

 private:
  enum class Kind : std::uint32_t { started, ended, processorEnded, stateChanged, message, heap };
  struct Head {
    Kind kind;
    std::uint32_t target;
    std::uint64_t word;    // stateChanged: running and generation; heap: the pointer
    std::uint64_t frame;
  };
  bool say(const Head& head, std::span<const std::byte> body = {}) noexcept;

  void drainRing(const NoticeSink& sink);

  std::uint64_t said_ = 0;
  std::atomic<bool> overflowing_{false};   // set by the render thread, cleared by the other: between, nothing is written to the ring
  std::mutex overflowMutex_;
  std::vector<std::pair<std::uint32_t, std::unique_ptr<Notice>>> overflow_;
  transport::BlockWriter writer_;
  transport::BlockReader reader_;
  std::unique_ptr<std::byte[]> writeBuffer_, readBuffer_;
};

}  // namespace backline::render

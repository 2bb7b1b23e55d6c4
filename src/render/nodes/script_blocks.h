#pragma once

#include <memory>
#include <vector>

#include "render/block.h"
#include "render/exchange_records.h"
#include "render/streams.h"

namespace backline::render {

struct ScriptShape {
  std::uint32_t frames;      ///< a block: 256 … 16384
  std::uint32_t inputs;      ///< channels, 0 … 32
  std::uint32_t outputs;     ///< channels, 0 … 32
  std::uint32_t quantum;     ///< frames
  float sampleRate;          ///< Hz
};

/// A ScriptProcessorNode's blocks: collects what is heard, asks the program, plays the answers. A block heard in [b, b + frames) is
/// played from b + 2 · frames on: its answer has one block's time to come. Where a quantum is longer than a block, that time is the
/// least number of blocks that holds a quantum. An answer that is late is silence and counted; nothing here waits.
class ScriptBlocks final : public Resource {
 public:
  /// [compile]
  ScriptBlocks(const ScriptShape& shape, std::shared_ptr<Exchange> exchange);
  ResourceKind kind() const override { return ResourceKind::exchange; }

  /// One quantum: `out` gets its channels and samples. [render]
  void process(const Block& in, Block& out, std::uint64_t frame) noexcept;
  /// Nothing is connected: what was collected is forgotten, and the program told, once. [render]
  void disconnected() noexcept;

  /// Counted since the beginning. [render]
  std::uint32_t missed() const noexcept { return rt_.missed; }     ///< blocks of silence for want of an answer
  std::uint32_t refused() const noexcept { return rt_.refused; }   ///< records of the program that made no sense, or came too late
  std::uint32_t unasked() const noexcept { return rt_.unasked; }   ///< blocks that found no room in the request ring

 private:
  struct Answer {
    std::vector<std::byte> record;
    std::uint64_t sequence = 0;   // 0: none
  };

  void takeAnswers() noexcept;
  bool fits(const ExchangeAnswer& answer, std::uint32_t bytes) const noexcept;
  Answer& slotOf(std::uint64_t sequence) noexcept { return rt_.answers[sequence % rt_.answers.size()]; }
  void beginBlock() noexcept;
  void collect(const Block& in, std::uint32_t from, std::uint32_t count) noexcept;
  void play(Block& out, std::uint32_t from, std::uint32_t count) const noexcept;
  void ask(std::uint64_t frame) noexcept;

  const ScriptShape shape_;
  const std::uint32_t ahead_;   // blocks between a question and the playing of its answer
  const std::shared_ptr<Exchange> exchange_;
  struct {
    std::vector<std::byte> request;   // header and samples, as they are sent
    std::vector<Answer> answers;      // those that may still be played, and the one that is
    std::vector<std::byte> spare;     // for the next record
    const float* playing = nullptr;   // samples of the answer, or none
    std::uint32_t cursor = 0;         // frames of the block that is under way
    std::uint64_t asked = 0;          // sequence of the last question
    std::uint64_t first = 0;          // sequence of the first since the node was connected
    bool connected = false;
    bool told = true;                 // the program knows that nothing is connected
    std::uint32_t missed = 0, refused = 0, unasked = 0;
  } rt_;
};

}  // namespace backline::render

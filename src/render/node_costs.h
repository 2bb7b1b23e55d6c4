#pragma once

#include <cstdint>
#include <span>

#include "render/worklet.h"

namespace backline::render {

/// The costliest nodes of a plan, found while a few steps a quantum are measured: a round goes through the plan once, and about one
/// quantum in 256 measures a given node. Never allocates. [render]
class NodeCosts {
 public:
  static constexpr std::uint32_t kMost = 256;
  /// Steps measured in one quantum at most, so that it takes hardly longer than its neighbours.
  static constexpr std::uint32_t kSteps = 1024;

  struct Entry {
    NodeId node = 0;
    float seconds = 0;   ///< a quantum, moving average
  };

  NodeCosts(std::uint32_t quantum, float sampleRate);

  /// The steps to measure in the next quantum of a plan of that many: from the result on, kSteps of them. At the end of a round what it
  /// found becomes costliest().
  std::uint32_t next(std::uint32_t steps) noexcept;
  /// What a node's average is before it is one: never measured, and measured once.
  static constexpr float kNever = -1, kCold = -2;
  /// A node took `seconds` now; `average` is its own, brought up to date.
  void measured(NodeId node, float seconds, float& average) noexcept;

  /// Rounds that have ended.
  std::uint64_t rounds() const noexcept { return rounds_; }
  /// Of the last round that has ended, costliest first.
  std::span<const Entry> costliest() const noexcept { return {told_, toldCount_}; }
  std::uint32_t nodes() const noexcept { return toldNodes_; }

 private:
  void endRound() noexcept;

  const std::uint32_t roundQuanta_;
  std::uint32_t quantum_ = 0;      // of the round
  std::uint64_t rounds_ = 0;
  std::uint32_t nodes_ = 0, toldNodes_ = 0;
  std::uint32_t count_ = 0, toldCount_ = 0;
  Entry found_[kMost];             // a heap, the cheapest on top
  Entry told_[kMost];
};

}  // namespace backline::render

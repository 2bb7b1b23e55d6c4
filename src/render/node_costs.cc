#include "render/node_costs.h"

#include <algorithm>

namespace backline::render {

namespace {

constexpr std::uint32_t kRoundQuanta = 256;
constexpr float kSmoothing = 1.0f / 8;

bool dearer(const NodeCosts::Entry& a, const NodeCosts::Entry& b) { return a.seconds > b.seconds; }

}  // namespace

// A second at most, however long the quantum.
NodeCosts::NodeCosts(std::uint32_t quantum, float sampleRate)
    : roundQuanta_(static_cast<std::uint32_t>(std::clamp(sampleRate / static_cast<float>(quantum), 1.0f, float{kRoundQuanta}))) {}

std::uint32_t NodeCosts::next(std::uint32_t steps) noexcept {
  if (quantum_ == roundQuanta_) endRound();
  nodes_ = steps;
  const std::uint64_t first = std::uint64_t{quantum_++} * kSteps;
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(first, steps));
}

void NodeCosts::measured(NodeId node, float seconds, float& average) noexcept {
  // The first call is cold, memory and code: it is told, but weighs nothing later.
  const float before = average;
  average = before == kNever ? kCold : before == kCold ? seconds : before + (seconds - before) * kSmoothing;
  const Entry entry{node, before == kNever ? seconds : average};
  if (count_ < kMost) {
    found_[count_++] = entry;
    std::push_heap(found_, found_ + count_, &dearer);
  } else if (dearer(entry, found_[0])) {
    std::pop_heap(found_, found_ + count_, &dearer);
    found_[count_ - 1] = entry;
    std::push_heap(found_, found_ + count_, &dearer);
  }
}

void NodeCosts::endRound() noexcept {
  std::sort_heap(found_, found_ + count_, &dearer);
  std::copy_n(found_, count_, told_);
  toldCount_ = count_;
  toldNodes_ = nodes_;
  count_ = quantum_ = 0;
  ++rounds_;
}

}  // namespace backline::render

#pragma once

#include <deque>

#include "render/compiler.h"
#include "tests/support/batch.h"
#include "transport/realtime.h"

namespace backline::test {

/// A whole render side on one thread: commands in, quanta out, under the realtime rule.
class RenderSide {
 public:
  explicit RenderSide(std::uint32_t channels = 2, render::WorkletRuntimeFactory worklets = nullptr, render::BlackBox* blackBox = nullptr,
                      std::uint64_t firstFrame = 0)
      : executor_({kRate, kQuantum, channels, firstFrame}, queue_),
        compiler_({kRate, kQuantum, std::move(worklets), {}, blackBox}, executor_, queue_,
                  [this](std::uint32_t target, render::Notice notice) { notices.push_back({target, 0, std::move(notice)}); }),
        interleaved_(kQuantum * channels) {
    executor_.enter({render::RunState::running, 1});
  }

  void apply(std::vector<render::CommandRecord> batch) {
    compiler_.takeBatch(batch);
    settle();
  }
  void apply(Batch& batch) { apply(batch.take()); }
  void settle() {
    while (!compiler_.submit()) applyOnce();
    applyOnce();
    compiler_.housekeep();
  }
  /// One quantum, interleaved.
  const std::vector<float>& quantum() {
    {
      const transport::RealtimeScope realtime;
      executor_.render(interleaved_.data());
    }
    compiler_.housekeep();
    settle();
    return interleaved_;
  }
  template <class T>
  std::vector<std::uint32_t> targets() const {
    std::vector<std::uint32_t> targets;
    for (const render::NoticeRecord& notice : notices)
      if (std::holds_alternative<T>(notice.body)) targets.push_back(notice.target);
    return targets;
  }
  const render::Block& output() const { return executor_.output(); }
  render::Compiler& compiler() { return compiler_; }
  const render::NodeCosts& costs() const { return executor_.costs(); }
  std::size_t nodes() const { return compiler_.graph().size(); }

  static constexpr float kRate = 48000;
  static constexpr std::uint32_t kQuantum = 128;
  std::deque<render::NoticeRecord> notices;

 private:
  void applyOnce() {
    const transport::RealtimeScope realtime;
    executor_.applySubmitted();
  }
  render::NoticeQueue queue_;
  render::Executor executor_;
  render::Compiler compiler_;
  std::vector<float> interleaved_;
};

}  // namespace backline::test

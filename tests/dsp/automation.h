#pragma once

#include <cmath>
#include <cstdint>
#include <deque>
#include <vector>

#include "dsp/timeline.h"
#include "transport/realtime.h"

namespace backline::test {

inline constexpr float kRate = 32768;  ///< Hz; a power of two, so that times of frames are exact

/// A timeline with AudioParam's methods, times given in frames, and the memory of its events.
class Automation {
 public:
  explicit Automation(float initial, float rate = kRate) : timeline_(initial, -1e30f, 1e30f, rate), rate_(rate) {}

  void setValueAt(float value, double frame) { insert({.kind = dsp::EventKind::setValue, .time = frame / rate_, .value = value}); }
  void linearTo(float value, double frame) { insert({.kind = dsp::EventKind::linearRamp, .time = frame / rate_, .value = value}); }
  void exponentialTo(float value, double frame) {
    insert({.kind = dsp::EventKind::exponentialRamp, .time = frame / rate_, .value = value});
  }
  void targetAt(float value, double frame, double constant) {
    insert({.kind = dsp::EventKind::setTarget, .time = frame / rate_, .value = value, .timeConstant = constant / rate_});
  }
  void curveAt(std::vector<float> values, double frame, double duration) {
    curves_.push_back(std::move(values));
    insert({.kind = dsp::EventKind::setValueCurve, .time = frame / rate_, .duration = duration / rate_, .curve = curves_.back()});
  }
  void cancel(double frame) { timeline_.cancel(frame / rate_); }
  void hold(double frame) { timeline_.cancelAndHold(frame / rate_, blank(), blank()); }

  /// The next `count` frames, computed in quanta inside a RealtimeScope.
  std::vector<float> play(std::size_t count, std::size_t quantum = 128) {
    std::vector<float> out(count);
    for (std::size_t done = 0; done < count;) {
      const std::span<float> part(out.data() + done, std::min(quantum, count - done));
      const transport::RealtimeScope scope;
      if (timeline_.process(frame_, part)) std::fill(part.begin(), part.end(), part[0]);
      frame_ += part.size();
      done += part.size();
    }
    return out;
  }
  void skipTo(std::uint64_t frame) { frame_ = frame; }
  dsp::Timeline& timeline() { return timeline_; }
  /// Events lent and not handed back.
  std::size_t lent() {
    for (auto* event = timeline_.takeRetired(); event; event = event->next) ++returned_;
    return events_.size() - returned_;
  }

 private:
  dsp::TimelineEvent* blank() { return &events_.emplace_back(); }
  void insert(const dsp::TimelineEvent& event) { timeline_.insert(&events_.emplace_back(event)); }

  std::deque<dsp::TimelineEvent> events_;
  std::deque<std::vector<float>> curves_;
  dsp::Timeline timeline_;
  double rate_;
  std::uint64_t frame_ = 0;
  std::size_t returned_ = 0;
};

/// The greatest difference between frames [begin, end) and a function of the frame.
template <typename Expected>
double worstError(const std::vector<float>& actual, std::size_t begin, std::size_t end, Expected expected) {
  double worst = 0;
  for (std::size_t i = begin; i < end; ++i) worst = std::max(worst, std::abs(actual[i] - double{expected(static_cast<double>(i))}));
  return worst;
}

}  // namespace backline::test

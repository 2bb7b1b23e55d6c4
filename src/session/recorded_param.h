#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "dsp/timeline.h"
#include "render/records.h"

namespace backline::session {

/// One AudioParam of the mirror: what commands have left of its automation. [io]
struct RecordedParam {
  std::vector<render::ParamEvent> events;   ///< in playing order
  std::optional<float> value;               ///< as its setter left it
  std::optional<render::AutomationRate> rate;

  // `frame`: as far as the session is known to have come.
  void insert(const render::ParamEvent& event, std::uint64_t frame, float sampleRate);
  void cancel(const render::ParamCancel& cancel, std::uint64_t frame, float sampleRate);
  /// Drops events that no longer change what is to come at or after `frame`.
  void forgetBefore(std::uint64_t frame, float sampleRate);

 private:
  void hold(double time, float sampleRate);
};

/// A recorded parameter played over, as the render side plays it when no signal is connected to it. Frames must not go back. [io]
class ParamReplay {
 public:
  /// `param` null: nothing was recorded of it. `declaration` outlives this.
  ParamReplay(const RecordedParam* param, const render::ParamDeclaration& declaration, float sampleRate);

  /// The values of a quantum; true if it is the same throughout, and then only the first one is written.
  bool quantum(std::uint64_t frame, std::span<float> out);
  /// The frame up to which the last value stays.
  double steadyUntil() { return timeline_.steadyUntil(); }

 private:
  const render::ParamDeclaration& declaration_;
  const bool kRate_;
  std::deque<dsp::TimelineEvent> events_;
  dsp::Timeline timeline_;
};

}  // namespace backline::session

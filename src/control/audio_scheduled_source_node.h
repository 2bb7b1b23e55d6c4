#pragma once

#include <functional>

#include "control/audio_node.h"

namespace backline {

/// Web Audio §1.7: a source that starts once and stops once. [control]
class AudioScheduledSourceNode : public AudioNode {
 public:
  /// `when`: seconds of context time; the past and 0 mean now. Throws InvalidStateError the second time, RangeError for a negative time.
  virtual void start(double when = 0);
  /// The last call counts. Throws InvalidStateError before start(), RangeError for a negative time.
  void stop(double when = 0);

  /// Called once, by dispatch(), when the source has played to its end.
  std::function<void()> onended;
  /// Whether start() was called.
  bool isStarted() const { return started_; }

  void receive(const render::Notice& notice) override;

 protected:
  using AudioNode::AudioNode;
  void requireNotStarted() const;
  void begin(const render::Schedule& schedule);

 private:
  render::Schedule schedule_;
  bool started_ = false;
};

}  // namespace backline

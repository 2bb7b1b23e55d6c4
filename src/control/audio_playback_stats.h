#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "control/session_link.h"

namespace backline {

/// What was played late or not at all (Web Audio §1.4, AudioPlaybackStats). The figures are brought up to date when they are read, at
/// most once a second, and stand still while the context does not run. [control]
class AudioPlaybackStats {
 public:
  /// `seconds`: the clock that tells when a second is over.
  explicit AudioPlaybackStats(std::shared_ptr<SessionLink> link, std::function<double()> seconds = nullptr);

  double underrunDuration() { return current().underrunDuration; }       ///< seconds of underrun frames
  std::uint32_t underrunEvents() { return current().underrunEvents; }
  double totalDuration() { return current().totalDuration; }             ///< seconds: the underruns' and the context's
  double averageLatency() { return current().averageLatency; }           ///< seconds, since the last reset, as the next two
  double minimumLatency() { return current().minimumLatency; }
  double maximumLatency() { return current().maximumLatency; }
  void resetLatency();

  /// The context stops running: what happened until now counts.
  void catchUp();

 private:
  struct Figures {
    double underrunDuration = 0, totalDuration = 0;
    std::uint32_t underrunEvents = 0;
    double averageLatency = 0, minimumLatency = 0, maximumLatency = 0;
  };
  const Figures& current();

  const std::shared_ptr<SessionLink> link_;
  const std::function<double()> seconds_;
  Figures figures_;
  double updated_;
  double reset_ = -1;   // when resetLatency() was called
};

}  // namespace backline

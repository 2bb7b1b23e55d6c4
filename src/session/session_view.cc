#include "session/session_view.h"

#include <algorithm>

namespace backline::session {

namespace {

template <class T>
void clean(T& figure) {
  if (!std::isfinite(figure) || figure < 0) figure = 0;
}

}  // namespace

SessionReading SessionView::read() const {
  SessionReading reading;
  status.read(reading.status);
  output.read(reading.output);
  costs.read(reading.costs);
  clean(reading.status.costAverage);
  clean(reading.status.costWorst);
  clean(reading.status.latenessAverage);
  clean(reading.status.latenessWorst);
  clean(reading.output.latency);
  if (reading.status.state > ipc::SessionState::closed) reading.status.state = ipc::SessionState::suspended;
  reading.costs.count = std::min(reading.costs.count, ipc::SessionCosts::kMost);
  for (auto& entry : reading.costs.entries) clean(entry.seconds);
  const std::uint64_t frame = reading.status.frame, played = reading.output.playedFrames;
  reading.latency = reading.output.latency + (frame > played ? static_cast<double>(frame - played) / info.sampleRate : 0);
  return reading;
}

}  // namespace backline::session

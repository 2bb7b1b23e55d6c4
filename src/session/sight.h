#pragma once

#include <kj/async-unix.h>
#include <kj/timer.h>

#include <functional>
#include <map>

#include "session/perf_log.h"
#include "session/status_writer.h"

namespace backline::session {

/// Tells of the program's sessions while it has some: its status page, twice a second, and the performance log, each second. The
/// control thread takes no part in it: a blocked program goes on telling. [io]
class Sight {
 public:
  Sight(std::string programName, bool logPerformance, std::function<Engine::Helpers()> helpers)
      : programName_(std::move(programName)), logPerformance_(logPerformance), helpers_(std::move(helpers)) {}

  /// Tells of a session from now on, as long as the result lives. The mirror lives as long.
  class Watch {
   public:
    Watch(Sight& sight, SessionView view) : sight_(sight), view_(std::move(view)) {}
    ~Watch() noexcept { sight_.forget(view_.id); }

   private:
    friend class Sight;
    Sight& sight_;
    const SessionView view_;
  };
  kj::Own<Watch> watch(kj::UnixEventPort& events, SessionView view);

 private:
  void forget(std::uint64_t session) noexcept;
  kj::Promise<void> tell(kj::Timer& timer);
  void publish();
  void log();

  const std::string programName_;
  const bool logPerformance_;
  const std::function<Engine::Helpers()> helpers_;
  std::map<std::uint64_t, const SessionView*> views_;
  std::unique_ptr<StatusWriter> page_;
  PerfLog perfLog_;
  std::uint32_t turns_ = 0;
  kj::Promise<void> telling_ = nullptr;
};

}  // namespace backline::session

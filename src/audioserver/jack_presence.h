#pragma once

#include <atomic>

struct _jack_client;  // libjack's jack_client_t

namespace backline::audioserver {

/// Whether a JACK server runs. While one does, this is a client of it that takes no part in its work: cubeb hears nothing of a server's
/// death, and asking by new clients would show in everybody's graph. Never starts a server. [one thread]
class JackPresence {
 public:
  JackPresence() = default;
  ~JackPresence() { leave(); }
  JackPresence(const JackPresence&) = delete;
  JackPresence& operator=(const JackPresence&) = delete;

  /// Looks for a server if there was none. Some milliseconds then.
  bool look();

 private:
  void leave();

  _jack_client* client_ = nullptr;
  std::atomic<bool> gone_{false};
};

}  // namespace backline::audioserver

#pragma once

#include <atomic>
#include <memory>

namespace backline::audioserver {

/// Whether a JACK server runs. While one does, this is a client of it that takes no part in its work: cubeb hears nothing of a server's
/// death, and asking by new clients would show in everybody's graph. Never starts a server. [one thread]
class JackPresence {
 public:
  JackPresence();
  ~JackPresence();
  JackPresence(const JackPresence&) = delete;
  JackPresence& operator=(const JackPresence&) = delete;

  /// Looks for a server if there was none. Some milliseconds then.
  bool look();
  /// The server that look() found is there no more.
  bool gone() const noexcept;
  /// As if gone() were true: it has been found out by other ways.
  void giveUp() noexcept;

 private:
  struct Client;
  void leave();

  std::unique_ptr<Client> client_;
};

}  // namespace backline::audioserver

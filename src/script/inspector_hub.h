#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "transport/fd.h"
#include "transport/notify_fd.h"

namespace backline::script {

/// Carries what debuggers and realms say to each other over one stream socket, whose other end serves the debuggers
/// (docs/formats/inspector.md). Its thread never enters a realm. [any thread]
class InspectorHub {
 public:
  enum class Kind : std::uint32_t {
    added = 1,   ///< from here: there is a target of this number
    gone = 2,    ///< from here: it is there no more
    latin1 = 3,  ///< from here, on a channel: a message of the debugging protocol, one byte a character
    utf16 = 4,   ///< both ways, on a channel: a message, two bytes a character
    open = 5,    ///< to here: a channel of this number begins; the bytes are its target's number, u32
    close = 6,   ///< to here: the channel has ended
  };
  struct Message {
    Kind kind;
    std::uint32_t number;
    std::vector<std::byte> bytes;
  };
  class Target {
   public:
    virtual ~Target() = default;
    /// [the hub's thread]
    virtual void take(Message message) = 0;
  };

  explicit InspectorHub(transport::Fd socket);
  ~InspectorHub();
  InspectorHub(const InspectorHub&) = delete;
  InspectorHub& operator=(const InspectorHub&) = delete;

  std::uint32_t add(Target& target);
  /// Afterwards the target is not called any more.
  void remove(std::uint32_t number);
  /// Queued: never blocks.
  void send(Kind kind, std::uint32_t number, std::span<const std::byte> bytes);

 private:
  void run();
  bool read();
  bool write();
  void deliver(Message message);
  void endChannels();

  const transport::Fd socket_;
  const transport::NotifyFd queued_;
  std::mutex mutex_;   // guards what follows, and that no target goes while it is called
  std::map<std::uint32_t, Target*> targets_;
  std::map<std::uint32_t, std::uint32_t> channels_;   // channel → target
  std::uint32_t last_ = 0;
  std::vector<std::byte> outgoing_;
  bool ending_ = false;
  struct {
    std::vector<std::byte> incoming, outgoing;
    std::size_t written = 0;
  } own_;   // the thread's
  std::thread thread_;
};

}  // namespace backline::script

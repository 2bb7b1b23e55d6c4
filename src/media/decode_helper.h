#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "session/engine.h"
#include "transport/fd.h"

namespace backline::media {

struct DecodeHelperOptions {
  std::vector<std::string> command;       ///< how to start backline-decode; empty: as findHelper() finds it
  std::string helperFolder = BACKLINE_HELPER_FOLDER;   ///< the last place to look for it
  double idle = 10;                       ///< seconds without a guest, after which the helper ends
};

/// The program's side of backline-decode, which forks a process (a guest) for every file that is to be decoded away from the program. It is started
/// for the first and ends when there has been none for a while; one guest is always forked ahead. Outlives its guests.
/// Thread safety: any thread.
class DecodeHelper {
 public:
  /// A process that is there for one file, as long as this object is. [any thread, one at a time]
  class Guest {
   public:
    Guest() = default;
    Guest(Guest&& other) noexcept;
    Guest& operator=(Guest&& other) noexcept;
    ~Guest();

    /// Unix, seqpacket: docs/formats/decoding.md.
    const transport::Fd& socket() const { return socket_; }
    explicit operator bool() const { return static_cast<bool>(socket_); }

   private:
    friend class DecodeHelper;
    Guest(DecodeHelper& helper, transport::Fd socket) : helper_(&helper), socket_(std::move(socket)) {}
    DecodeHelper* helper_ = nullptr;
    transport::Fd socket_;
  };

  explicit DecodeHelper(DecodeHelperOptions options = {});
  ~DecodeHelper();
  DecodeHelper(const DecodeHelper&) = delete;
  DecodeHelper& operator=(const DecodeHelper&) = delete;

  /// Throws std::runtime_error if the helper cannot be started.
  Guest open();
  /// Has a process wait for the next file.
  void prepare();
  /// Of the helper; 0: none runs.
  int pid() const;
  /// Ends all guests and the helper. Every later open() fails.
  void shut();

 private:
  class Process;

  transport::Fd take();
  transport::Fd fork();
  void keep();
  void leave();

  const DecodeHelperOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::unique_ptr<Process> process_;   // null: none runs
  transport::Fd spare_;                // to a guest that waits for the next file
  unsigned guests_ = 0;
  std::uint64_t begun_ = 0;            // of them all
  bool shut_ = false;
  std::thread keeper_;                 // ends an idle helper; runs as long as that does
};

/// How a guest ended, for people: "was ended by signal 11 (Segmentation fault)".
std::string howGuestEnded(int waitStatus);
/// Of what another process wrote: no control characters.
std::string printable(std::string text);

}  // namespace backline::media

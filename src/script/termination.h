#pragma once

#include <mutex>
#include <optional>
#include <string>

#include "render/watchdog.h"
#include "render/worklet.h"
#include "script/compat.h"

namespace backline::script {

class Realm;

/// Ends the call into one realm that ran beyond its budget or filled its heap, in such a way that the realm goes on. Inside an Entry, but for
/// `terminate`.
///
/// The watchdog condemns a stretch; V8's interrupt, which runs on the thread that executes the script, terminates it only if the stretch still
/// is that one: so nobody pays for his predecessor.
class Termination final : public render::Terminable {
 public:
  explicit Termination(Realm& realm) : realm_(realm) {}

  /// Before any script runs.
  void attach();
  /// Before the isolate goes.
  void detach();
  void terminate() noexcept override;

  struct Sentence {
    render::ScriptError error;   ///< with the place where it ran
    render::NodeId node = 0;     ///< whose code it was; 0: nobody's in particular
    bool heapFull = false;       ///< what the guilty holds should go
  };
  /// The call that just ended was terminated.
  bool passed() const { return sentence_.has_value() || heapFull_; }
  /// What it was terminated for; from here on script runs again. `passed()` holds.
  Sentence take();

 private:
  static void onInterrupt(v8::Isolate* isolate, void* self);
  static std::size_t onNearHeapLimit(void* self, std::size_t current, std::size_t initial);
  Sentence sentence() const;

  Realm& realm_;
  std::mutex mutex_;             // of attached_
  bool attached_ = false;
  std::size_t heapLimit_ = 0;    // bytes, as V8 began with
  bool heapFull_ = false;
  std::optional<Sentence> sentence_;
};

}  // namespace backline::script

#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "control/audio_context.h"
#include "media/decode_helper.h"

namespace backline::media {

class MediaElement;
class MediaPump;

/// What the media elements of one control thread share: the queue of their tasks, and the AudioContext through which those are heard that no
/// graph has taken. Outlives its elements' playing; an element that is left over does nothing. [control]
class MediaElements {
 public:
  /// `engine` is asked for when something is to be heard; what it gives outlives this object. `helper` decodes: see DecodeHelper.
  explicit MediaElements(std::function<session::Engine&()> engine, std::shared_ptr<DecodeHelper> helper = std::make_shared<DecodeHelper>());
  explicit MediaElements(session::Engine& engine, std::shared_ptr<DecodeHelper> helper = std::make_shared<DecodeHelper>());
  ~MediaElements();
  MediaElements(const MediaElements&) = delete;
  MediaElements& operator=(const MediaElements&) = delete;

  /// `wake` is called, on any thread, when there is something to dispatch.
  void onWake(std::function<void()> wake);
  /// Runs what has happened: events, completions of play().
  void dispatch();
  /// One of them only. True if more are waiting.
  bool dispatchOne();
  /// Sleeps until something happens or `seconds` are over, dispatches. False: nothing happened.
  bool waitAndDispatch(double seconds);
  /// Whether something is still to come that a program waits for: an event, the end of an element that is heard by itself.
  bool isBusy() const;
  /// Told when that changes.
  std::function<void(bool busy)> onbusy;
  /// Asks for a dispatch by the hook given to onWake. [any thread]
  void wake() { waker_->wake(); }
  /// Ends all that plays.
  void shut();

 private:
  friend class MediaElement;

  /// What pumps may touch from their threads: outlives this.
  struct Waker {
    std::mutex mutex;
    std::condition_variable changed;
    bool awake = false;
    std::function<void()> hook;
    void wake();
  };

  void queueTask(std::function<void()> task);
  void update();
  /// A source of the shared context, connected. Throws NotSupportedError if there is no device.
  std::shared_ptr<MediaElementOutput> openOutput();
  /// Seconds from the shared context's graph to the ear.
  double latency() const;
  /// The shared context runs while one of the elements that it plays does.
  void letRun();
  void loseOutput();
  void retire(std::unique_ptr<MediaPump> pump);

  const std::function<session::Engine&()> engine_;
  const std::shared_ptr<DecodeHelper> helper_;
  const std::shared_ptr<Waker> waker_ = std::make_shared<Waker>();
  std::vector<MediaElement*> elements_;
  std::deque<std::function<void()>> tasks_;
  std::vector<std::unique_ptr<MediaPump>> retired_;   // on their way to their end
  std::unique_ptr<AudioContext> context_;
  std::string lost_;            // why the context has ended; empty: it has not
  bool running_ = true;         // what was last asked of the context
  bool busy_ = false;
  bool shut_ = false;
};

}  // namespace backline::media

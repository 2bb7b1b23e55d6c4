#pragma once

#include <functional>
#include <list>
#include <memory>
#include <thread>

#include "node/loop.h"

namespace backline::node {

/// Work that waits for processes: a thread of its own for each piece, so that libuv's few, which serve files and names, are not held; so many at once,
/// the others in their order. Keeps the loop alive while there is some. [main]
class Decodings {
 public:
  Decodings(std::shared_ptr<Loop> loop, unsigned atOnce) : loop_(std::move(loop)), atOnce_(atOnce) {}
  ~Decodings() { end(); }
  Decodings(const Decodings&) = delete;
  Decodings& operator=(const Decodings&) = delete;

  /// `work` runs on a thread, then `done` on this one.
  void add(std::function<void()> work, std::function<void()> done);
  /// Waits for what has begun, whose `done` is not called any more. The loop is closed.
  void end();

 private:
  struct Piece {
    std::function<void()> work, done;
    std::thread thread;
  };

  void begin();
  void finish(std::list<Piece>::iterator piece);

  const std::shared_ptr<Loop> loop_;
  const unsigned atOnce_;
  std::list<Piece> waiting_, begun_;
};

}  // namespace backline::node

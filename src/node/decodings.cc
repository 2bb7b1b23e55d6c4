#include "node/decodings.h"

#include <iterator>
#include <system_error>
#include <utility>

namespace backline::node {

void Decodings::add(std::function<void()> work, std::function<void()> done) {
  loop_->hold();
  waiting_.push_back({std::move(work), std::move(done), {}});
  begin();
}

void Decodings::begin() {
  while (begun_.size() < atOnce_ && !waiting_.empty()) {
    begun_.splice(begun_.end(), waiting_, waiting_.begin());
    const auto piece = std::prev(begun_.end());
    const auto run = [this, piece] {
      piece->work();
      loop_->post([this, piece] { finish(piece); });
    };
    try {
      piece->thread = std::thread(run);
    } catch (const std::system_error&) {   // there are too many threads already
      run();
    }
  }
}

void Decodings::finish(std::list<Piece>::iterator piece) {
  if (piece->thread.joinable()) piece->thread.join();
  const std::function<void()> done = std::move(piece->done);
  begun_.erase(piece);
  loop_->release();
  begin();
  done();
}

void Decodings::end() {
  waiting_.clear();
  for (Piece& piece : begun_) {
    if (piece.thread.joinable()) piece.thread.join();
  }
  begun_.clear();
}

}  // namespace backline::node

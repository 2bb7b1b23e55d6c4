#pragma once

#include <cstdint>
#include <string>

namespace backline::session {

/// Helpers of one kind that die one soon after the other: the next is started later each time, and in the end none.
class Deaths {
 public:
  /// One more has died. Milliseconds until the next is to be started: 0, 100, 400, 1600.
  int count() {
    const int pause = number_ == 0 ? 0 : kFirstPause << 2 * (number_ - 1);
    if (number_ <= kMost) ++number_;
    return pause;
  }
  bool any() const { return number_ > 0; }
  bool tooMany() const { return number_ > kMost; }
  /// What to say of it when it was one too many.
  std::string told(const std::string& how) const { return how + "; it was the " + std::to_string(number_) + "th in a row, and no other is tried: "; }
  /// It has gone well for long enough.
  void forget() { number_ = 0; }

 private:
  static constexpr std::uint32_t kMost = 4;
  static constexpr int kFirstPause = 100;
  std::uint32_t number_ = 0;
};

}  // namespace backline::session

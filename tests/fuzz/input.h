#pragma once

#include <fuzzer/FuzzedDataProvider.h>

#include <algorithm>
#include <bit>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace backline::fuzz {

/// The fuzzer's bytes as choices. When they run out every choice is the first.
class Input {
 public:
  explicit Input(std::span<const std::uint8_t> bytes) : bytes_(bytes.data(), bytes.size()) {}

  bool more() const { return const_cast<FuzzedDataProvider&>(bytes_).remaining_bytes() > 0; }
  std::uint32_t below(std::uint32_t count) { return count < 2 ? 0 : bytes_.ConsumeIntegralInRange<std::uint32_t>(0, count - 1); }
  std::uint32_t between(std::uint32_t low, std::uint32_t high) { return low + below(high - low + 1); }
  bool oneIn(std::uint32_t count) { return below(count) == count - 1; }
  template <class T>
  T word() {
    return bytes_.ConsumeIntegral<T>();
  }
  template <class T, std::size_t N>
  T oneOf(const T (&values)[N]) {
    return values[below(N)];
  }
  /// A number that tends to be an edge, else any bit pattern at all.
  double number() {
    constexpr double kEdges[] = {0, 1, -1, 0.5, 2, 1e-9, 1e9, 1e300, -1e300, 1e-310, 440, 0.1,
                                 std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN(), 3.4e38, 24000};
    const std::uint32_t kind = below(8);
    if (kind < 4) return word<std::uint16_t>() / 4096.0;
    return kind < 7 ? oneOf(kEdges) : std::bit_cast<double>(word<std::uint64_t>());
  }
  std::vector<std::byte> bytes(std::size_t most) { return take<std::byte>(below(static_cast<std::uint32_t>(most) + 1)); }
  std::vector<std::byte> rest() { return take<std::byte>(bytes_.remaining_bytes()); }

 private:
  template <class T>
  std::vector<T> take(std::size_t count) {
    const std::vector<std::uint8_t> raw = bytes_.ConsumeBytes<std::uint8_t>(count);
    std::vector<T> out(raw.size());
    if (!raw.empty()) std::memcpy(out.data(), raw.data(), raw.size());
    return out;
  }
  FuzzedDataProvider bytes_;
};

/// Ends the run: what was found becomes an input of the corpus.
inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

}  // namespace backline::fuzz

/// Defines a target: `void run(Input& input)` follows.
#define BACKLINE_FUZZ_TARGET                                                                     \
  static void run(backline::fuzz::Input& input);                                                 \
  extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {            \
    backline::fuzz::Input input({data, size});                                                   \
    run(input);                                                                                  \
    return 0;                                                                                    \
  }

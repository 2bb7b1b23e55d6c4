#pragma once

#include <cstdint>

namespace backline::test {

/// The seed of a random test: a new one each time, or BACKLINE_SEED from the environment. Recorded with the
/// test and printed.
std::uint64_t seed();

}  // namespace backline::test

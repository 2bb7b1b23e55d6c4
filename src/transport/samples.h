#pragma once

#include <cstdint>
#include <memory>

namespace backline::transport {

/// Samples of one channel, by whoever allocates them.
using Samples = std::shared_ptr<float[]>;

/// `frames` zeros, of untouched pages, so that a long stretch costs what is written into it. Null if there is no memory. [any thread]
Samples silence(std::uint64_t frames);
/// Says that all of them are going to be written: the system then hands out large pages, where it does that. [any thread]
void expectFilled(const Samples& samples, std::uint64_t frames) noexcept;

}  // namespace backline::transport

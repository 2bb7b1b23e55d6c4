#pragma once

#include <cstddef>

namespace backline::script {

/// What one AudioWorkletGlobalScope may hold.
struct Limits {
  std::size_t heapBytes = std::size_t{512} << 20;      ///< objects; beyond it the call that asks for more is terminated
  std::size_t bufferBytes = std::size_t{1} << 30;      ///< ArrayBuffers, and WebAssembly memory: each; beyond it RangeError, and -1 from grow()
};

/// With BACKLINE_WORKLET_HEAP and BACKLINE_WORKLET_BUFFERS, in megabytes, where the environment sets them. Throws std::invalid_argument,
/// naming the variable, for what is no number of 16 … 65536.
Limits limitsOfEnvironment();

}  // namespace backline::script

#pragma once

#include <stdexcept>
#include <string>

namespace backline::transport {

/// What is wrong with a segment, stream or descriptor, and what was expected. Never thrown on a render
/// thread.
class TransportError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace backline::transport

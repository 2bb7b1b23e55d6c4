#pragma once

#include <cstdint>

namespace backline::script {

/// Names memory that lies in a process's SharedBuffers, inside a message.
struct Ticket {
  std::uint64_t process, number;
};
static_assert(sizeof(Ticket) == 16);

}  // namespace backline::script

#pragma once

#include <cstdint>

namespace backline::script {

/// Names the memory of a SharedArrayBuffer inside a message. In a heap that several processes map: which, where in it and how much, and
/// the heap of the process that sent the message. Within one process: `space` is the process, `place` a number in its SharedBuffers.
struct Ticket {
  std::uint64_t space, place, bytes, sender;
};
static_assert(sizeof(Ticket) == 32);

/// Names, inside a message, one side of the pipe of a MessagePort that travels in it. Within one realm: `memory.space` is 0 and `memory.place`
/// the port's number there.
struct PortTicket {
  Ticket memory;
  std::uint64_t side;
  bool local() const { return memory.space == 0; }
};
static_assert(sizeof(PortTicket) == 40);

}  // namespace backline::script

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "render/worklet.h"
#include "script/pipe_layout.h"
#include "script/shared_pool.h"
#include "script/ticket.h"
#include "transport/block_stream.h"

namespace backline::script {

/// One side of a pipe between two MessagePorts: a block of a shared heap, so that the two may be in any threads of the program and its
/// render hosts, and nobody stands between them. What has been sent arrives, in order, also when it is closed afterwards; a side whose
/// process dies counts as closed. What the other side writes is checked; the worst that it does is to be closed.
/// Thread safety: one thread at a time.
class PortPipe {
 public:
  /// Side 1 of a new pipe, and the ticket of side 0. Null if the heap has no room.
  static std::unique_ptr<PortPipe> create(std::shared_ptr<SharedPool> pool, PortTicket& other);
  /// The side that a ticket names; null if it is not there, or somebody has it already.
  static std::unique_ptr<PortPipe> open(std::shared_ptr<SharedPool> pool, const PortTicket& ticket);
  ~PortPipe() { close(); }

  /// Never fails: what finds no room waits here.
  void send(render::Message message);
  /// Writes more of what waits. True if nothing is left.
  bool flush();
  enum class Result { none, message, closed };
  /// `closed` is final, and comes after everything that was sent.
  Result read(std::vector<std::byte>& message);
  /// Whether read() or flush() would get on. Costs some loads. [any thread]
  bool ready() const;
  /// From now on the process's bell is rung when the other side writes (and, if something waits to be sent, reads). Until it is read.
  void sleep();
  /// The other side reads what was sent, then `closed`. What waits is sent as long as there is room, the rest is lost.
  void close();
  /// Gives the side up unused, for whoever opens it by the ticket.
  PortTicket pass();
  /// As close(), once all is sent: whoever flushes has to go on, until true.
  bool finish();

 private:
  PortPipe(std::shared_ptr<SharedPool> pool, std::shared_ptr<v8::BackingStore> memory, unsigned side);
  PipeHeader& header() const;
  PipeSide& mine() const { return header().sides[side_].side; }
  PipeSide& theirs() const { return header().sides[1 - side_].side; }
  void wakeFor(std::uint32_t what);

  const std::shared_ptr<SharedPool> pool_;
  const std::shared_ptr<void> reading_;
  const std::shared_ptr<v8::BackingStore> memory_;
  const unsigned side_;
  transport::MessageWriter out_;
  transport::BlockReader in_;
  bool sleeping_ = false, closed_ = false, waiting_ = false;
};

}  // namespace backline::script

#pragma once

#include <node_api.h>

#include <map>
#include <memory>
#include <mutex>

#include "script/port_pipe.h"

namespace backline::script {

/// The program's sides of pipes, whichever of its threads uses one, each known by a number. A pipe is used by one thread at a time. [any thread]
class ProgramPipes {
 public:
  /// 0: there is no room.
  std::uint32_t create();
  /// Once, of one that was created: what the other side opens it by; of one that was passed, what this side is opened by.
  PortTicket takeTicket(std::uint32_t number);
  /// This side is somebody else's, too.
  void pass(std::uint32_t number);
  /// 0: the ticket is void.
  std::uint32_t open(const PortTicket& ticket);
  /// Null if there is none. From here on it ends with `user`.
  PortPipe* find(std::uint32_t number, const void* user);
  void end(std::uint32_t number);
  void endOf(const void* user);

 private:
  struct Entry {
    std::unique_ptr<PortPipe> pipe;
    PortTicket ticket;
    const void* user = nullptr;
  };
  std::mutex mutex_;
  std::uint32_t last_ = 0;
  std::map<std::uint32_t, Entry> pipes_;
};

/// Those of this process.
ProgramPipes& processPipes();

/// Puts on `exports`: createPipe() → number; openPipes(message) → the numbers of the pipes whose ports a message brings, 0 for one that is not there;
/// passPipe(number), after which the pipe goes with another message, by its
/// other side; sendPipe(number, bytes); readPipe(number) → Uint8Array, null if there is nothing, undefined once it is closed and gone; closePipe(number) →
/// whether everything is sent, else call it again; listenPipes(callback), which is called when pipes that had nothing may have. handOver(number) →
/// the HandOver of a new pipe, which is sent to a processor; handedOver(message) → how many messages went before, if it is the answer.
void exportPipes(napi_env env, napi_value exports);

}  // namespace backline::script

#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "script/compat.h"
#include "script/ticket.h"

namespace backline::script {

/// The memory of SharedArrayBuffers on their way from one isolate of this process to another. Every message that carries one has a
/// ticket, which is taken once. A ticket of another process opens nothing. [any thread]
class SharedBuffers {
 public:
  SharedBuffers();
  Ticket put(std::shared_ptr<v8::BackingStore> memory);
  /// Null for a ticket that was taken before or comes from elsewhere.
  std::shared_ptr<v8::BackingStore> take(Ticket ticket);

 private:
  const std::uint64_t process_;
  std::mutex mutex_;
  std::uint64_t last_ = 0;
  std::unordered_map<std::uint64_t, std::shared_ptr<v8::BackingStore>> memory_;
};

}  // namespace backline::script

#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "script/bell.h"
#include "script/compat.h"
#include "script/overlay.h"
#include "script/ticket.h"
#include "transport/block_stream.h"
#include "transport/shared_heap.h"

namespace backline::script {

/// The memory of SharedArrayBuffers that other processes see: this process cuts it from a heap of its own, which its peers map, and maps
/// theirs. A block has one BackingStore in a process, however many isolates use it, and is free once no process has it.
///
/// A ticket holds its block until it was taken. Who has taken one says so to who sent it, and to the owner again when it has let the block go:
/// so no process believes another's bookkeeping but about what that one still wants. What a peer says of blocks that do not exist is
/// ignored; a ticket for one is void. [any thread]
class SharedPool : public std::enable_shared_from_this<SharedPool> {
 public:
  static std::shared_ptr<SharedPool> create(std::shared_ptr<transport::SharedHeap> own, transport::NotifyFd bell = transport::NotifyFd::create());

  /// By which other processes know this one.
  std::uint64_t id() const { return own_->id(); }
  /// Wakes a process, by its id; nobody, if there is none.
  void ring(std::uint64_t id);
  /// Whether a process was a peer and has died.
  bool gone(std::uint64_t id);
  /// What is rung for this process.
  Bell& bell() { return bell_; }

  /// Zeroed memory that can be lent; null if there is no room.
  std::shared_ptr<v8::BackingStore> allocate(std::size_t bytes);
  /// Puts a block in the place of the pages of a new shared WebAssembly.Memory of at most so many pages, so that it can be lent. False: it
  /// stays this process's alone.
  bool adopt(const std::shared_ptr<v8::BackingStore>& memory, std::uint32_t mostPages);
  /// Nothing for memory that lies in no heap: it cannot be seen elsewhere.
  std::optional<Ticket> lend(const std::shared_ptr<v8::BackingStore>& memory);
  /// Makes a shared WebAssembly.Memory; null if it cannot.
  using MakeMemory = std::function<std::shared_ptr<v8::BackingStore>(MemoryPages pages)>;
  /// Null for a ticket of memory that is not there. What is a WebAssembly.Memory's has to be one here, too: `make` is asked for it.
  std::shared_ptr<v8::BackingStore> take(const Ticket& ticket, const MakeMemory& make = {});

  /// Held by whoever in this process reads tickets: where there is such a one, what nobody has read yet outlives the last peer.
  std::shared_ptr<void> read();

  /// As Atomics.notify() for the other processes: wakes at most `count` agents in each that wait for the word at `index` (in bytes) of a memory.
  /// Memory that lies in no heap has nobody there.
  void wake(const std::shared_ptr<v8::BackingStore>& memory, std::uint64_t index, std::uint32_t count);
  struct Wake {
    std::shared_ptr<v8::BackingStore> memory;
    std::uint64_t index;   ///< in bytes; a 32-bit word of the memory
    std::uint32_t count;
  };
  /// What another process wants to be woken here. The bell rings for it.
  std::optional<Wake> takeWake();

  /// Bytes of this process's own blocks, when all that the peers have said is heard.
  std::uint64_t used();

  /// What another process needs to become a peer of this one. Throws transport::TransportError.
  transport::SharedMemoryEnds invite();
  /// The pool of a process that was invited, whose own blocks are `most` bytes at most. Throws transport::TransportError.
  static std::shared_ptr<SharedPool> accept(transport::SharedMemoryEnds ends, std::uint64_t most);

 private:
  using Place = std::pair<std::uint64_t, std::uint64_t>;   // heap, offset
  using Memory = std::shared_ptr<v8::BackingStore>;
  struct Note;
  struct Peer {
    std::shared_ptr<transport::SharedHeap> heap;
    transport::NotifyFd bell;
    transport::MessageWriter out;
    transport::BlockReader in;
    std::map<std::uint64_t, std::pair<Memory, std::uint64_t>> lent;   // by offset in our heap: how often it was taken
  };
  struct Member;
  struct Let;

  SharedPool(std::shared_ptr<transport::SharedHeap> own, transport::NotifyFd bell) : own_(std::move(own)), bell_(std::move(bell)) {}
  Memory wrap(const std::shared_ptr<transport::SharedHeap>& heap, std::uint64_t offset, std::size_t bytes);
  void letGo(std::uint64_t heap, std::uint64_t offset);
  void add(transport::Fd heap, transport::Fd out, transport::Fd in, transport::Fd bell);
  void remove(std::uint64_t heap);

  // Under mutex_. What loses its last holder there goes to `gone`, which ends after the lock.
  Memory find(Place place, std::uint64_t bytes);
  std::optional<Place> placeOf(const Memory& memory) const;
  Memory lay(const std::shared_ptr<transport::SharedHeap>& heap, std::uint64_t offset, Memory memory, MemoryPages pages);
  void sweep();
  void hear(std::vector<Memory>& gone);
  void heard(Peer& peer, std::span<const std::byte> note, std::vector<Memory>& gone);
  void tell(Peer& peer, std::uint32_t what, std::uint64_t heap, std::uint64_t offset, std::uint32_t count = 0);
  void wakeHere(const Note& note);
  void arrived(Place place, std::vector<Memory>& gone);

  const std::shared_ptr<transport::SharedHeap> own_;
  Bell bell_;
  std::atomic<bool> someGone_{false};
  std::mutex mutex_;
  std::set<std::uint64_t> gone_;
  struct Laid {
    Place place;
    std::uint32_t mostPages;
    std::weak_ptr<v8::BackingStore> memory;
  };
  std::map<const void*, Laid> laid_;   // WebAssembly.Memories, by where their pages are: their ends are found by looking
  std::map<Place, std::weak_ptr<v8::BackingStore>> known_;
  std::map<Place, std::pair<Memory, std::uint64_t>> travelling_;   // in messages that nobody has read yet: how many
  std::atomic<std::uint64_t> readers_{0};
  std::map<std::uint64_t, std::unique_ptr<Peer>> peers_;           // by their heap
  std::map<Place, std::uint32_t> wakes_;                           // words that somebody here may wait for: how many are to be woken
};

}  // namespace backline::script

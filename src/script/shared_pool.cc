#include "script/shared_pool.h"

#include <algorithm>
#include <cstring>

namespace backline::script {

namespace {

constexpr std::uint32_t kNoteRing = 1 << 16;   // bytes; what finds no room waits
constexpr std::size_t kMostWakes = 4096;       // words; what a peer says beyond is ignored

enum What : std::uint32_t {
  kTaken = 1,   ///< a ticket of yours for this place was read
  kLet = 2,     ///< of your block here I had one more than I have now
  kWake = 3,    ///< wake `count` of those who wait for the word that is here
};

}  // namespace

/// Docs: docs/formats/shared-heap.md.
struct SharedPool::Note {
  std::uint32_t what, count;
  std::uint64_t heap, offset;
};

/// What a BackingStore's end needs, whoever is still there then.
struct SharedPool::Let {
  std::weak_ptr<SharedPool> pool;
  std::shared_ptr<transport::SharedHeap> heap;
  std::uint64_t offset;
};

/// Ends what a peer has when who invited it says so.
struct SharedPool::Member {
  std::weak_ptr<SharedPool> pool;
  std::uint64_t heap;
  ~Member() {
    if (const auto known = pool.lock()) known->remove(heap);
  }
};

std::shared_ptr<SharedPool> SharedPool::create(std::shared_ptr<transport::SharedHeap> own, transport::NotifyFd bell) {
  return std::shared_ptr<SharedPool>(new SharedPool(std::move(own), std::move(bell)));
}

void SharedPool::ring(std::uint64_t id) {
  if (id == own_->id()) return bell_.ring();
  const std::scoped_lock lock(mutex_);
  if (const auto peer = peers_.find(id); peer != peers_.end()) peer->second->bell.signal();
}

bool SharedPool::gone(std::uint64_t id) {
  if (!someGone_.load(std::memory_order_acquire)) return false;
  const std::scoped_lock lock(mutex_);
  return gone_.contains(id);
}

SharedPool::Memory SharedPool::wrap(const std::shared_ptr<transport::SharedHeap>& heap, std::uint64_t offset, std::size_t bytes) {
  const auto end = [](void*, std::size_t, void* data) {
    const std::unique_ptr<Let> let(static_cast<Let*>(data));
    if (const auto pool = let->pool.lock()) pool->letGo(let->heap->id(), let->offset);
  };
  Memory memory = v8::SharedArrayBuffer::NewBackingStore(heap->at(offset), bytes, end, new Let{weak_from_this(), heap, offset});
  known_[{heap->id(), offset}] = memory;
  return memory;
}

std::shared_ptr<v8::BackingStore> SharedPool::allocate(std::size_t bytes) {
  std::vector<Memory> gone;
  const std::scoped_lock lock(mutex_);
  hear(gone);
  const auto offset = own_->allocate(bytes);
  return offset ? wrap(own_, *offset, bytes) : nullptr;
}

bool SharedPool::adopt(const std::shared_ptr<v8::BackingStore>& memory, std::uint32_t mostPages) {
  std::vector<Memory> gone;
  const std::scoped_lock lock(mutex_);
  hear(gone);
  const MemoryPages pages{0, mostPages};
  const auto offset = mostPages > 0 && mostPages <= MemoryPages::kMost ? own_->allocate(pages.bytes()) : std::nullopt;
  if (!offset) return false;
  if (lay(own_, *offset, memory, pages)) return true;
  own_->free(*offset);
  return false;
}

SharedPool::Memory SharedPool::lay(const std::shared_ptr<transport::SharedHeap>& heap, std::uint64_t offset, Memory memory, MemoryPages pages) {
  if (!memory || !overlay(*heap, offset, *memory, pages)) return nullptr;
  const Place place{heap->id(), offset};
  laid_[memory->Data()] = {place, pages.most, memory};
  known_[place] = memory;
  return memory;
}

/// V8 tells nobody that a WebAssembly.Memory has gone.
void SharedPool::sweep() {
  std::erase_if(laid_, [this](const auto& entry) {
    const auto& [heap, offset] = entry.second.place;
    if (!entry.second.memory.expired()) return false;
    if (const auto known = known_.find(entry.second.place); known != known_.end() && known->second.expired()) known_.erase(known);
    if (heap == own_->id()) own_->free(offset);
    else if (const auto owner = peers_.find(heap); owner != peers_.end()) tell(*owner->second, kLet, heap, offset);
    return true;
  });
}

std::uint64_t SharedPool::used() {
  {
    std::vector<Memory> gone;
    const std::scoped_lock lock(mutex_);
    hear(gone);
  }
  return own_->used();
}

std::optional<Ticket> SharedPool::lend(const std::shared_ptr<v8::BackingStore>& memory) {
  std::vector<Memory> gone;
  const std::scoped_lock lock(mutex_);
  hear(gone);
  const std::optional<Place> place = placeOf(memory);
  if (!place) return {};
  std::uint64_t bytes = memory->ByteLength();
  if (const auto laid = laid_.find(memory->Data()); laid != laid_.end()) {
    bytes = MemoryPages{static_cast<std::uint32_t>(bytes / MemoryPages::kPage), laid->second.mostPages}.encoded();
  }
  auto& [held, count] = travelling_[*place];
  held = memory;
  ++count;
  return Ticket{place->first, place->second, bytes, own_->id()};
}

std::optional<SharedPool::Place> SharedPool::placeOf(const Memory& memory) const {
  if (const auto laid = laid_.find(memory->Data()); laid != laid_.end() && laid->second.memory.lock() == memory) return laid->second.place;
  if (const auto offset = own_->offsetOf(memory->Data())) return Place{own_->id(), *offset};
  for (const auto& [id, peer] : peers_) {
    if (const auto offset = peer->heap->offsetOf(memory->Data())) return Place{id, *offset};
  }
  return {};
}

void SharedPool::wake(const std::shared_ptr<v8::BackingStore>& memory, std::uint64_t index, std::uint32_t count) {
  if (count == 0) return;
  std::vector<Memory> gone;
  const std::scoped_lock lock(mutex_);
  hear(gone);
  const std::optional<Place> place = placeOf(memory);
  if (!place) return;
  for (const auto& [id, peer] : peers_) {
    tell(*peer, kWake, place->first, place->second + index, count);
    peer->bell.signal();
  }
}

/// `note` may name any word.
void SharedPool::wakeHere(const Note& note) {
  if (wakes_.size() >= kMostWakes) return;
  std::uint32_t& count = wakes_[{note.heap, note.offset}];
  count += std::min(note.count, ~count);
}

std::optional<SharedPool::Wake> SharedPool::takeWake() {
  std::vector<Memory> gone;
  const std::scoped_lock lock(mutex_);
  hear(gone);
  while (!wakes_.empty()) {
    const auto [place, count] = *wakes_.begin();
    wakes_.erase(wakes_.begin());
    auto block = known_.upper_bound(place);   // the first one behind
    if (block == known_.begin() || (--block)->first.first != place.first) continue;
    Memory memory = block->second.lock();
    const std::uint64_t index = (place.second - block->first.second) & ~std::uint64_t{3};
    if (memory && index + 4 <= memory->ByteLength()) return Wake{std::move(memory), index, count};
    gone.push_back(std::move(memory));   // its end takes the lock
  }
  return {};
}

/// What is there has the size that is told, but for a WebAssembly.Memory, which may have grown.
SharedPool::Memory SharedPool::find(Place place, std::uint64_t bytes) {
  const auto found = known_.find(place);
  Memory memory = found == known_.end() ? nullptr : found->second.lock();
  if (!memory) return nullptr;
  const auto laid = laid_.find(memory->Data());
  const bool grows = laid != laid_.end() && laid->second.place == place;
  const bool fits = grows ? MemoryPages::told(bytes) && MemoryPages::of(bytes).most == laid->second.mostPages : memory->ByteLength() == bytes;
  return fits ? memory : nullptr;
}

std::shared_ptr<v8::BackingStore> SharedPool::take(const Ticket& ticket, const MakeMemory& make) {
  const bool pagewise = MemoryPages::told(ticket.bytes);
  const MemoryPages pages = pagewise ? MemoryPages::of(ticket.bytes) : MemoryPages{};
  const std::uint64_t bytes = pagewise ? pages.bytes() : ticket.bytes;
  Memory made;   // outside the lock: script runs
  if (pagewise && make && ticket.space != own_->id()) {
    bool there;
    {
      const std::scoped_lock lock(mutex_);
      there = find({ticket.space, ticket.place}, ticket.bytes) != nullptr;
    }
    if (!there) made = make(pages);
  }
  std::vector<Memory> gone;
  const std::scoped_lock lock(mutex_);
  hear(gone);
  Memory memory;
  if (ticket.space == own_->id()) {
    memory = find({own_->id(), ticket.place}, ticket.bytes);
  } else if (const auto owner = peers_.find(ticket.space); owner != peers_.end() && owner->second->heap->holds(ticket.place, bytes)) {
    const auto known = known_.find({ticket.space, ticket.place});
    const bool again = known != known_.end() && !known->second.expired();
    if (again && !(memory = find({ticket.space, ticket.place}, ticket.bytes))) return nullptr;
    if (!again) memory = pagewise ? lay(owner->second->heap, ticket.place, made, pages) : wrap(owner->second->heap, ticket.place, ticket.bytes);
    if (ticket.sender != own_->id()) tell(*owner->second, kTaken, ticket.space, ticket.place);
    if ((again && ticket.sender == ticket.space) || !memory) tell(*owner->second, kLet, ticket.space, ticket.place);
    if (ticket.sender == own_->id()) arrived({ticket.space, ticket.place}, gone);
    return memory;
  }
  if (ticket.sender == own_->id()) {
    arrived({ticket.space, ticket.place}, gone);
  } else if (const auto sender = peers_.find(ticket.sender); sender != peers_.end()) {
    tell(*sender->second, kTaken, ticket.space, ticket.place);
  }
  return memory;
}

void SharedPool::arrived(Place place, std::vector<Memory>& gone) {
  const auto found = travelling_.find(place);
  if (found == travelling_.end() || --found->second.second > 0) return;
  gone.push_back(std::move(found->second.first));
  travelling_.erase(found);
}

void SharedPool::letGo(std::uint64_t heap, std::uint64_t offset) {
  const std::scoped_lock lock(mutex_);
  const auto known = known_.find({heap, offset});
  const bool last = known != known_.end() && known->second.expired();
  if (last) known_.erase(known);
  if (heap == own_->id()) own_->free(offset);
  else if (const auto owner = peers_.find(heap); owner != peers_.end()) tell(*owner->second, kLet, heap, offset);
}

void SharedPool::hear(std::vector<Memory>& gone) {
  sweep();
  std::vector<std::byte> note;
  for (const auto& [id, peer] : peers_) {
    peer->out.flush();
    while (peer->in.read(note) == transport::BlockReader::Result::message) heard(*peer, note, gone);
  }
}

void SharedPool::heard(Peer& peer, std::span<const std::byte> bytes, std::vector<Memory>& gone) {
  Note note;
  if (bytes.size() != sizeof note) return;
  std::memcpy(&note, bytes.data(), sizeof note);
  if (note.what == kTaken) {
    if (note.heap == own_->id()) {
      const auto known = known_.find({note.heap, note.offset});
      Memory memory = known == known_.end() ? nullptr : known->second.lock();
      if (!memory) return;
      auto& [held, count] = peer.lent[note.offset];
      held = std::move(memory);
      ++count;
    }
    arrived({note.heap, note.offset}, gone);
  } else if (note.what == kLet && note.heap == own_->id()) {
    const auto lent = peer.lent.find(note.offset);
    if (lent == peer.lent.end() || --lent->second.second > 0) return;
    gone.push_back(std::move(lent->second.first));
    peer.lent.erase(lent);
  } else if (note.what == kWake) {
    wakeHere(note);
  }
}

void SharedPool::tell(Peer& peer, std::uint32_t what, std::uint64_t heap, std::uint64_t offset, std::uint32_t count) {
  const Note note{what, count, heap, offset};
  static_assert(sizeof note == 24);
  std::vector<std::byte> bytes(sizeof note);
  std::memcpy(bytes.data(), &note, sizeof note);
  peer.out.send(std::move(bytes));
}

transport::SharedMemoryEnds SharedPool::invite() {
  const auto heap = transport::SharedHeap::create();
  const auto toPeer = transport::createBlockStream("backline-notes", kNoteRing);
  const auto fromPeer = transport::createBlockStream("backline-notes", kNoteRing);
  const auto bell = transport::NotifyFd::create();
  auto member = std::make_shared<Member>();
  member->pool = weak_from_this();
  member->heap = heap->id();
  transport::SharedMemoryEnds ends{own_->fd().duplicate(), heap->fd().duplicate(), toPeer.fd().duplicate(), fromPeer.fd().duplicate(),
                                   bell_.fd().duplicate(), bell.fd().duplicate(), member};
  add(heap->fd().duplicate(), toPeer.fd().duplicate(), fromPeer.fd().duplicate(), bell.fd().duplicate());
  return ends;
}

std::shared_ptr<SharedPool> SharedPool::accept(transport::SharedMemoryEnds ends, std::uint64_t most) {
  auto pool = create(transport::SharedHeap::map(std::move(ends.ownHeap), most), transport::NotifyFd::adopt(std::move(ends.ownBell)));
  pool->add(std::move(ends.heap), std::move(ends.fromPeer), std::move(ends.toPeer), std::move(ends.bell));   // what goes to them comes from us
  return pool;
}

void SharedPool::add(transport::Fd heap, transport::Fd out, transport::Fd in, transport::Fd bell) {
  auto peer = std::make_unique<Peer>();
  peer->bell = transport::NotifyFd::adopt(std::move(bell));
  peer->heap = transport::SharedHeap::map(std::move(heap));
  peer->out = transport::MessageWriter(transport::SharedMemory::map(std::move(out)));
  peer->in = transport::BlockReader(transport::SharedMemory::map(std::move(in)));
  const std::uint64_t id = peer->heap->id();
  const std::scoped_lock lock(mutex_);
  peers_[id] = std::move(peer);
}

void SharedPool::remove(std::uint64_t heap) {
  std::vector<Memory> gone;
  std::unique_ptr<Peer> left;   // with what was lent to it, after the lock
  decltype(travelling_) lost;
  const std::scoped_lock lock(mutex_);
  hear(gone);
  const auto peer = peers_.find(heap);
  if (peer == peers_.end()) return;
  left = std::move(peer->second);
  peers_.erase(peer);
  gone_.insert(heap);
  someGone_.store(true, std::memory_order_release);
  bell_.ring();   // what it had of pipes is closed now
  if (peers_.empty() && readers_ == 0) lost.swap(travelling_);   // there is nobody who could read it
}

std::shared_ptr<void> SharedPool::read() {
  ++readers_;
  return {nullptr, [pool = shared_from_this()](void*) { --pool->readers_; }};
}

}  // namespace backline::script

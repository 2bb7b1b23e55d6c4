#include "script/port_pipe.h"

#include <new>

#include "transport/error.h"

namespace backline::script {

namespace {

std::byte* bytesOf(const v8::BackingStore& memory) { return static_cast<std::byte*>(memory.Data()); }

transport::SharedMemory streamOf(const std::shared_ptr<v8::BackingStore>& memory, unsigned side) {
  return transport::SharedMemory::within({bytesOf(*memory) + sizeof(PipeHeader) + side * kPipeStream, kPipeStream}, memory);
}

}  // namespace

std::unique_ptr<PortPipe> PortPipe::create(std::shared_ptr<SharedPool> pool, PortTicket& other) {
  auto memory = pool->allocate(kPipeBytes);
  if (!memory) return nullptr;
  new (memory->Data()) std::uint64_t{kPipeMagic};
  for (const unsigned side : {0u, 1u}) transport::layBlockStream(streamOf(memory, side).bytes());
  other = {*pool->lend(memory), 0};
  auto& header = *reinterpret_cast<PipeHeader*>(memory->Data());
  header.sides[1].side.owner.store(pool->id(), std::memory_order_release);
  return std::unique_ptr<PortPipe>(new PortPipe(std::move(pool), std::move(memory), 1));
}

std::unique_ptr<PortPipe> PortPipe::open(std::shared_ptr<SharedPool> pool, const PortTicket& ticket) {
  if (ticket.memory.bytes != kPipeBytes || ticket.side > 1) return nullptr;
  auto memory = pool->take(ticket.memory);
  if (!memory || *reinterpret_cast<const std::uint64_t*>(memory->Data()) != kPipeMagic) return nullptr;
  const auto side = static_cast<unsigned>(ticket.side);
  std::uint64_t nobody = 0;
  if (!reinterpret_cast<PipeHeader*>(memory->Data())->sides[side].side.owner.compare_exchange_strong(nobody, pool->id())) return nullptr;
  try {
    return std::unique_ptr<PortPipe>(new PortPipe(std::move(pool), std::move(memory), side));
  } catch (const transport::TransportError&) {
    return nullptr;
  }
}

PortPipe::PortPipe(std::shared_ptr<SharedPool> pool, std::shared_ptr<v8::BackingStore> memory, unsigned side)
    : pool_(std::move(pool)), reading_(pool_->read()), memory_(std::move(memory)), side_(side), out_(streamOf(memory_, side)), in_(streamOf(memory_, 1 - side)) {}

PipeHeader& PortPipe::header() const { return *reinterpret_cast<PipeHeader*>(memory_->Data()); }

void PortPipe::send(render::Message message) {
  if (closed_) return;
  waiting_ = !out_.send(std::move(message));
  wakeFor(PipeSide::kData);
  if (!waiting_ || !std::exchange(sleeping_, false)) return;
  sleep();   // for room, too
  if (out_.hasRoom()) flush();
}

bool PortPipe::flush() {
  if (!waiting_) return true;
  waiting_ = !out_.flush();
  wakeFor(PipeSide::kData);
  return !waiting_;
}

PortPipe::Result PortPipe::read(std::vector<std::byte>& message) {
  if (sleeping_) {
    sleeping_ = false;
    mine().waits.store(0, std::memory_order_relaxed);
  }
  // Looked at before the stream: what was written before it was closed is in it.
  const std::uint64_t owner = theirs().owner.load(std::memory_order_acquire);
  const bool over = theirs().closed.load(std::memory_order_acquire) != 0 || (owner != 0 && pool_->gone(owner));
  const auto result = in_.read(message);
  wakeFor(PipeSide::kRoom);
  if (result == transport::BlockReader::Result::message) return Result::message;
  return over || result == transport::BlockReader::Result::corrupt ? Result::closed : Result::none;
}

bool PortPipe::ready() const {
  const std::uint64_t owner = theirs().owner.load(std::memory_order_acquire);
  return !in_.empty() || theirs().closed.load(std::memory_order_acquire) != 0 || (owner != 0 && pool_->gone(owner)) || (waiting_ && out_.hasRoom());
}

void PortPipe::sleep() {
  if (sleeping_) return;
  sleeping_ = true;
  mine().waits.store(PipeSide::kData | (waiting_ ? PipeSide::kRoom : 0), std::memory_order_seq_cst);
}

void PortPipe::close() {
  if (std::exchange(closed_, true)) return;
  flush();
  mine().closed.store(1, std::memory_order_release);
  wakeFor(PipeSide::kData | PipeSide::kRoom);
}

PortTicket PortPipe::pass() {
  closed_ = true;
  mine().owner.store(0, std::memory_order_release);
  return {*pool_->lend(memory_), side_};
}

bool PortPipe::finish() {
  if (flush() || theirs().closed.load(std::memory_order_acquire) != 0) close();
  return closed_;
}

void PortPipe::wakeFor(std::uint32_t what) {
  std::atomic_thread_fence(std::memory_order_seq_cst);   // what was done is seen by whoever says afterwards that it sleeps
  if ((theirs().waits.load(std::memory_order_relaxed) & what) == 0) return;
  if ((theirs().waits.exchange(0) & what) != 0) pool_->ring(theirs().owner.load(std::memory_order_relaxed));
}

}  // namespace backline::script

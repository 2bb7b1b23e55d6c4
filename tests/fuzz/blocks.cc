// BlockReader, BlockWriter and MessageWriter beside a peer that writes anything anywhere at any time between calls. Prefixes with a right
// check are forged too, so that lengths and fragments are reached.

#include "tests/fuzz/segment.h"
#include "transport/block_layout.h"
#include "transport/block_stream.h"
#include "transport/error.h"

namespace {

using namespace backline;
using namespace backline::transport;

constexpr std::uint32_t kCapacities[] = {64, 128, 256, 1024, 4096};

/// A record with a valid prefix and any length and flags, where the reader will look next.
void forge(fuzz::HostileSegment& peer, std::uint32_t capacity, fuzz::Input& input) {
  const std::uint64_t at = peer.get(offsetof(BlockHeader, read));
  const std::uint32_t length = input.oneIn(4) ? input.word<std::uint32_t>() & RecordPrefix::kLengthMask : input.below(capacity);
  RecordPrefix prefix{length | (input.oneIn(3) ? RecordPrefix::kMoreFollows : 0) | (input.oneIn(3) ? RecordPrefix::kContinues : 0), 0};
  prefix.check = RecordPrefix::checkOf(at, prefix.lengthAndFlags);
  peer.put(sizeof(BlockHeader) + (at & (capacity - 1)), std::bit_cast<std::uint64_t>(prefix));
  peer.put(offsetof(BlockHeader, written), at + (input.oneIn(4) ? input.word<std::uint64_t>() : recordBytes(length)));
}

}  // namespace

BACKLINE_FUZZ_TARGET
void run(fuzz::Input& input) {
  const std::uint32_t capacity = input.oneOf(kCapacities);
  fuzz::HostileSegment peer(createBlockStream("backline-fuzz", capacity));
  for (std::uint32_t i = input.below(4); i > 0; --i) peer.scribble(input, sizeof(BlockHeader));
  std::optional<BlockReader> reader;
  std::optional<BlockWriter> writer;
  std::optional<MessageWriter> messages;
  std::vector<std::byte> message;
  std::uint32_t honest = 0;   // bytes sent that wait
  while (input.more()) {
    try {
      if (!reader) reader.emplace(peer.map());
      if (!writer) writer.emplace(peer.map()), messages.emplace(peer.map());
    } catch (const TransportError&) {
      return;
    }
    switch (input.below(9)) {
      case 0: peer.scribble(input, sizeof(BlockHeader)); break;
      case 1: case 2: forge(peer, capacity, input); break;
      case 3: case 4: {
        const bool was = reader->corrupt();
        const auto result = reader->read(message);
        fuzz::require(!was || result == BlockReader::Result::corrupt, "a corrupt stream stays corrupt");
        break;
      }
      case 5: {
        std::vector<std::byte> room(input.between(0, 2048));
        fuzz::require(reader->readRecord(room) <= room.size(), "a record fits the buffer");
        break;
      }
      case 6: {
        const auto record = input.bytes(600);
        fuzz::require(!writer->tryWrite(record) || record.size() <= writer->maxRecord(), "a record that is too long is refused");
        break;
      }
      case 7:
        if (honest < 1 << 16) honest += 3000, messages->send(input.bytes(3000));
        messages->flush();
        (void)reader->empty();
        break;
      default:   // a successor attaches
        if (input.oneIn(2)) reader.reset();
        else writer.reset();
    }
  }
}

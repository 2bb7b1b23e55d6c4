// RingReader and RingWriter, every call, beside a peer that writes anything anywhere at any time between calls.

#include "tests/fuzz/segment.h"
#include "transport/error.h"
#include "transport/ring_layout.h"

namespace {

using namespace backline;
using namespace backline::transport;

constexpr std::uint32_t kMost = 600;   // frames a call

/// The newest frames, into exactly the room there is for them.
void readNewest(const RingReader& reader, fuzz::Input& input) {
  const std::uint32_t frames = input.between(0, kMost);
  std::vector<float> samples(std::size_t{frames} * reader.format().channels);
  reader.readNewest(samples.data(), frames);
}

/// One call of the reader; the samples have exactly the room that was asked for.
void readSome(RingReader& reader, fuzz::Input& input) {
  const std::uint32_t frames = input.between(0, kMost);
  std::vector<float> samples(std::size_t{frames} * reader.format().channels);
  const std::uint32_t got = reader.read(samples.data(), frames);
  fuzz::require(got <= frames && got <= reader.format().capacityFrames, "a reader takes no more than was asked for or than there is room");
}

void writeSome(RingWriter& writer, fuzz::Input& input) {
  const std::uint32_t frames = input.between(0, kMost);
  const std::vector<float> samples(std::size_t{frames} * writer.format().channels, 0.5f);
  fuzz::require(writer.write(samples.data(), frames) <= frames, "a writer takes no more than it was given");
}

}  // namespace

BACKLINE_FUZZ_TARGET
void run(fuzz::Input& input) {
  const RingFormat format{input.between(1, 4), 48000, input.between(1, 256), input.oneIn(2) ? Overflow::dropOldest : Overflow::refuse};
  fuzz::HostileSegment peer(createRingStream("backline-fuzz", format));
  for (std::uint32_t i = input.below(4); i > 0; --i) peer.scribble(input, sizeof(RingHeader));
  std::optional<RingReader> reader;
  std::optional<RingWriter> writer;
  while (input.more()) {
    try {
      if (!reader) reader.emplace(peer.map());
      if (!writer) writer.emplace(peer.map());
    } catch (const TransportError&) {
      return;
    }
    switch (input.below(10)) {
      case 0: case 1: peer.scribble(input, sizeof(RingHeader)); break;
      case 2: case 3: readSome(*reader, input); break;
      case 4: case 5: writeSome(*writer, input); break;
      case 6:
        fuzz::require(reader->available() <= reader->format().capacityFrames, "no more is available than the ring holds");
        fuzz::require(writer->fill() + writer->space() == writer->format().capacityFrames, "fill and space are the ring");
        fuzz::require(reader->writerState() <= WriterState::ended, "the state is one that exists");
        reader->countUnderrun(input.word<std::uint32_t>());
        (void)(reader->consumed() + reader->dropped() + reader->underruns() + reader->underrunFrames() + writer->written() + writer->consumed());
        break;
      case 9: readNewest(*reader, input); break;
      case 7: {
        TimelineMark mark{input.word<std::uint64_t>(), 1, 2, 3};
        if (input.oneIn(2)) writer->mark(mark);
        reader->mark(mark);
        if (input.oneIn(2)) writer->gap(input.word<std::uint64_t>());
        RingGap gap;
        if (reader->nextGap(gap)) reader->takeGap(gap);
        writer->setState(static_cast<WriterState>(input.below(4)));
        break;
      }
      default:   // a successor attaches
        if (input.oneIn(2)) reader.reset();
        else writer.reset();
    }
  }
}

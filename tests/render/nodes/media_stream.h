#pragma once

#include <array>
#include <memory>
#include <vector>

#include "render/nodes/list.h"
#include "render/streams.h"
#include "transport/ring_stream.h"

namespace backline::test {

/// Maps the same segment again, as a peer does.
inline transport::SharedMemory mapAgain(const transport::SharedMemory& memory) { return transport::SharedMemory::map(memory.fd().duplicate()); }

/// A ring into the graph, as a source node's first field has it.
struct StreamIn {
  StreamIn(transport::RingFormat format, bool ownClock, render::CreateArgs session,
           const render::NodeDeclaration& type = render::kMediaStreamAudioSource)
      : writer(transport::createRingStream("in", format)), input(std::make_shared<render::InputStream>(mapAgain(writer.memory()), ownClock)) {
    const std::array<render::Field, 2> fields{render::Field{.resource = input.get()}, render::Field{.number = 1}};
    prepared = type.prepare(session, 0, fields);
    writer.setState(transport::WriterState::running);
  }
  transport::RingReader& reader() { return input->reader; }

  transport::RingWriter writer;
  std::shared_ptr<render::InputStream> input;
  std::shared_ptr<render::Resource> prepared;
};

/// Frames numbered from `first` on, channel c with c / 4 more, all exact in a float for hours of tests.
inline std::vector<float> numbered(std::uint64_t first, std::uint32_t frames, std::uint32_t channels) {
  std::vector<float> samples;
  for (std::uint32_t i = 0; i < frames; ++i)
    for (std::uint32_t c = 0; c < channels; ++c) samples.push_back(static_cast<float>(first + i) + static_cast<float>(c) / 4);
  return samples;
}

}  // namespace backline::test

// A ScriptProcessorNode's blocks, whose program answers what it likes, and writes anything into its two rings.

#include <cmath>

#include "render/nodes/script_blocks.h"
#include "tests/fuzz/segment.h"
#include "transport/block_layout.h"

namespace {

using namespace backline;
using namespace backline::render;

constexpr int kMostCalls = 60;

/// Answers of which the header is the fuzzer's, and mostly nearly right.
class Program {
 public:
  Program(const transport::SharedMemory& requests, const transport::SharedMemory& answers, const ScriptShape& shape)
      : shape_(shape), requests_(again(requests)), answers_(again(answers)) {}

  void listen() {
    std::vector<std::byte> record;
    while (requests_.read(record) == transport::BlockReader::Result::message) {
      if (record.size() < sizeof asked_) return;   // spoilt by ourselves
      std::memcpy(&asked_, record.data(), sizeof asked_);
    }
  }
  void answer(fuzz::Input& input) {
    ExchangeAnswer header{asked_.sequence, shape_.outputs, shape_.frames};
    if (input.oneIn(3)) header.sequence += input.below(5) - std::uint64_t{2};
    if (input.oneIn(8)) header.sequence = input.word<std::uint64_t>();
    if (input.oneIn(8)) header.channels = input.oneIn(2) ? 0 : input.word<std::uint32_t>();
    if (input.oneIn(8)) header.frames = input.oneIn(2) ? 0 : input.word<std::uint32_t>();
    const std::uint32_t channels = std::min(header.channels, 33u), frames = std::min(header.frames, 2 * shape_.frames);
    std::vector<std::byte> record(exchangeBytes<ExchangeAnswer>(channels, frames), std::byte{0x3f});
    std::memcpy(record.data(), &header, sizeof header);
    if (input.oneIn(6)) record.resize(input.below(static_cast<std::uint32_t>(record.size()) + 16));
    if (!record.empty()) answers_.tryWrite(record);
  }

 private:
  static transport::SharedMemory again(const transport::SharedMemory& memory) { return transport::SharedMemory::map(memory.fd().duplicate()); }

  const ScriptShape shape_;
  ExchangeRequest asked_;
  transport::BlockReader requests_;
  transport::BlockWriter answers_;
};

}  // namespace

BACKLINE_FUZZ_TARGET
void run(fuzz::Input& input) {
  const std::uint32_t frames = 256u << input.below(3);
  const ScriptShape shape{frames, input.below(4), input.below(4), input.oneIn(4) ? input.between(1, 1500) : 128, 48000};
  const auto ringBytes = static_cast<std::uint32_t>(input.between(2, 8) * (exchangeBytes<ExchangeRequest>(3, frames) + 16));
  const auto requests = transport::createBlockStream("backline-fuzz", ringBytes), answers = transport::createBlockStream("backline-fuzz", ringBytes);
  const auto exchange = std::make_shared<Exchange>(transport::SharedMemory::map(requests.fd().duplicate()),
                                                   transport::SharedMemory::map(answers.fd().duplicate()), transport::NotifyFd());
  ScriptBlocks blocks(shape, exchange);
  Program program(requests, answers, shape);
  fuzz::HostileSegment hostile[] = {fuzz::HostileSegment(requests), fuzz::HostileSegment(answers)};

  std::vector<float> heard(std::size_t{shape.quantum} * 4, 0.25f), played(std::size_t{shape.quantum} * 4);
  std::uint64_t frame = 0, due = 0;
  for (int i = 0; i < kMostCalls && input.more(); ++i) {
    switch (input.below(8)) {
      case 0: hostile[input.below(2)].scribble(input, sizeof(transport::BlockHeader)); break;
      case 1: program.listen(); break;
      case 2: case 3: program.listen(), program.answer(input); break;
      case 4:
        if (input.oneIn(4)) blocks.disconnected();
        break;
      default: {
        Block in, out;
        in.data = heard.data(), in.frames = shape.quantum, in.capacity = 4, in.channels = static_cast<std::uint8_t>(input.between(1, 4));
        out.data = played.data(), out.frames = shape.quantum, out.capacity = 4;
        blocks.process(in, out, frame);
        fuzz::require(out.channels == std::max(1u, shape.outputs), "a block has the node's channels");
        frame += shape.quantum;
        ++due;
      }
    }
  }
  fuzz::require(blocks.missed() <= due * (shape.quantum / shape.frames + 1), "no more is missed than was due");
}

// A ScriptProcessorNode's render side against a program in another process that is slow, stopped, or gone. Every quantum runs inside a
// RealtimeScope (NodeHarness): one that waited would fail.

#include <gtest/gtest.h>
#include <signal.h>

#include <array>
#include <chrono>
#include <cstring>
#include <thread>

#include "render/nodes/list.h"
#include "render/nodes/script_blocks.h"
#include "tests/render/nodes/node_harness.h"
#include "tests/session/rig.h"
#include "tests/support/child_process.h"

namespace backline {
namespace {

using namespace render;
using test::kRate;

constexpr std::uint32_t kFrames = 256, kQuantum = 128, kExchangeField = 3;

float sampleOf(double frame) { return static_cast<float>(frame + 1); }

transport::SharedMemory again(const transport::SharedMemory& memory) { return transport::SharedMemory::map(memory.fd().duplicate()); }

struct Rings {
  transport::SharedMemory requests = transport::createBlockStream("test", 1 << 14);
  transport::SharedMemory answers = transport::createBlockStream("test", 1 << 14);
  transport::NotifyFd asked = transport::NotifyFd::create();
};

/// The program: sends every block back, each after a rest.
int echo(const Rings& rings, std::chrono::microseconds rest) {
  transport::BlockReader requests(again(rings.requests));
  transport::BlockWriter answers(again(rings.answers));
  std::vector<std::byte> record;
  for (;;) {
    rings.asked.wait(-1);
    while (requests.read(record) == transport::BlockReader::Result::message) {
      ExchangeRequest request;
      std::memcpy(&request, record.data(), sizeof request);
      std::this_thread::sleep_for(rest);
      const ExchangeAnswer answer{request.sequence, request.channels, request.frames};
      std::vector<std::byte> reply(sizeof answer);
      std::memcpy(reply.data(), &answer, sizeof answer);
      reply.insert(reply.end(), record.begin() + sizeof request, record.end());
      answers.tryWrite(reply);
    }
  }
}

/// The node, rendered as fast as the test likes.
class Renderer {
 public:
  explicit Renderer(const Rings& rings)
      : exchange_(std::make_shared<Exchange>(again(rings.requests), again(rings.answers), transport::NotifyFd::adopt(rings.asked.fd().duplicate()))),
        node_(kScriptProcessor, kRate, kQuantum, 1) {
    const std::array<Field, 4> fields{{{kFrames}, {1}, {1}, {1, exchange_.get()}}};
    blocks_ = kScriptProcessor.prepare({kRate, kQuantum}, kExchangeField, fields);
    node_.field(kExchangeField, blocks_.get()).input(1, [](std::uint32_t, double frame) { return sampleOf(frame); });
  }

  /// Renders a block after a pause. True if it sounded, each sample at its place; false if all of it was silent.
  bool block(std::chrono::microseconds pause) {
    std::this_thread::sleep_for(pause);
    std::uint32_t right = 0, silent = 0;
    for (std::uint32_t done = 0; done < kFrames; done += kQuantum) {
      const auto from = static_cast<double>(node_.frame());
      node_.step();
      for (std::uint32_t i = 0; i < kQuantum; ++i) {
        const float sample = node_.output().channel(0)[i];
        silent += sample == 0;
        right += sample == sampleOf(from + i - 2 * kFrames);
      }
    }
    EXPECT_TRUE(right == kFrames || silent == kFrames) << right << " frames right and " << silent << " silent, of " << kFrames;
    return right == kFrames;
  }
  const ScriptBlocks& blocks() const { return static_cast<const ScriptBlocks&>(*blocks_); }

 private:
  std::shared_ptr<Exchange> exchange_;
  std::shared_ptr<Resource> blocks_;
  test::NodeHarness node_;
};

using std::chrono::microseconds;

TEST(ExchangePeers, AQuickProgramIsHeardAndEveryBlockIsCounted) {
  const Rings rings;
  test::ChildProcess program([&] { return echo(rings, microseconds(0)); });
  Renderer renderer(rings);
  std::uint32_t heard = 0;
  constexpr std::uint32_t kBlocks = 300;
  for (std::uint32_t i = 0; i < kBlocks; ++i) heard += renderer.block(microseconds(1000));
  EXPECT_GT(heard, 0u);
  EXPECT_EQ(heard + renderer.blocks().missed(), kBlocks - 2) << "the first two are latency";
  program.kill();
  program.wait();
}

TEST(ExchangePeers, ASlowProgramCostsBlocksOfSilenceAndNothingElse) {
  const Rings rings;
  test::ChildProcess program([&] { return echo(rings, microseconds(3000)); });
  Renderer renderer(rings);
  std::uint32_t heard = 0;
  constexpr std::uint32_t kBlocks = 300;
  for (std::uint32_t i = 0; i < kBlocks; ++i) heard += renderer.block(microseconds(500));
  EXPECT_EQ(heard + renderer.blocks().missed(), kBlocks - 2);
  EXPECT_GT(renderer.blocks().missed(), 0u);
  EXPECT_GT(renderer.blocks().unasked(), 0u) << "blocks that the full ring refused";
  program.kill();
  program.wait();
}

TEST(ExchangePeers, AStoppedProgramIsSilenceUntilItGoesOn) {
  const Rings rings;
  test::ChildProcess program([&] { return echo(rings, microseconds(0)); });
  Renderer renderer(rings);
  const auto soundsAgain = [&] {
    for (int tries = 0; tries < 3000; ++tries)
      if (renderer.block(microseconds(1000))) return true;
    return false;
  };
  ASSERT_TRUE(soundsAgain());
  ::kill(program.pid(), SIGSTOP);
  for (int i = 0; i < 50; ++i) renderer.block(microseconds(200));
  for (int i = 0; i < 50; ++i) EXPECT_FALSE(renderer.block(microseconds(0))) << "a stopped program was heard";
  ::kill(program.pid(), SIGCONT);
  EXPECT_TRUE(soundsAgain());
  EXPECT_GE(renderer.blocks().missed(), 50u);
  program.kill();
  program.wait();
}

TEST(ExchangePeers, AProgramThatIsKilledLeavesWholeBlocksAndThenSilence) {
  const Rings rings;
  Renderer renderer(rings);
  for (int round = 0; round < 20; ++round) {
    test::ChildProcess program([&] { return echo(rings, microseconds(100)); });
    for (int i = 0; i < 20; ++i) renderer.block(microseconds(500));
    program.kill();
    ASSERT_EQ(program.wait(), -SIGKILL);
  }
  for (int i = 0; i < 3; ++i) renderer.block(microseconds(0));
  for (int i = 0; i < 50; ++i) EXPECT_FALSE(renderer.block(microseconds(0))) << "a dead program was heard";
}

}  // namespace
}  // namespace backline

// Many changes: in one batch, in many, through the ring and in process. Every one of them is heard at its frame.

#include <cstring>

#include "tests/session/rig.h"

namespace backline {
namespace {

using namespace render;
using namespace test;

constexpr int kChanges = 10'000;

float valueOf(int change) { return static_cast<float>(change + 1) / 16384; }

void build(Batch& batch) { batch.node(1, kDestination).node(2, kConstantSource).connect(2, 1).start(2, 0); }
void change(Batch& batch, int i) { batch.setValue(2, 0, valueOf(i), i / static_cast<double>(kRate)); }

void expectChanges(const std::vector<float>& heard) {
  ASSERT_GE(heard.size(), static_cast<std::size_t>(kChanges));
  for (int i = 0; i < kChanges; ++i) ASSERT_EQ(heard[static_cast<std::size_t>(i)], valueOf(i)) << "frame " << i;
}

std::vector<float> renderInProcess(const std::vector<std::vector<std::byte>>& batches, Batch& batch) {
  const auto session = session::openOffline({.sampleRate = kRate, .channels = 1});
  Notices notices(*session);
  for (const auto& bytes : batches) session->commit(bytes);
  session->commit(batch.add(0, StartRendering{kChanges, 1}).takeBytes());
  if (notices.await<RenderingComplete>() == nullptr) return {};
  const transport::Samples samples = session->takeResult()[0];
  return {samples.get(), samples.get() + kChanges};
}

std::vector<float> playOutOfProcess(const std::vector<std::vector<std::byte>>& batches, Batch& batch) {
  const TemporaryFile tap("load");
  session::EngineOptions withTap = options("stepped");
  withTap.tapPath = tap.path;
  withTap.tapSeconds = kChanges / static_cast<double>(kRate);
  session::Engine engine(withTap);
  auto session = engine.open({.sampleRate = kRate, .channels = 1});
  Notices notices(*session);
  for (const auto& bytes : batches) session->commit(bytes);
  session->commit(batch.run().takeBytes());
  EXPECT_TRUE(notices.awaitState(1));
  engine.finishTap();
  return readWav(tap.path).samples;
}

TEST(Load, ABatchOfTenThousandChangesIsHeardFrameByFrame) {
  for (const bool inProcess : {true, false}) {
    SCOPED_TRACE(inProcess ? "in process" : "out of process");
    Batch batch;
    build(batch);
    for (int i = 0; i < kChanges; ++i) change(batch, i);
    const std::vector<std::vector<std::byte>> batches{batch.takeBytes()};
    expectChanges(inProcess ? renderInProcess(batches, batch) : playOutOfProcess(batches, batch));
  }
}

TEST(Load, TenThousandBatchesOfOneChangeAreHeardFrameByFrame) {
  for (const bool inProcess : {true, false}) {
    SCOPED_TRACE(inProcess ? "in process" : "out of process");
    Batch batch;
    build(batch);
    std::vector<std::vector<std::byte>> batches;
    for (int i = 0; i < kChanges; ++i) {
      change(batch, i);
      batches.push_back(batch.takeBytes());
    }
    expectChanges(inProcess ? renderInProcess(batches, batch) : playOutOfProcess(batches, batch));
  }
}

TEST(Load, TenThousandNodesComeAndGoInTenThousandBatches) {
  session::Engine engine(options("virtual"));
  auto session = engine.open({.sampleRate = kRate});
  Notices notices(*session);
  Batch batch;
  session->commit(batch.node(1, kDestination).run().takeBytes());
  for (NodeId id = 2; id < 2 + kChanges; ++id) session->commit(batch.node(id, kGain).connect(id, 1).add(id, ReleaseNode{}).takeBytes());
  session->commit(batch.add(0, SetRunning{0, 2}).takeBytes());
  EXPECT_TRUE(notices.awaitState(2));
}

}  // namespace
}  // namespace backline

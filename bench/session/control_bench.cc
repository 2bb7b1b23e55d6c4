// What the control plane and the command ring cost, with a real render host: a control call's round trip, and a commit in graphs of three
// sizes. Prints percentiles in microseconds.
//
//   control_bench [--count N]     changes and calls of each kind (default 2000)

#include <cstring>
#include <string>

#include "bench/session/host_rig.h"

namespace backline::bench {
namespace {

using namespace render;

void roundTrips(HostRig& rig, int count) {
  std::vector<double> calls;
  for (int i = 0; i < count; ++i) {
    const std::int64_t start = now();
    rig.host().describeRequest().send().wait(rig.io.waitScope);
    calls.push_back(static_cast<double>(now() - start) / 1000);
  }
  print("a control call and its answer", calls);
}

void commits(NodeId nodes, int count) {
  HostRig rig;
  rig.batch.node(1, kDestination);
  // Chains of ten, summed: what a mixer's graph looks like. Nothing sounds, so that the ring is full and the change is all there is to do.
  for (NodeId id = 2; id <= nodes; ++id) rig.batch.node(id, kGain).connect(id, id % 10 == 0 ? 1 : id - 1);
  rig.apply(rig.batch.run());
  sleepFor(100'000'000);
  std::vector<double> written, values, connections;
  for (int i = 0; i < count; ++i) {
    rig.batch.setValue(2, 0, static_cast<float>(i) / static_cast<float>(count), 0);
    values.push_back(rig.apply(rig.batch));
    sleepFor(300'000);
    i % 2 == 0 ? rig.batch.connect(nodes / 2, 1) : rig.batch.add(nodes / 2, Disconnect{0, 1, 0});
    connections.push_back(rig.apply(rig.batch));
    sleepFor(300'000);
    std::vector<std::byte> bytes = rig.batch.setValue(2, 0, 0.5f, 0).takeBytes();
    const std::int64_t start = now();
    rig.channel.commit(std::move(bytes));
    written.push_back(static_cast<double>(now() - start) / 1000);
    sleepFor(300'000);
  }
  const std::string in = " in " + std::to_string(nodes) + " nodes";
  print(("commit() on the control thread" + in).c_str(), written);
  print(("one value, commit to applied" + in).c_str(), values);
  print(("one connection, commit to applied" + in).c_str(), connections);
}

}  // namespace
}  // namespace backline::bench

int main(int argc, char** argv) {
  int count = 2000;
  for (int i = 1; i + 1 < argc; i += 2)
    if (std::strcmp(argv[i], "--count") == 0) count = std::max(1, std::atoi(argv[i + 1]));
  {
    backline::bench::HostRig rig;
    backline::bench::roundTrips(rig, count);
  }
  for (const std::uint32_t nodes : {10u, 1'000u, 10'000u}) backline::bench::commits(nodes, count);
}

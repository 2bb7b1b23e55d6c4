// Two sessions in one host: one with the least latency, and one with a long ring and a graph that takes most of a core, suspended and
// resumed again and again so that it has its whole ring to fill. Prints what each cost and how often each was late.
//
//   pace_bench [--seconds N] [--oscillators N] [--heavy N]     N heavy sessions (default 2: one for each core of a small machine)

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#include "session/engine.h"
#include "tests/support/batch.h"

namespace backline::bench {
namespace {

using namespace render;

struct Playing {
  std::unique_ptr<session::Session> session;
  test::Batch batch;

  void send() { session->commit(batch.takeBytes()); }
};

Playing play(session::Engine& engine, double latency, int oscillators) {
  Playing made{engine.open({.sampleRate = 48000, .latency = latency}), {}};
  made.batch.node(1, kDestination).node(2, kGain).connect(2, 1);
  for (int i = 0; i < oscillators; ++i) {
    const auto id = static_cast<NodeId>(3 + i);
    made.batch.node(id, kOscillator).connect(id, 2).start(id, 0);
  }
  made.session->commit(made.batch.run().takeBytes());
  return made;
}

void print(const char* what, const session::Session& session) {
  const session::Timing timing = session.timing();
  std::printf("%-12s cost %6.0f µs a quantum, worst %6.0f; %llu frames played, %llu underruns\n", what, timing.costAverage * 1e6,
              timing.costWorst * 1e6, static_cast<unsigned long long>(timing.playedFrame), static_cast<unsigned long long>(timing.underruns));
}

int run(double seconds, int oscillators, int count) {
  session::EngineOptions options;
  options.audioCommand = {BACKLINE_BINARIES "/backline-audio"};
  options.renderCommand = {BACKLINE_BINARIES "/backline-render"};
  options.device = "virtual";
  session::Engine engine(options);
  Playing interactive = play(engine, 0, 4);
  std::vector<Playing> heavy;
  for (int i = 0; i < count; ++i) heavy.push_back(play(engine, 0.2, oscillators));
  std::uint32_t generation = 1;
  for (double passed = 0; passed < seconds; passed += 0.5) {
    for (const std::uint32_t running : {0u, 1u}) {
      std::this_thread::sleep_for(std::chrono::milliseconds(250));
      ++generation;
      for (Playing& playing : heavy) {
        playing.batch.add(0, SetRunning{running, generation});
        playing.send();
      }
    }
  }
  print("interactive", *interactive.session);
  for (const Playing& playing : heavy) print("heavy", *playing.session);
  return 0;
}

}  // namespace
}  // namespace backline::bench

int main(int argc, char** argv) {
  double seconds = 15;
  int oscillators = 150, heavy = 2;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--seconds") == 0) seconds = std::atof(argv[i + 1]);
    if (std::strcmp(argv[i], "--oscillators") == 0) oscillators = std::atoi(argv[i + 1]);
    if (std::strcmp(argv[i], "--heavy") == 0) heavy = std::atoi(argv[i + 1]);
  }
  return backline::bench::run(seconds, oscillators, heavy);
}

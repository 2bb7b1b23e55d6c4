// How late a sound is heard, by loopback, for each latencyHint: an impulse is scheduled, captured, and found again with its time. What the
// context says of itself is put beside it. On the virtual device, and on a JACK server of its own without hardware.
//
//   latency_bench [--count N]     impulses for each hint (default 20)

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>

#include "bench/session/host_rig.h"
#include "control/audio_context.h"
#include "session/engine.h"
#include "tests/audioserver/sound_server.h"

namespace backline::bench {
namespace {

struct Hint {
  const char* name;
  std::variant<AudioContextLatencyCategory, double> value;
};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// A capture's frames, read until one stands out.
class Ear {
 public:
  explicit Ear(session::Engine& engine, const std::string& device)
      : capture_(engine.openCapture({.device = device, .channels = 1})), reader_(transport::SharedMemory::map(capture_->ring().duplicate())) {}

  void forget() {
    std::vector<float> frames(4096);
    while (reader_.read(frames.data(), 4096) > 0) {
    }
  }
  /// CLOCK_MONOTONIC nanoseconds of the next impulse; 0 if none came within two seconds.
  double hear() {
    float frame = 0;
    for (int tries = 0; tries < 2000;) {
      if (reader_.read(&frame, 1) == 0) {
        ++tries;
        sleepFor(1'000'000);
        continue;
      }
      if (frame < 0.25f) continue;
      transport::TimelineMark mark;
      reader_.mark(mark);
      const double frames = static_cast<double>(reader_.consumed() - 1) - static_cast<double>(mark.frame);
      return static_cast<double>(mark.nanoseconds) + frames / static_cast<double>(capture_->info().sampleRate) * 1e9;
    }
    return 0;
  }

 private:
  std::unique_ptr<session::Capture> capture_;
  transport::RingReader reader_;
};

void measure(session::Engine& engine, const Hint& hint, const std::string& input, audioserver::test::JackServer* jack, int count) {
  AudioContext context(engine, {.latencyHint = hint.value});
  Ear ear(engine, input);
  if (jack != nullptr) jack->connectBackline();
  auto impulse = context.createBuffer(1, 1, context.sampleRate());
  impulse->copyToChannel(std::vector<float>{0.5f}, 0);
  for (const double begin = context.currentTime(); context.currentTime() < begin + 0.2;) context.waitAndDispatch(0.01);

  std::vector<double> heard, wrong, said;
  for (int i = 0; i < count; ++i) {
    ear.forget();
    auto source = context.createBufferSource();
    source->setBuffer(impulse);
    source->connect(context.destination());
    const double when = std::ceil((context.currentTime() + 0.12) * static_cast<double>(context.sampleRate())) / static_cast<double>(context.sampleRate());
    source->start(when);
    context.commit();
    while (context.currentTime() < when) sleepFor(50'000);
    const std::int64_t rendered = now();
    const AudioTimestamp stamp = context.getOutputTimestamp();
    const double instant = ear.hear();
    if (instant == 0) {
      std::printf("%-12s an impulse was not heard\n", hint.name);
      return;
    }
    heard.push_back((instant - static_cast<double>(rendered)) * 1e-6);
    wrong.push_back((static_cast<double>(stamp.nanoseconds) + (when - stamp.contextTime) * 1e9 - instant) * 1e-6);
    said.push_back(context.outputLatency() * 1e3);
    context.dispatch();
  }
  const auto [least, most] = std::minmax_element(wrong.begin(), wrong.end());
  std::printf("%-12s base %6.2f ms   output said %6.2f ms, heard after %6.2f ms   timestamp off by %+.2f ms (%+.2f … %+.2f)\n", hint.name,
              context.baseLatency() * 1e3, median(said), median(heard), median(wrong), *least, *most);
  bool closed = false;
  context.close([&closed](auto) { closed = true; });
  while (!closed) context.waitAndDispatch(0.05);
}

void run(const char* title, const std::string& device, const std::string& input, audioserver::test::JackServer* jack, int count) {
  std::printf("%s\n", title);
  using enum AudioContextLatencyCategory;
  for (const Hint& hint : {Hint{"interactive", interactive}, Hint{"balanced", balanced}, Hint{"playback", playback}, Hint{"0.05 s", 0.05}, Hint{"0.3 s", 0.3}}) {
    session::Engine engine({.audioCommand = {BACKLINE_BINARIES "/backline-audio"}, .renderCommand = {BACKLINE_BINARIES "/backline-render"}, .device = device});
    measure(engine, hint, input, jack, count);
  }
}

}  // namespace
}  // namespace backline::bench

int main(int argc, char** argv) {
  int count = 20;
  for (int i = 1; i + 1 < argc; i += 2)
    if (std::strcmp(argv[i], "--count") == 0) count = std::max(1, std::atoi(argv[i + 1]));
  using namespace backline;
  bench::run("virtual device, its own loopback", "virtual", "virtual", nullptr, count);
  if (!audioserver::test::installed("jackd")) return 0;
  audioserver::test::JackServer jack;
  bench::run("JACK without hardware, our output connected to our input", "", "", &jack, count);
}

// Ten contexts of one program in one render host on one stepped device: three sample rates, five quanta, each with a tone and an output
// channel of its own. Each is suspended, resumed and closed by itself, and in nobody else's channel is a frame out of place.

#include <cmath>
#include <numbers>

#include "tests/session/rig.h"

namespace backline {
namespace {

using namespace render;
using namespace test;

constexpr std::uint32_t kContexts = 10;
constexpr float kDeviceRate = 48000;
constexpr std::uint64_t kPause = 4800;      // device frames between one thing and the next
constexpr std::size_t kFade = 1200;         // frames at either end of a stretch of sound that are not judged

struct Context {
  float rate;
  std::uint32_t quantum;
  double hertz;   // whole, so that a second of it loops
  std::unique_ptr<session::Session> session;
  std::unique_ptr<Notices> notices;
  Batch batch;
  std::uint32_t generation = 1;

  void run(bool running) {
    session->commit(batch.add(0, SetRunning{running ? 1u : 0u, ++generation}).takeBytes());
    ASSERT_TRUE(notices->awaitState(generation));
  }
};

/// A tone in one channel of ten.
void begin(Context& context, std::uint32_t channel) {
  const auto second = static_cast<std::size_t>(context.rate);
  std::vector<float> tone(second);
  for (std::size_t i = 0; i < second; ++i)
    tone[i] = static_cast<float>(0.5 * std::sin(2 * std::numbers::pi * context.hertz * static_cast<double>(i) / context.rate));
  const float* channels[kContexts] = {};
  channels[channel] = tone.data();
  context.session->shareBuffer(9, context.rate, second, channels);
  const ChannelRules rules{kContexts, ChannelCountMode::explicitCount, ChannelInterpretation::discrete};
  context.batch.add(1, CreateNode{numberOf(kDestination), rules}).node(2, kAudioBufferSource).connect(2, 1);
  context.batch.add(2, SetField{0, 9}).add(2, SetField{1, 1}).start(2, 0);
  context.session->commit(context.batch.run(context.generation).takeBytes());
  ASSERT_TRUE(context.notices->awaitState(context.generation));
}

struct Stretch {
  std::size_t begin, end;
};

/// Where a channel sounds: silences shorter than a zero crossing do not count.
std::vector<Stretch> sounding(const Recording& tap, std::uint32_t channel) {
  constexpr std::size_t kSilence = 400;
  std::vector<Stretch> stretches;
  for (std::size_t i = 0; i < tap.frames(); ++i) {
    if (std::abs(tap.at(i, channel)) < 1e-4f) continue;
    if (stretches.empty() || i - stretches.back().end > kSilence) stretches.push_back({i, i});
    stretches.back().end = i;
  }
  return stretches;
}

/// How far a stretch is from a sine of this frequency, in dB of its amplitude: a sine is 2·cos ω times its last frame less the one before.
double deviation(const Recording& tap, std::uint32_t channel, const Stretch& stretch, double hertz) {
  const double omega = 2 * std::numbers::pi * hertz / kDeviceRate;
  double worst = 0;
  for (std::size_t i = stretch.begin + kFade + 1; i + kFade + 1 < stretch.end; ++i)
    worst = std::max(worst, std::abs(tap.at(i + 1, channel) - 2 * std::cos(omega) * tap.at(i, channel) + tap.at(i - 1, channel)));
  return 20 * std::log10(std::max(worst, 1e-9) / 0.5);
}

TEST(Contexts, TenAtThreeRatesPlayTogetherAndEachIsSuspendedResumedAndClosedByItself) {
  const float rates[] = {48000, 44100, 96000};
  const std::uint32_t quanta[] = {128, 256, 64, 441, 1024};
  const TemporaryFile file("contexts");
  session::EngineOptions withTap = options("stepped");
  withTap.tapPath = file.path;
  session::Engine engine(withTap);
  std::vector<Context> contexts(kContexts);
  for (std::uint32_t i = 0; i < kContexts; ++i) {
    Context& context = contexts[i];
    context.rate = rates[i % 3];
    context.quantum = quanta[i % 5];
    context.hertz = 300 + 110 * i;
    context.session = engine.open({.sampleRate = context.rate, .quantum = context.quantum, .channels = kContexts});
    context.notices = std::make_unique<Notices>(*context.session);
    ASSERT_EQ(context.session->info().sampleRate, context.rate);
  }
  const int host = engine.helpers().renderPid;
  for (std::uint32_t i = 0; i < kContexts; ++i) begin(contexts[i], i);
  // The device's clock is the last context's to be closed.
  const auto wait = [&] {
    const std::uint64_t from = contexts[0].session->timing().playedFrame;
    ASSERT_TRUE(comesTrue([&] { return contexts[0].session->timing().playedFrame >= from + kPause; })) << "nothing plays any more";
  };
  wait();
  wait();
  for (std::uint32_t i = 1; i < kContexts; ++i) {
    contexts[i].run(false);
    wait();
    contexts[i].run(true);
    wait();
  }
  for (std::uint32_t i = kContexts - 1; i > 0; --i) {
    EXPECT_EQ(contexts[i].session->timing().underruns, 0u) << "context " << i;
    contexts[i].notices.reset();
    contexts[i].session.reset();
    wait();
  }
  EXPECT_EQ(contexts[0].session->timing().underruns, 0u);
  EXPECT_EQ(engine.helpers().renderPid, host) << "one host for all of them";
  contexts[0].notices.reset();
  contexts[0].session.reset();
  EXPECT_EQ(engine.finishTap().second, 0u) << "frames that the tap dropped";

  const Recording tap = readWav(file.path);
  ASSERT_EQ(tap.channels, kContexts);
  for (std::uint32_t i = 0; i < kContexts; ++i) {
    SCOPED_TRACE("context " + std::to_string(i) + ", " + std::to_string(contexts[i].rate) + " Hz, quantum " + std::to_string(contexts[i].quantum));
    const std::vector<Stretch> stretches = sounding(tap, i);
    ASSERT_EQ(stretches.size(), i == 0 ? 1u : 2u) << "stretches of sound in its channel";
    const double limit = contexts[i].rate == kDeviceRate ? -110 : -60;   // dB: float rounding; the rate converter's
    for (const Stretch& stretch : stretches) {
      EXPECT_GT(stretch.end - stretch.begin, kPause / 2) << "frames from " << stretch.begin;
      EXPECT_LT(deviation(tap, i, stretch, contexts[i].hertz), limit) << "dB, frames " << stretch.begin << " … " << stretch.end;
    }
  }
}

}  // namespace
}  // namespace backline

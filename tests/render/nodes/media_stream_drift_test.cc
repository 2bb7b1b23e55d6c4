#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <numbers>

#include "tests/dsp/spectrum.h"
#include "tests/render/nodes/media_stream.h"
#include "tests/render/nodes/node_harness.h"

namespace backline::test {
namespace {

constexpr double kPi = std::numbers::pi;
constexpr std::uint32_t kQuantum = 128;

struct Scene {
  double input, output;   // Hz
  double drift;           // the writer's clock runs so much faster
  double seconds;
  std::uint32_t burst = 480;
  double frequency = 100;   // Hz, of the tone that the writer sends, by its own clock
};

// A writer whose clock drifts, in bursts, against a node; the output goes to `hear` quantum by quantum.
class Simulation {
 public:
  explicit Simulation(const Scene& scene)
      : scene_(scene), stream_({1, static_cast<float>(scene.input), 1 << 15, transport::Overflow::refuse}, true, {static_cast<float>(scene.output), kQuantum}),
        node_(render::kMediaStreamAudioSource, static_cast<float>(scene.output)), burst_(scene.burst) {
    node_.field(0, stream_.prepared.get()).field(1, 1.0);
  }

  template <class Hear>
  void run(Hear&& hear) {
    const auto quanta = static_cast<std::uint64_t>(scene_.seconds * scene_.output / kQuantum);
    const double perQuantum = kQuantum / scene_.output * scene_.input * (1 + scene_.drift);
    const std::complex<double> turn = std::polar(1.0, 2 * kPi * scene_.frequency / scene_.input);
    double due = 17;
    for (std::uint64_t i = 0; i < quanta; ++i) {
      for (due += perQuantum; due >= scene_.burst; due -= scene_.burst) {
        for (float& sample : burst_) {
          sample = static_cast<float>(0.5 * phasor_.imag());
          phasor_ *= turn;
        }
        phasor_ /= std::abs(phasor_);
        ASSERT_EQ(stream_.writer.write(burst_.data(), scene_.burst), scene_.burst) << "frames: the ring is full";
      }
      node_.step();
      const double seconds = static_cast<double>(i * kQuantum) / scene_.output;
      if (seconds > 60) {
        least = std::min(least, stream_.writer.fill());
        most = std::max(most, stream_.writer.fill());
      }
      hear(seconds, node_.output());
    }
    EXPECT_EQ(stream_.reader().underruns(), 0u);
  }

  std::uint32_t least = 0xffffffff, most = 0;   // frames left after a quantum, once it has settled

 private:
  Scene scene_;
  StreamIn stream_;
  NodeHarness node_;
  std::vector<float> burst_;
  std::complex<double> phasor_ = 1;
};

double cents(double ratio) { return 1200 * std::log2(ratio); }

// Follows a tone: that it never jumps, and how high it is from second to second.
class Listener {
 public:
  Listener(double frequency, double rate) : turn_(std::polar(1.0, -2 * kPi * frequency / rate)), twice_(2 * std::cos(2 * kPi * frequency / rate)), frequency_(frequency), rate_(rate) {}

  void hear(const render::Block& block) {
    if (block.silent) {
      silences += heard_ > 0;
      return;
    }
    for (std::uint32_t i = 0; i < block.frames; ++i) {
      const double sample = block.data[i];
      // A sine obeys y[n] = 2 cos ω · y[n − 1] − y[n − 2]; a frame lost or doubled breaks that.
      if (heard_ >= kSettle) jump = std::max(jump, std::abs(sample - twice_ * last_[0] + last_[1]));
      last_[1] = last_[0];
      last_[0] = sample;
      sum_ += sample * phasor_;
      phasor_ *= turn_;
      if (++heard_ % static_cast<std::uint64_t>(rate_) == 0) endSecond();
    }
  }

  double jump = 0;                    // the greatest break
  int silences = 0;
  std::vector<double> pitches;        // cents from the frequency expected, a second each
  double total() const { return turns_; }   // radians gained on the frequency expected

 private:
  static constexpr std::uint64_t kSettle = 4096;

  void endSecond() {
    const double phase = std::arg(sum_);
    if (seconds_++ > 0) {
      const double gained = std::remainder(phase - lastPhase_, 2 * kPi);
      turns_ += gained;
      pitches.push_back(cents(1 + gained / (2 * kPi * frequency_)));
    }
    lastPhase_ = phase;
    sum_ = 0;
    phasor_ /= std::abs(phasor_);
  }

  std::complex<double> turn_, phasor_ = 1, sum_ = 0;
  double twice_, frequency_, rate_;
  double last_[2] = {0, 0};
  double lastPhase_ = 0, turns_ = 0;
  std::uint64_t heard_ = 0, seconds_ = 0;
};

void listen(const Scene& scene) {
  SCOPED_TRACE(testing::Message() << scene.input << " → " << scene.output << " Hz, drift " << scene.drift * 1e6 << " ppm, " << scene.seconds << " s");
  const double heard = scene.frequency * (1 + scene.drift);
  Simulation simulation(scene);
  Listener listener(heard, scene.output);
  simulation.run([&](double, const render::Block& block) { listener.hear(block); });
  EXPECT_EQ(listener.silences, 0);
  EXPECT_LT(decibels(listener.jump / 0.5), -75) << "dB, the greatest break of a sine; one frame slipped would give "
                                                << decibels(2 * kPi * scene.frequency / scene.output);
  ASSERT_GT(listener.pitches.size(), 60u);
  for (std::size_t second = 0; second < listener.pitches.size(); ++second) {
    const double limit = second < 60 ? 2.5 : 0.25;
    ASSERT_LT(std::abs(listener.pitches[second]), limit) << "cents off in second " << second;
  }
  // Over all of it the sound may be off by what the fill of the ring moved, a few frames, but by no frame more.
  const double frames = listener.total() / (2 * kPi * scene.frequency) * scene.input;
  EXPECT_LT(std::abs(frames), 120) << "frames between input and output after " << scene.seconds << " s";
  EXPECT_GT(simulation.least, 0u);
  EXPECT_LT(simulation.most - simulation.least, scene.burst + kQuantum + 64) << "frames that the fill moved within";
}

TEST(MediaStreamDrift, AnHourAtThreeHundredPartsInAMillionSlipsNoFrame) { listen({.input = 16000, .output = 16000, .drift = 300e-6, .seconds = 3600}); }

TEST(MediaStreamDrift, SlowerFasterAndEqualClocksAtSeveralRatesAreFollowed) {
  listen({.input = 48000, .output = 48000, .drift = -300e-6, .seconds = 120});
  listen({.input = 44100, .output = 48000, .drift = 300e-6, .seconds = 120, .burst = 441});
  listen({.input = 44100, .output = 48000, .drift = -300e-6, .seconds = 120});
  listen({.input = 48000, .output = 44100, .drift = 35e-6, .seconds = 120});
  listen({.input = 16000, .output = 48000, .drift = 100e-6, .seconds = 120, .burst = 160});
  listen({.input = 48000, .output = 48000, .drift = 0, .seconds = 120, .burst = 128});
}

TEST(MediaStreamDrift, AToneStaysCleanWhileItsClockIsFollowed) {
  const Scene scene{.input = 44100, .output = 48000, .drift = 300e-6, .seconds = 100, .frequency = 997};
  Simulation simulation(scene);
  std::vector<double> heard;
  simulation.run([&](double seconds, const render::Block& block) {
    if (seconds > 99 && heard.size() < 8192) heard.insert(heard.end(), block.data, block.data + block.frames);
  });
  ASSERT_GE(heard.size(), 8192u);
  // What is left beside the sine that fits best; its frequency by golden search near the one expected.
  const auto restBeside = [&](double frequency) {
    double ss = 0, sc = 0, cc = 0, ys = 0, yc = 0, yy = 0;
    for (std::size_t i = 0; i < heard.size(); ++i) {
      const double angle = 2 * kPi * frequency / scene.output * static_cast<double>(i), s = std::sin(angle), c = std::cos(angle), y = heard[i];
      ss += s * s, sc += s * c, cc += c * c, ys += y * s, yc += y * c, yy += y * y;
    }
    const double determinant = ss * cc - sc * sc, a = (ys * cc - yc * sc) / determinant, b = (yc * ss - ys * sc) / determinant;
    return std::sqrt(std::max(0.0, yy - a * ys - b * yc) / yy);
  };
  double low = scene.frequency * (1 + scene.drift) * (1 - 3e-5), high = scene.frequency * (1 + scene.drift) * (1 + 3e-5);
  for (int i = 0; i < 60; ++i) {
    const double one = high - (high - low) * 0.618, two = low + (high - low) * 0.618;
    (restBeside(one) < restBeside(two) ? high : low) = restBeside(one) < restBeside(two) ? two : one;
  }
  EXPECT_LT(decibels(restBeside((low + high) / 2)), -90) << "THD+N in dB";
}

}  // namespace
}  // namespace backline::test

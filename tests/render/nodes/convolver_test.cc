#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "render/nodes/list.h"
#include "render/records.h"
#include "tests/render/nodes/node_harness.h"
#include "tests/support/seed.h"

namespace backline::test {
namespace {

using render::Activity;
using Samples = std::vector<float>;
using Channels = std::vector<Samples>;

enum { kNormalized, kBuffer };

Samples noise(std::mt19937_64& random, std::size_t count) {
  std::uniform_real_distribution<float> uniform(-1, 1);
  Samples samples(count);
  for (auto& sample : samples) sample = uniform(random);
  return samples;
}

/// A ConvolverNode with a response, as the compiler would set it up.
struct Convolver {
  Convolver(Channels response, std::uint32_t quantum = 128, bool normalized = false, float rate = 48000)
      : harness(render::kConvolver, rate, quantum), quantum(quantum) {
    const MemoryBuffer buffer(std::move(response), rate);
    std::vector<render::Field> fields(2);
    fields[kNormalized].number = normalized;
    fields[kBuffer].resource = const_cast<MemoryBuffer*>(&buffer);
    prepared = render::kConvolver.prepare({rate, quantum}, kBuffer, fields);
    harness.field(kBuffer, prepared.get());
  }
  /// The input's channels, cut into quanta; then nothing is connected any more. Two channels out.
  Channels play(const Channels& in, std::size_t frames) {
    Channels out(2);
    while (out[0].size() < frames) {
      if (harness.frame() < in[0].size()) {
        harness.input(static_cast<std::uint32_t>(in.size()), [&in](std::uint32_t channel, double frame) {
          const auto place = static_cast<std::size_t>(frame);
          return place < in[channel].size() ? in[channel][place] : 0.0f;
        });
      } else {
        harness.input(0, {});
      }
      harness.step();
      const render::Block& block = harness.output();
      for (std::uint32_t c = 0; c < 2; ++c) {
        const float* from = block.channel(block.channels > 1 ? c : 0);
        out[c].insert(out[c].end(), from, from + quantum);
      }
    }
    for (Samples& channel : out) channel.resize(frames);
    return out;
  }
  NodeHarness harness;
  const std::uint32_t quantum;
  std::shared_ptr<render::Resource> prepared;
};

void addConvolved(const Samples& in, const Samples& response, Samples& out) {
  for (std::size_t n = 0; n < out.size(); ++n) {
    double sum = 0;
    for (std::size_t k = 0; k < response.size() && k <= n; ++k)
      if (n - k < in.size()) sum += static_cast<double>(response[k]) * static_cast<double>(in[n - k]);
    out[n] += static_cast<float>(sum);
  }
}

/// Of the difference against the energy of what is wanted, in dB.
double errorOf(const Samples& got, const Samples& wanted) {
  double difference = 0, energy = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    difference += std::pow(static_cast<double>(got[i]) - static_cast<double>(wanted[i]), 2);
    energy += std::pow(static_cast<double>(wanted[i]), 2);
  }
  return difference == 0 ? -400 : 10 * std::log10(difference / energy);
}

// Which input is heard through which channel of the response, by the diagrams of Web Audio §1.14: {input, response, output}.
struct Way {
  std::size_t input, response, output;
};

TEST(Convolver, ConnectsInputsResponsesAndOutputsAsTheDiagramsSay) {
  struct Case {
    std::uint32_t inputs, responses, outputs;
    std::vector<Way> ways;
  };
  const Case cases[] = {
      {1, 1, 1, {{0, 0, 0}, {0, 0, 1}}},
      {2, 1, 2, {{0, 0, 0}, {1, 0, 1}}},
      {1, 2, 2, {{0, 0, 0}, {0, 1, 1}}},
      {2, 2, 2, {{0, 0, 0}, {1, 1, 1}}},
      {1, 4, 2, {{0, 0, 0}, {0, 1, 1}, {0, 2, 0}, {0, 3, 1}}},
      {2, 4, 2, {{0, 0, 0}, {0, 1, 1}, {1, 2, 0}, {1, 3, 1}}},
  };
  std::mt19937_64 random(seed());
  for (const Case& each : cases) {
    Channels in, response;
    for (std::uint32_t i = 0; i < each.inputs; ++i) in.push_back(noise(random, 2560));
    for (std::uint32_t i = 0; i < each.responses; ++i) response.push_back(noise(random, 1500));
    Channels wanted(2, Samples(4000));
    for (const Way& way : each.ways) addConvolved(in[way.input], response[way.response], wanted[way.output]);
    Convolver convolver(response);
    const Channels out = convolver.play(in, 4000);
    for (std::size_t c = 0; c < 2; ++c)
      EXPECT_LT(errorOf(out[c], wanted[c]), -110) << "dB, channel " << c << " of " << each.inputs << " in, response of " << each.responses;
    convolver.harness.input(each.inputs, [](std::uint32_t, double) { return 0.5f; }).step();
    EXPECT_EQ(convolver.harness.output().channels, each.outputs) << each.inputs << " in, response of " << each.responses;
  }
}

TEST(Convolver, EqualsTheDefinitionAtEveryQuantum) {
  std::mt19937_64 random(seed());
  const Channels response{noise(random, 9000)}, in{noise(random, 6000)};
  Samples wanted(15000);
  addConvolved(in[0], response[0], wanted);
  for (const std::uint32_t quantum : {1u, 16u, 63u, 64u, 128u, 137u, 256u, 441u, 1000u, 4096u, 16384u}) {
    Convolver convolver(response, quantum);
    EXPECT_LT(errorOf(convolver.play(in, wanted.size())[0], wanted), -110) << "dB, quantum " << quantum;
  }
}

TEST(Convolver, AnImpulseGivesBackTheResponseToTheFrame) {
  std::mt19937_64 random(seed());
  const Channels response{noise(random, 30000), noise(random, 30000)};
  Convolver convolver(response);
  const Channels out = convolver.play({{0, 0, 0, 1}}, 31000);
  for (std::size_t c = 0; c < 2; ++c) {
    Samples wanted(31000);
    std::copy(response[c].begin(), response[c].end(), wanted.begin() + 3);
    EXPECT_LT(errorOf(out[c], wanted), -120) << "dB, channel " << c;
    // The input was one quantum; the tail ends with the response after it.
    for (std::size_t i = 128 + 30000 - 1; i < wanted.size(); ++i) ASSERT_EQ(out[c][i], 0) << "frame " << i;
  }
}

TEST(Convolver, IsLinear) {
  std::mt19937_64 random(seed());
  const Channels response{noise(random, 5000), noise(random, 5000)};
  const Channels a{noise(random, 4000), noise(random, 4000)}, b{noise(random, 4000), noise(random, 4000)};
  Channels mixed = a;
  for (std::size_t c = 0; c < 2; ++c)
    for (std::size_t i = 0; i < mixed[c].size(); ++i) mixed[c][i] = a[c][i] - 0.25f * b[c][i];
  const Channels ofA = Convolver(response).play(a, 9000), ofB = Convolver(response).play(b, 9000), ofMixed = Convolver(response).play(mixed, 9000);
  for (std::size_t c = 0; c < 2; ++c) {
    Samples wanted(9000);
    for (std::size_t i = 0; i < wanted.size(); ++i) wanted[i] = ofA[c][i] - 0.25f * ofB[c][i];
    EXPECT_LT(errorOf(ofMixed[c], wanted), -110) << "dB";
  }
}

TEST(Convolver, IsActiveUntilTheResponseHasRungOut) {
  for (const auto quantum : kQuanta) {
    for (const std::uint64_t length : {1u, 2u, 128u, 1000u}) {
      Convolver convolver({Samples(length, 0.5f)}, quantum);
      NodeHarness& node = convolver.harness;
      node.input(1, [](std::uint32_t, double) { return 1.0f; }).step();
      node.input(0, {});
      const std::uint64_t ring = length - 1;   // frames after the input
      const std::uint64_t quanta = (ring + quantum - 1) / quantum;
      for (std::uint64_t i = 0; i < quanta; ++i) ASSERT_EQ(node.step(), Activity::active) << "quantum " << i << " of " << quanta << " of " << quantum << " frames";
      EXPECT_EQ(node.step(), Activity::idle) << "quantum " << quantum << ", response of " << length;
    }
  }
}

TEST(Convolver, BeginsAnewAfterItsTail) {
  std::mt19937_64 random(seed());
  const Channels response{noise(random, 12000)}, in{noise(random, 12800)};
  Samples wanted(25600);
  addConvolved(in[0], response[0], wanted);
  Convolver convolver(response);
  convolver.play({noise(random, 6400)}, 38400);
  const double start = 38400;
  convolver.harness.input(1, [&](std::uint32_t, double frame) { return in[0][static_cast<std::size_t>(frame - start)]; });
  Samples out = convolver.harness.play(12800);
  convolver.harness.input(0, {});
  const Samples tail = convolver.harness.play(12800);
  out.insert(out.end(), tail.begin(), tail.end());
  EXPECT_LT(errorOf(out, wanted), -110) << "dB";
}

TEST(Convolver, AMonoPastIsMixedUpToAStereoPresentAndStaysUntilItHasRungOut) {
  std::mt19937_64 random(seed());
  const Channels response{noise(random, 1000)};
  const Samples mono = noise(random, 512), left = noise(random, 512), right = noise(random, 512), last = noise(random, 2048);
  Channels inputs(2, Samples(3072));
  for (std::size_t i = 0; i < 3072; ++i) {
    inputs[0][i] = i < 512 ? mono[i] : i < 1024 ? left[i - 512] : last[i - 1024];
    inputs[1][i] = i < 512 ? mono[i] : i < 1024 ? right[i - 512] : last[i - 1024];
  }
  Channels wanted(2, Samples(3072));
  for (std::size_t c = 0; c < 2; ++c) addConvolved(inputs[c], response[0], wanted[c]);

  Convolver convolver(response);
  Channels out(2);
  for (std::size_t frame = 0; frame < 3072; frame += 128) {
    const bool stereo = frame >= 512 && frame < 1024;
    convolver.harness.input(stereo ? 2 : 1, [&](std::uint32_t c, double at) { return inputs[c][static_cast<std::size_t>(at)]; }).step();
    const render::Block& block = convolver.harness.output();
    EXPECT_EQ(block.channels, frame >= 512 && frame < 1024 + 999 ? 2 : 1) << "frame " << frame;
    for (std::uint32_t c = 0; c < 2; ++c) {
      const float* from = block.channel(block.channels > 1 ? c : 0);
      out[c].insert(out[c].end(), from, from + 128);
    }
  }
  for (std::size_t c = 0; c < 2; ++c) EXPECT_LT(errorOf(out[c], wanted[c]), -110) << "dB, channel " << c;
}

TEST(Convolver, IsSilentWithoutABuffer) {
  NodeHarness node(render::kConvolver, 48000);
  node.input(2, [](std::uint32_t, double) { return 1.0f; });
  EXPECT_EQ(node.step(), Activity::idle);
}

// calculateNormalizationScale() of the specification, in its own words.
double specifiedScale(const Channels& channels, double rate) {
  double power = 0;
  for (const Samples& channel : channels)
    for (const float sample : channel) power += static_cast<double>(sample) * static_cast<double>(sample);
  power = std::sqrt(power / static_cast<double>(channels.size() * channels[0].size()));
  if (!std::isfinite(power) || power < 0.000125) power = 0.000125;
  double scale = 1 / power * 0.00125 * 44100 / rate;
  if (channels.size() == 4) scale *= 0.5;
  return scale;
}

TEST(Convolver, NormalizesByThePowerOfTheResponse) {
  std::mt19937_64 random(seed());
  for (const float rate : {44100.0f, 48000.0f, 8000.0f}) {
    for (const std::size_t channels : {1, 2, 4}) {
      Channels response;
      for (std::size_t c = 0; c < channels; ++c) response.push_back(noise(random, 700));
      Convolver plain(response, 128, false, rate), normalized(response, 128, true, rate);
      const Channels in{noise(random, 1280)};
      Channels wanted = plain.play(in, 2000);
      const auto scale = static_cast<float>(specifiedScale(response, rate));
      for (auto& sample : wanted[0]) sample *= scale;
      EXPECT_LT(errorOf(normalized.play(in, 2000)[0], wanted[0]), -110) << "dB, " << channels << " channels at " << rate << " Hz";
    }
  }
}

TEST(Convolver, NormalizesASilentResponseAsTheQuietestOne) {
  Convolver convolver({Samples(100)}, 128, true);
  const Channels silence = convolver.play({Samples(128, 1.0f)}, 256);
  for (const float sample : silence[0]) ASSERT_EQ(sample, 0);
  Channels tiny{Samples(1, 1e-6f)};
  EXPECT_NEAR(Convolver(tiny, 128, true).play({Samples(1, 1.0f)}, 128)[0][0], 1e-6 * 0.00125 * 44100 / 48000 / 0.000125, 1e-9);
}

TEST(Convolver, RefusesAResponseThatCannotBe) {
  const auto prepare = [](const MemoryBuffer& buffer) {
    std::vector<render::Field> fields(2);
    fields[kBuffer].resource = const_cast<MemoryBuffer*>(&buffer);
    render::kConvolver.prepare({48000, 128}, kBuffer, fields);
  };
  EXPECT_THROW(prepare({Channels(3, Samples(10)), 48000}), render::RecordError);
  EXPECT_THROW(prepare({Channels(5, Samples(10)), 48000}), render::RecordError);
  EXPECT_THROW(prepare({Channels(1, Samples(10)), 44100}), render::RecordError);
  EXPECT_THROW(prepare({Channels(2), 48000}), render::RecordError);
}

}  // namespace
}  // namespace backline::test

// Backline from C++: the same graph played through the helper processes, or rendered in this one. There is no Node in either.
//
//   first-sound play [--seconds N] [--device NAME]
//   first-sound render -o FILE.wav [--seconds N]

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "control/audio_context.h"
#include "control/offline_audio_context.h"
#include "cpp/one_pole.h"
#include "cpp/wav_file.h"

namespace {

using namespace backline;

constexpr double kChordSeconds = 2;
constexpr float kLevel = 0.15f;          // of one voice
constexpr float kChords[][3] = {{220, 261.63f, 329.63f}, {174.61f, 220, 261.63f}, {196, 246.94f, 293.66f}};   // Hz

struct Arguments {
  std::string command, device, output;
  double seconds = 6;
};

Arguments parse(int count, char** values) {
  const std::string usage = "usage: first-sound play [--seconds N] [--device NAME] | first-sound render -o FILE.wav [--seconds N]";
  Arguments arguments;
  std::vector<std::string> words(values + 1, values + count);
  if (words.empty()) throw std::invalid_argument(usage);
  arguments.command = words[0];
  for (std::size_t i = 1; i < words.size(); i += 2) {
    if (i + 1 == words.size()) throw std::invalid_argument(words[i] + " needs a value\n" + usage);
    const std::string& value = words[i + 1];
    if (words[i] == "--device") arguments.device = value;
    else if (words[i] == "-o") arguments.output = value;
    else if (words[i] == "--seconds") arguments.seconds = std::stod(value);
    else throw std::invalid_argument("unknown option " + words[i] + "\n" + usage);
  }
  if (!(arguments.seconds > 0)) throw std::invalid_argument("--seconds must be above 0");
  if (arguments.command == "render" && arguments.output.empty()) throw std::invalid_argument("render needs -o FILE.wav");
  return arguments;
}

/// Chords of triangles that swell and fade, scheduled ahead; `destination` hears them.
void playChords(BaseAudioContext& context, AudioNode& destination, double begin, double seconds) {
  for (std::size_t chord = 0; static_cast<double>(chord) * kChordSeconds < seconds; ++chord) {
    const double start = begin + static_cast<double>(chord) * kChordSeconds;
    for (float frequency : kChords[chord % std::size(kChords)]) {
      auto voice = std::make_shared<OscillatorNode>(context, OscillatorOptions{.type = OscillatorType::triangle, .frequency = frequency});
      auto envelope = std::make_shared<GainNode>(context, GainOptions{.gain = 0});
      envelope->gain().setValueAtTime(0, start);
      envelope->gain().linearRampToValueAtTime(kLevel, start + kChordSeconds / 2);
      envelope->gain().linearRampToValueAtTime(0, start + kChordSeconds);
      voice->connect(*envelope).connect(destination);
      voice->start(start);
      voice->stop(start + kChordSeconds);
      // Nobody holds the nodes from here on: they live as long as they sound.
    }
  }
}

int playPiece(const Arguments& arguments) {
  constexpr double kAhead = 0.2;   // seconds
  const char* log = std::getenv("BACKLINE_LOG");
  session::Engine engine({.device = arguments.device, .logPerformance = log != nullptr && std::string_view(log) == "perf"});
  AudioContext context(engine);
  std::string failure;
  context.onerror = [&](const std::string& message) { failure = message; };
  std::printf("playing %g s at %g Hz on %s\n", arguments.seconds, double{context.sampleRate()}, context.link()->info().device.c_str());
  playChords(context, context.destination(), kAhead, arguments.seconds);
  while (failure.empty() && context.currentTime() < kAhead + arguments.seconds) context.waitAndDispatch(0.02);
  bool closed = false;
  context.close([&](std::optional<Error>) { closed = true; });
  while (failure.empty() && !closed) context.waitAndDispatch(0.1);
  if (!failure.empty()) throw std::runtime_error(failure);
  std::printf("played, %llu underruns\n", static_cast<unsigned long long>(context.link()->timing().underruns));
  return 0;
}

int renderPiece(const Arguments& arguments) {
  constexpr float kRate = 48000;   // Hz
  OfflineAudioContext context({.numberOfChannels = 2,
                               .length = static_cast<std::uint64_t>(std::ceil(arguments.seconds * kRate)),
                               .sampleRate = kRate});
  examples::registerOnePole(context);
  auto filter = AudioWorkletNode::create(context, "one-pole");
  auto cutoff = filter->param("cutoff");
  cutoff->setValueAtTime(200, 0);
  cutoff->exponentialRampToValueAtTime(4000, arguments.seconds);
  filter->connect(context.destination());
  playChords(context, *filter, 0, arguments.seconds);
  const auto buffer = context.render();
  examples::writeWav(arguments.output, *buffer);
  std::printf("%s: %g s\n", arguments.output.c_str(), buffer->duration());
  return 0;
}

}  // namespace

int main(int count, char** values) {
  try {
    const Arguments arguments = parse(count, values);
    if (arguments.command == "play") return playPiece(arguments);
    if (arguments.command == "render") return renderPiece(arguments);
    throw std::invalid_argument("unknown command " + arguments.command + ": play or render");
  } catch (const std::exception& error) {
    std::fprintf(stderr, "first-sound: %s\n", error.what());
    return 1;
  }
}

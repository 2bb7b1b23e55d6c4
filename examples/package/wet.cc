// Decodes a sound file, sends it through a graph and writes what comes out, of any length, a chunk after the other: wet IN OUT.flac
#include <backline/backline.h>
#include <backline/media/decoder.h>
#include <backline/media/sound_writer.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <vector>

int main(int argc, char** argv) try {
  if (argc != 3) {
    std::fputs("Usage: wet IN OUT.flac\n", stderr);
    return 1;
  }
  using namespace backline;
  std::ifstream in(argv[1], std::ios::binary);
  const std::vector<char> file(std::istreambuf_iterator<char>(in), {});
  media::Decoder decoder;   // in a process of its own
  const auto dry = decoder.decodeAudioData(std::as_bytes(std::span(file)), 48000);

  OfflineAudioContext context({.numberOfChannels = 2, .length = dry->length() + 48000, .sampleRate = 48000});
  auto source = std::make_shared<AudioBufferSourceNode>(context, AudioBufferSourceOptions{.buffer = dry});
  auto echo = std::make_shared<DelayNode>(context, DelayOptions{.delayTime = 0.25});
  auto again = std::make_shared<GainNode>(context, GainOptions{.gain = 0.4f});
  source->connect(context.destination());
  source->connect(*echo).connect(*again).connect(*echo);
  echo->connect(context.destination());
  source->start();

  media::SoundWriter out(argv[2], media::SoundFormat::flac, 48000, 2);
  while (out.frames() < *context.length()) {   // no chunk is rendered before the last one is written
    std::shared_ptr<AudioBuffer> chunk;
    context.startRendering(65536, [&](std::shared_ptr<AudioBuffer> rendered, std::optional<Error> error) {
      if (error) throw *error;
      chunk = std::move(rendered);
    });
    while (!chunk) context.waitAndDispatch(1);
    const float* channels[] = {chunk->channel(0).data(), chunk->channel(1).data()};
    out.write(channels, chunk->length());
  }
  out.finish();
  std::printf("%.2f s in %s\n", static_cast<double>(out.frames()) / 48000, argv[2]);
} catch (const std::exception& error) {
  std::fprintf(stderr, "wet: %s\n", error.what());
  return 1;
}

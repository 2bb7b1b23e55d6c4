// Voices in the audio server's mix, whose sessions write anything into their rings and pages at any time between callbacks.

#include <cmath>

#include "audioserver/mixer.h"
#include "tests/fuzz/segment.h"
#include "transport/ring_layout.h"

namespace {

using namespace backline;
using namespace backline::transport;
using audioserver::Voice;

constexpr float kRates[] = {8000, 44100, 48000, 96000};
constexpr std::uint32_t kMostFrames = 1500;   // a callback: longer than the block that is mixed at once
constexpr int kMostCalls = 40;

std::uint32_t someFrames(fuzz::Input& input) { return input.between(1, input.oneIn(8) ? kMostFrames : 100); }

struct Session {
  Session(const RingFormat& format, double deviceRate, std::uint32_t callbackFrames)
      : ring(createRingStream("backline-fuzz", format)),
        page(createPage<ipc::OutputStatus>("backline-fuzz")),
        voice({ring.map(), NotifyFd::create(), page.map(), false}, deviceRate, callbackFrames) {}
  fuzz::HostileSegment ring, page;
  Voice voice;
};

/// What an honest writer would do, but for the samples.
void write(fuzz::HostileSegment& ring, fuzz::Input& input) {
  ring.put(offsetof(RingHeader, writer) + offsetof(RingWriterLine, written),
           ring.get(offsetof(RingHeader, writer) + offsetof(RingWriterLine, written)) + input.below(2048));
  ring.put(offsetof(RingHeader, writer) + offsetof(RingWriterLine, state), input.below(5));
}

}  // namespace

BACKLINE_FUZZ_TARGET
void run(fuzz::Input& input) {
  const double deviceRate = input.oneOf(kRates);
  audioserver::Mixer mixer(input.between(1, 8), deviceRate);
  std::vector<std::unique_ptr<Session>> sessions;
  for (std::uint32_t i = input.between(1, 2); i > 0; --i) {
    const RingFormat format{input.between(1, input.oneIn(8) ? 8 : 2), input.oneOf(kRates), input.between(1, 2048), Overflow::refuse};
    sessions.push_back(std::make_unique<Session>(format, deviceRate, input.between(1, 1024)));
    mixer.add(sessions.back()->voice);
  }
  std::vector<float> out(std::size_t{kMostFrames} * mixer.channels());
  for (int i = 0; i < kMostCalls && input.more(); ++i) {
    Session& session = *sessions[input.below(static_cast<std::uint32_t>(sessions.size()))];
    switch (input.below(8)) {
      case 0: session.ring.scribble(input, sizeof(RingHeader)); break;
      case 1: session.page.scribble(input, sizeof(PageLayout<sizeof(ipc::OutputStatus)>)); break;
      case 2: case 3: case 4: write(session.ring, input); break;
      case 5:
        if (input.oneIn(8)) session.voice.close();
        mixer.ready(someFrames(input));
        break;
      default: {
        const std::uint32_t frames = someFrames(input);
        mixer.render(out.data(), frames);
        for (std::size_t i = 0; i < std::size_t{frames} * mixer.channels(); ++i)
          fuzz::require(out[i] - out[i] == 0 || std::isinf(out[i]), "no sample of the mix is NaN");
      }
    }
  }
  for (const auto& session : sessions) mixer.remove(session->voice);
}

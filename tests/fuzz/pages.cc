// Every kind of Page, read beside a writer that writes anything, and published beside a reader that does.

#include "ipc/pages.h"
#include "render/streams.h"
#include "tests/fuzz/segment.h"
#include "transport/error.h"
#include "transport/page.h"

namespace {

using namespace backline;
using namespace backline::transport;

template <class T>
void play(fuzz::Input& input) {
  fuzz::HostileSegment peer(createPage<T>("backline-fuzz"));
  for (std::uint32_t i = input.below(4); i > 0; --i) peer.scribble(input, sizeof(PageIdentity));
  try {
    const PageReader<T> reader(peer.map());
    PageWriter<T> writer(peer.map());
    T value{};
    while (input.more()) {
      switch (input.below(4)) {
        case 0: case 1: peer.scribble(input, sizeof(PageLayout<sizeof(T)>)); break;
        case 2: writer.publish(value); break;
        default:
          fuzz::require(!reader.read(value) || reader.version() != 0, "what was never published cannot be read");
      }
    }
  } catch (const TransportError&) {
  }
}

}  // namespace

BACKLINE_FUZZ_TARGET
void run(fuzz::Input& input) {
  switch (input.below(5)) {
    case 0: return play<ipc::OutputStatus>(input);
    case 1: return play<ipc::CaptureStatus>(input);
    case 2: return play<ipc::SessionStatus>(input);
    case 3: return play<ipc::SessionCosts>(input);
    default: return play<render::MeterStatus>(input);
  }
}

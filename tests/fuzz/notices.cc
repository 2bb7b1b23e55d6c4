// What a render host says: decoded, and heard by the mirror. Whatever is accepted is encoded to the same bytes again.

#include "session/mirror.h"
#include "tests/fuzz/input.h"
#include "tests/support/batch.h"

namespace {

using namespace backline;
using namespace backline::render;

session::Mirror someSession() {
  session::Mirror mirror(48000);
  test::Batch batch;
  batch.node(1, kDestination);
  for (NodeId id = 2; id < 8; ++id) {
    batch.node(id, id % 2 ? kGain : kOscillator).connect(id, 1);
    if (id % 2 == 0) batch.start(id, 0);
    if (id > 4) batch.add(id, ReleaseNode{});
  }
  mirror.take(batch.take());
  return mirror;
}

}  // namespace

BACKLINE_FUZZ_TARGET
void run(fuzz::Input& input) {
  const std::vector<std::byte> bytes = input.rest();
  std::vector<NoticeRecord> notices;
  try {
    notices = decodeNotices(bytes);
  } catch (const RecordError&) {
    return;
  }
  std::vector<std::byte> again;
  session::Mirror mirror = someSession();
  for (const NoticeRecord& notice : notices) {
    encode(again, notice);
    mirror.hear(notice);
  }
  fuzz::require(again == bytes, "notices that were accepted have one encoding");
  mirror.take(test::Batch().take());
  fuzz::require(!decodeCommands(mirror.rebuild({}, 4096)).empty(), "the mirror can be told again");
}

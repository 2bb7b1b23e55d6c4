// What a program says, from the bytes in its command ring to the samples: decoded, compiled, applied, rendered; and folded by the mirror, whose
// rebuild a fresh render side must take. Two ways: the bytes as they are, and batches made by a CommandSource, which get further.

#include <set>

#include "session/mirror.h"
#include "tests/fuzz/command_source.h"
#include "tests/fuzz/render_side.h"

namespace {

using namespace backline;
using namespace backline::render;

constexpr std::uint32_t kQuanta[] = {128, 128, 1, 32, 441, 2048};
constexpr float kRates[] = {48000, 44100, 8000, 192000};
constexpr std::size_t kMostRecords = 400;   // of one session: a target stays fast

std::vector<CommandRecord> throughBytes(std::span<const CommandRecord> batch) {
  std::vector<std::byte> bytes, again;
  for (const CommandRecord& record : batch) encode(bytes, record);
  std::vector<CommandRecord> decoded = decodeCommands(bytes);
  for (const CommandRecord& record : decoded) encode(again, record);
  fuzz::require(bytes == again, "commands have one encoding");
  return decoded;
}

/// Takes what it is given for whole batches, each of any number of records.
void raw(fuzz::Input& input, const fuzz::Side& side) {
  const std::vector<std::byte> bytes = input.rest();
  fuzz::RenderSide render(side, [](std::uint32_t, Notice) {});
  std::size_t begin = 0;
  try {
    const std::vector<CommandRecord> records = decodeCommands(bytes);
    for (std::size_t i = 0; i < records.size() && i < kMostRecords; ++i) {
      if (!std::holds_alternative<Commit>(records[i].body)) continue;
      render.take(std::span(records).subspan(begin, i + 1 - begin));
      begin = i + 1;
      render.quantum();
    }
  } catch (const RecordError&) {
  }
}

/// A render side that knows nothing takes the mirror's one batch, if the first took all of those it stands for.
void rebuild(session::Mirror& mirror, const fuzz::Resources& resources, const fuzz::Side& side, std::uint64_t frame) {
  fuzz::RenderSide again(side, [](std::uint32_t, Notice) {});
  resources.bind(again.compiler());
  std::set<ResourceId> bound;
  for (std::size_t i = 0; i < resources.all().size(); ++i) bound.insert(fuzz::Resources::idOf(i));
  for (const auto& [id, kind] : mirror.resources()) {
    const std::size_t place = id - 1;
    fuzz::require(place < resources.all().size() && resources.all()[place]->kind() == kind, "the mirror needs what was bound");
  }
  try {
    const std::vector<CommandRecord> batch = decodeCommands(mirror.rebuild(bound, frame));
    if (mirror.sequence() != 0) again.take(batch);
  } catch (const RecordError& error) {
    fuzz::require(false, error.what());
  }
  fuzz::require(again.compiler().graph().size() <= mirror.nodes(), "what was built anew has no node that the mirror forgot");
  again.quantum();
}

void structured(fuzz::Input& input, const fuzz::Side& side) {
  fuzz::Resources resources(input, side);
  fuzz::CommandSource source(input);
  for (std::size_t i = 0; i < resources.all().size(); ++i) source.bound(resources.all()[i]->kind(), fuzz::Resources::idOf(i));
  session::Mirror mirror(side.sampleRate, side.quantum);
  const auto hear = [&mirror](std::uint32_t target, Notice notice) {
    std::vector<std::byte> bytes;
    encode(bytes, NoticeRecord{target, 1, std::move(notice)});
    for (const NoticeRecord& heard : decodeNotices(bytes)) mirror.hear(heard);
  };
  fuzz::RenderSide render(side, hear, input.oneIn(4) ? 256 : 1 << 14);
  resources.bind(render.compiler());
  std::size_t taken = 0;
  bool mirrored = true;
  std::uint64_t frame = 0;
  while (input.more() && taken < kMostRecords) {
    const std::vector<CommandRecord> batch = throughBytes(source.batch());
    taken += batch.size();
    try {
      render.take(batch);
    } catch (const RecordError&) {
      break;   // the session ends; the mirror knows what was accepted before
    }
    if (mirrored && !source.wild()) mirror.take(batch);
    mirrored = !source.wild();
    for (std::uint32_t i = input.below(4); i > 0; --i) {
      if (input.oneIn(2)) resources.scribble(input);
      render.quantum();
      frame += side.quantum;
    }
    if (input.oneIn(8)) mirror.forgetBefore(frame);
  }
  if (mirrored) rebuild(mirror, resources, side, frame);
}

}  // namespace

BACKLINE_FUZZ_TARGET
void run(fuzz::Input& input) {
  const bool asTheyAre = input.oneIn(5);
  const fuzz::Side side{input.oneOf(kRates), input.oneOf(kQuanta), input.between(1, input.oneIn(8) ? 32 : 4)};
  asTheyAre ? raw(input, side) : structured(input, side);
}

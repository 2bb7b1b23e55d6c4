// Files that are to be mended: whatever they hold, what is patched lies in the file that comes of it, and mending that again finds nothing.

#include <span>

#include "media/mending.h"
#include "media/sound_format.h"
#include "tests/fuzz/input.h"

namespace {

using namespace backline;
using Bytes = std::vector<std::byte>;

media::Mending (*examineOf(const Bytes& bytes))(std::span<const std::byte>) {
  const std::string_view head(reinterpret_cast<const char*>(bytes.data()), 12);
  if ((head.starts_with("RIFF") || head.starts_with("RF64")) && head.substr(8) == "WAVE") return media::examineWave;
  if (head.starts_with("fLaC")) return media::examineFlac;
  return head.starts_with("OggS") ? media::examineOgg : nullptr;
}

}  // namespace

BACKLINE_FUZZ_TARGET
void run(fuzz::Input& input) {
  Bytes bytes = input.rest();
  if (bytes.size() < 12) return;
  const auto examine = examineOf(bytes);
  if (examine == nullptr) return;
  media::Mending mending;
  try {
    mending = examine(bytes);
  } catch (const media::WriteFailure&) {
    return;
  }
  fuzz::require(mending.size <= bytes.size() + 1, "nothing is added but a byte of padding");
  if (mending.findings.empty()) {
    fuzz::require(mending.patches.empty() && mending.size == bytes.size(), "what is not said is not done");
    return;
  }
  bytes.resize(std::max<std::size_t>(bytes.size(), mending.size));
  for (const media::Mending::Patch& patch : mending.patches) {
    fuzz::require(patch.offset + patch.bytes.size() <= mending.size, "a patch lies in the file");
    std::copy(patch.bytes.begin(), patch.bytes.end(), bytes.begin() + static_cast<std::ptrdiff_t>(patch.offset));
  }
  bytes.resize(mending.size);
  fuzz::require(examine(bytes).findings.empty(), "what was mended is whole");
}

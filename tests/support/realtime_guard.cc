#include "tests/support/realtime_guard.h"

#include <execinfo.h>
#include <link.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

#include "tests/support/interpose.h"

namespace {

// initial-exec: the first access of a thread must not allocate.
__attribute__((tls_model("initial-exec"))) thread_local int depth = 0;

}  // namespace

int* backlineRealtimeGuardDepth() {
  return &depth;
}

namespace backline::guard {
namespace {

constexpr std::size_t kDetails = 16;
constexpr int kOwnFrames = 2;  // offend and the interposed function

struct Detail {
  const char* call;
  void* frames[kMaxFrames];
  int count;
  std::atomic<bool> complete;
};

Detail details[kDetails];
std::atomic<std::size_t> offences{0};

// The first backtrace loads libgcc, which allocates.
__attribute__((constructor)) void prepareBacktrace() {
  void* frame[1];
  ::backtrace(frame, 1);
}

}  // namespace

std::atomic<Report> report{nullptr};

void offend(const char* call) noexcept {
  const int saved = depth;
  depth = 0;
  void* frames[kMaxFrames + kOwnFrames];
  const int count = std::max(0, ::backtrace(frames, kMaxFrames + kOwnFrames) - kOwnFrames);
  const std::size_t index = offences.fetch_add(1);
  if (index < kDetails) {
    Detail& detail = details[index];
    detail.call = call;
    std::copy_n(frames + kOwnFrames, count, detail.frames);
    detail.count = count;
    detail.complete.store(true);
  }
  if (const Report reporting = report.load()) reporting(call, frames + kOwnFrames, count);
  depth = saved;
}

}  // namespace backline::guard

namespace backline::test {
namespace {

std::string program() {
  char path[4096];
  const ssize_t length = ::readlink("/proc/self/exe", path, sizeof path);
  return length > 0 ? std::string(path, static_cast<std::size_t>(length)) : std::string();
}

}  // namespace

bool realtimeGuardPresent() {
  return true;
}

std::vector<Offence> takeOffences() {
  using namespace backline::guard;
  std::vector<Offence> taken(offences.load());
  for (std::size_t index = 0; index < std::min(taken.size(), kDetails); ++index) {
    Detail& detail = details[index];
    if (!detail.complete.exchange(false)) continue;
    taken[index] = {detail.call, std::vector<void*>(detail.frames, detail.frames + detail.count)};
  }
  offences.store(0);
  return taken;
}

std::string describe(const Offence& offence) {
  std::string text = offence.call + " called from\n";
  for (void* frame : offence.frames) {
    Dl_info info{};
    link_map* map = nullptr;
    // The address before the return address lies in the calling line.
    auto* const call = static_cast<std::byte*>(frame) - 1;
    if (::dladdr1(call, &info, reinterpret_cast<void**>(&map), RTLD_DL_LINKMAP) == 0 || map == nullptr)
      continue;
    const std::string file = map->l_name[0] != '\0' ? map->l_name : program();
    char line[512] = "";
    std::snprintf(line, sizeof line, "addr2line -Cfpie '%s' %#lx 2>/dev/null", file.c_str(),
                  static_cast<unsigned long>(reinterpret_cast<ElfW(Addr)>(call) - map->l_addr));
    std::string found;
    if (FILE* symbolizer = ::popen(line, "r")) {
      while (std::fgets(line, sizeof line, symbolizer) != nullptr) found += line;
      ::pclose(symbolizer);
    }
    if (found.empty() || found.starts_with("??")) {
      found = std::string(info.dli_sname != nullptr ? info.dli_sname : "?") + " in " + file + "\n";
    }
    text += "  " + found;
    if (found.starts_with("main ")) break;
  }
  return text;
}

}  // namespace backline::test

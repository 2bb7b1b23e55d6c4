#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <set>

#include "ipc/status_page.h"
#include "session/status_reader.h"

namespace backline::session {

namespace {

const std::string kLink = std::string("/memfd:") + ipc::kStatusSegment + " (deleted)";

struct CloseDirectory {
  void operator()(DIR* directory) const { closedir(directory); }
};

/// The names in a directory; none if it cannot be read.
std::vector<std::string> namesIn(const std::string& path) {
  std::vector<std::string> names;
  const std::unique_ptr<DIR, CloseDirectory> directory(opendir(path.c_str()));
  if (!directory) return names;
  while (const dirent* entry = readdir(directory.get())) names.emplace_back(entry->d_name);
  return names;
}

int numberOf(const std::string& name) {
  int number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  return error == std::errc() && end == name.data() + name.size() ? number : 0;
}

std::string targetOf(const std::string& link) {
  char target[64];
  const ssize_t length = readlink(link.c_str(), target, sizeof target);
  return {target, length > 0 ? static_cast<std::size_t>(length) : 0};
}

}  // namespace

std::vector<ProgramReport> findPrograms() {
  std::vector<ProgramReport> programs;
  std::set<ino_t> seen;   // a child may have inherited the descriptor
  for (const std::string& process : namesIn("/proc")) {
    const int pid = numberOf(process);
    struct stat info {};
    if (pid <= 0 || stat(("/proc/" + process).c_str(), &info) != 0 || info.st_uid != geteuid()) continue;
    const std::string descriptors = "/proc/" + process + "/fd/";
    for (const std::string& name : namesIn(descriptors)) {
      if (targetOf(descriptors + name) != kLink) continue;
      transport::Fd fd(open((descriptors + name).c_str(), O_RDONLY | O_CLOEXEC));
      if (!fd || fstat(fd.get(), &info) != 0 || seen.contains(info.st_ino)) continue;
      std::optional<ProgramReport> program = readStatus(std::move(fd));
      if (!program || program->pid != pid) continue;
      seen.insert(info.st_ino);
      programs.push_back(std::move(*program));
    }
  }
  std::sort(programs.begin(), programs.end(), [](const auto& a, const auto& b) { return a.pid < b.pid; });
  return programs;
}

}  // namespace backline::session

#include "session/find_helpers.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <vector>

#include "session/engine.h"

namespace backline::session {

namespace fs = std::filesystem;

std::string findHelper(const std::string& name, const std::string& built) {
  std::vector<fs::path> folders;
  if (const char* named = std::getenv("BACKLINE_HELPERS"); named != nullptr && *named != '\0') folders.push_back(named);
  std::error_code none;
  if (const fs::path program = fs::read_symlink("/proc/self/exe", none); !none) {
    folders.push_back(program.parent_path());
    folders.push_back(program.parent_path().parent_path() / "libexec" / "backline");
  }
  if (!built.empty()) folders.push_back(built);
  std::string looked;
  for (const fs::path& folder : folders) {
    const fs::path helper = folder / name;
    if (fs::is_regular_file(helper, none) && access(helper.c_str(), X_OK) == 0) return helper;
    looked += (looked.empty() ? "" : ", ") + folder.string();
  }
  throw EngineError("no program " + name + " in " + looked + ": name its folder in the environment's BACKLINE_HELPERS, or its command in EngineOptions");
}

}  // namespace backline::session

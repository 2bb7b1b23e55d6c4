#pragma once

#include <string>

namespace backline::session {

/// The path of a helper for a program that names no command, from the first of these folders that has it: the one that the environment's
/// BACKLINE_HELPERS names; the running program's own; ../libexec/backline from there, for programs installed beside the library; `built`,
/// the folder of the package that the program was built with. Throws EngineError naming the folders. [any thread]
std::string findHelper(const std::string& name, const std::string& built);

}  // namespace backline::session

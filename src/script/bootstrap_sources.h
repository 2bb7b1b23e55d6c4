#pragma once

#include <span>
#include <string_view>

namespace backline::script {

struct BootstrapSource {
  std::string_view name, text;   ///< name: "backline:file.js"
};
/// The files of scope/, built in, in the order in which they run.
extern const std::span<const BootstrapSource> kBootstrapSources;
/// Those of scope/lazy/ with the libraries they stand for, each run when it is first needed.
extern const std::span<const BootstrapSource> kLibraries;

}  // namespace backline::script

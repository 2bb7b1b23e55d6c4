#pragma once

#include <span>
#include <string_view>

namespace backline::script {

/// The files of scope/, built in, in the order in which they run.
struct BootstrapSource {
  std::string_view name, text;
};
extern const std::span<const BootstrapSource> kBootstrapSources;

}  // namespace backline::script

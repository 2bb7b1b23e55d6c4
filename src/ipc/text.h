#pragma once

#include <capnp/blob.h>

#include <string>

namespace backline::ipc {

inline std::string text(capnp::Text::Reader text) { return {text.begin(), text.size()}; }

}  // namespace backline::ipc

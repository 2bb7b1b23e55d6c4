#pragma once

#include <chrono>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace backline::test {

/// Those that a helper forked.
inline std::vector<int> childrenOf(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/task/" + std::to_string(pid) + "/children");
  std::vector<int> pids;
  for (int child; file >> child;) pids.push_back(child);
  return pids;
}

/// Those of them that have a file.
inline std::vector<int> decodingFor(int pid) {
  std::vector<int> pids;
  for (const int child : childrenOf(pid)) {
    std::string name;
    if (std::getline(std::ifstream("/proc/" + std::to_string(child) + "/comm"), name) && name == "decoding") pids.push_back(child);
  }
  return pids;
}

inline bool runs(int pid) {
  std::string text;
  std::getline(std::ifstream("/proc/" + std::to_string(pid) + "/stat"), text);
  const std::size_t name = text.rfind(')');
  return name != std::string::npos && text.compare(name, 3, ") Z") != 0;
}

inline bool comes(const std::function<bool()>& condition) {
  for (int i = 0; i < 3000 && !condition(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  return condition();
}

}  // namespace backline::test

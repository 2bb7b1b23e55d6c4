#include "session/find_helpers.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "session/engine.h"

namespace backline::session {
namespace {

namespace fs = std::filesystem;

/// Two folders that may have a helper, and an environment of their own.
class FindHelpers : public ::testing::Test {
 protected:
  FindHelpers() {
    fs::create_directories(named_);
    fs::create_directories(built_);
    setenv("BACKLINE_HELPERS", named_.c_str(), 1);
  }
  ~FindHelpers() override {
    unsetenv("BACKLINE_HELPERS");
    fs::remove_all(place_);
  }
  static fs::path put(const fs::path& folder, mode_t mode = 0755) {
    const fs::path helper = folder / "backline-audio";
    std::ofstream(helper) << "#!/bin/sh\n";
    chmod(helper.c_str(), mode);
    return helper;
  }
  std::string found() const { return findHelper("backline-audio", built_); }

  const fs::path place_ = fs::temp_directory_path() / ("backline-helpers-" + std::to_string(getpid()));
  const fs::path named_ = place_ / "named", built_ = place_ / "built";
};

TEST_F(FindHelpers, WhatTheEnvironmentNamesComesBeforeWhatTheProgramWasBuiltWith) {
  put(built_);
  EXPECT_EQ(found(), built_ / "backline-audio");
  put(named_);
  EXPECT_EQ(found(), named_ / "backline-audio");
}

TEST_F(FindHelpers, AFileThatCannotBeRunIsNoHelper) {
  put(named_, 0644);
  const fs::path right = put(built_);
  EXPECT_EQ(found(), right);
}

TEST_F(FindHelpers, WhereNoneIsAllFoldersAreNamedAndTheRemedy) {
  try {
    Engine engine({.helperFolder = built_});
    FAIL() << "an engine without helpers was made";
  } catch (const EngineError& error) {
    const std::string message = error.what();
    for (const std::string& part : {named_.string(), built_.string(), fs::read_symlink("/proc/self/exe").parent_path().string(), std::string("libexec/backline"),
                                    std::string("BACKLINE_HELPERS")})
      EXPECT_NE(message.find(part), std::string::npos) << part << " is not in: " << message;
  }
}

}  // namespace
}  // namespace backline::session

#pragma once

#include <gtest/gtest.h>
#include <signal.h>
#include <sndfile.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <numeric>
#include <thread>

#include "session/engine.h"
#include "tests/support/batch.h"
#include "tests/support/patience.h"

namespace backline::test {

inline constexpr float kRate = 48000;   // Hz

inline session::EngineOptions options(const std::string& device) {
  session::EngineOptions options;
  options.audioCommand = {BACKLINE_BINARIES "/backline-audio"};
  options.renderCommand = {BACKLINE_BINARIES "/backline-render"};
  options.device = device;
  return options;
}

/// Stops a process for as long as it stands.
class Stopped {
 public:
  explicit Stopped(int pid) : pid_(pid) {
    kill(pid_, SIGSTOP);
    EXPECT_TRUE(comesTrue([this] { return state() == 'T'; }));
  }
  ~Stopped() { kill(pid_, SIGCONT); }

 private:
  char state() const {
    FILE* file = fopen(("/proc/" + std::to_string(pid_) + "/stat").c_str(), "r");
    if (file == nullptr) return 0;
    char state = 0;
    const int fields = fscanf(file, "%*d %*s %c", &state);
    fclose(file);
    return fields == 1 ? state : 0;
  }
  const int pid_;
};

inline bool gone(int pid) {
  return comesTrue([pid] { return kill(pid, 0) != 0; });
}

/// Frame n of a ramp is n + 1, exact in a float for minutes, and none is silent.
inline void shareRamp(session::Session& session, render::ResourceId id, std::size_t frames) {
  std::vector<float> ramp(frames);
  std::iota(ramp.begin(), ramp.end(), 1.0f);
  const float* const channels[] = {ramp.data()};
  session.shareBuffer(id, session.info().sampleRate, frames, channels);
}

class Notices {
 public:
  explicit Notices(session::Session& session) : session_(session) {
    session.onNotice([bell = bell_] {
      const std::lock_guard lock(bell->mutex);
      bell->rung = true;
      bell->condition.notify_all();
    });
  }
  ~Notices() { session_.onNotice(nullptr); }
  /// Waits until a notice of this type has come, and returns it; null after ten seconds.
  template <class T>
  const render::NoticeRecord* await() {
    return awaitOne([](const render::NoticeRecord& notice) { return std::holds_alternative<T>(notice.body); });
  }
  /// Waits until the state of this generation has been applied; false after ten seconds or a failure.
  bool awaitState(std::uint32_t generation) {
    const auto isState = [](const render::NoticeRecord& notice) { return std::holds_alternative<render::StateChanged>(notice.body); };
    const bool reached = nullptr != awaitOne([&](const render::NoticeRecord& notice) {
      return isState(notice) && std::get<render::StateChanged>(notice.body).generation == generation;
    });
    std::erase_if(seen_, isState);
    return reached;
  }
  void forget() { seen_.clear(); }

 private:
  /// The session's thread may still be ringing it when this object goes.
  struct Bell {
    std::mutex mutex;
    std::condition_variable condition;
    bool rung = false;
  };

  template <class Predicate>
  const render::NoticeRecord* awaitOne(Predicate isIt) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    for (;;) {
      for (render::NoticeRecord& notice : session_.takeNotices()) seen_.push_back(std::move(notice));
      const auto found = std::find_if(seen_.begin(), seen_.end(), isIt);
      if (found != seen_.end()) return &*found;
      std::unique_lock lock(bell_->mutex);
      if (!bell_->condition.wait_until(lock, deadline, [this] { return bell_->rung; })) return nullptr;
      bell_->rung = false;
    }
  }

  session::Session& session_;
  const std::shared_ptr<Bell> bell_ = std::make_shared<Bell>();
  std::vector<render::NoticeRecord> seen_;
};

struct TemporaryFile {
  explicit TemporaryFile(const std::string& name)
      : path(std::filesystem::temp_directory_path() / ("backline-" + name + "-test-" + std::to_string(getpid()) + ".wav")) {}
  ~TemporaryFile() { std::filesystem::remove(path); }
  std::filesystem::path path;
};

struct Recording {
  std::vector<float> samples;   // interleaved
  std::uint32_t channels = 1;
  std::size_t frames() const { return samples.size() / channels; }
  float at(std::size_t frame, std::uint32_t channel) const { return samples[frame * channels + channel]; }
};

/// Of no frames if it cannot be read.
inline Recording readWav(const std::filesystem::path& path) {
  SF_INFO info{};
  SNDFILE* file = sf_open(path.c_str(), SFM_READ, &info);
  if (file == nullptr) {
    ADD_FAILURE() << path << ": " << sf_strerror(nullptr);
    return {};
  }
  Recording recording{std::vector<float>(static_cast<std::size_t>(info.frames * info.channels)), static_cast<std::uint32_t>(info.channels)};
  sf_readf_float(file, recording.samples.data(), info.frames);
  sf_close(file);
  return recording;
}

}  // namespace backline::test

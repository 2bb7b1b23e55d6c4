#pragma once

#include <algorithm>
#include <cmath>
#include <mutex>

#include "audioserver/gap_fade.h"
#include "tests/session/rig.h"

namespace backline::test {

constexpr float kTone = 100;        // Hz
constexpr float kLoudness = 0.5f;
constexpr double kTurn = 2 * 3.14159265358979 * kTone / kRate;

inline std::vector<std::byte> tone() {
  Batch batch;
  batch.node(1, render::kDestination).node(2, render::kOscillator).node(3, render::kGain);
  batch.connect(2, 3).connect(3, 1).setValue(2, 0, kTone, 0).setValue(3, 0, kLoudness, 0).start(2, 0);
  return batch.run().takeBytes();
}

/// A session that is heard by a tap, and all that is said of where it plays.
class Playing {
 public:
  Playing(const std::string& device, const std::string& name) : tap_(name), engine_(optionsFor(tap_)) {
    session_ = engine_.open({.device = device, .sampleRate = kRate, .latency = 0.1});
    session_->onOutputChanged([this](session::OutputChanged change) {
      const std::lock_guard lock(mutex_);
      changes_.push_back(std::move(change));
    });
    session_->commit(tone());
    goesOn();
  }

  session::Session& session() { return *session_; }
  session::Engine& engine() { return engine_; }

  /// Context time and the device both go on.
  void goesOn() {
    const session::Timing before = session_->timing();
    ASSERT_TRUE(comesTrue([&] {
      const session::Timing now = session_->timing();
      return now.frame >= before.frame + 4800 && now.playedFrame >= before.playedFrame + 4800;
    })) << "it does not play";
  }

  /// Waits for the change of this number, counted from 1, and checks that it leads to `device`.
  session::OutputChanged change(std::size_t number, const std::string& device) {
    const auto come = [&] {
      const std::lock_guard lock(mutex_);
      return changes_.size() >= number;
    };
    if (!comesTrue(come)) {
      ADD_FAILURE() << "it has not moved to " << device;
      return {};
    }
    const std::lock_guard lock(mutex_);
    EXPECT_EQ(changes_[number - 1].info.deviceId, device);
    return changes_[number - 1];
  }

  /// Ends it. The tap never stepped further than the tone or a fade does.
  Recording end() {
    session_.reset();
    engine_.finishTap();
    Recording heard = readWav(tap_.path);
    const double steepest = kLoudness * std::max(kTurn, 1.6 / audioserver::kFadeFrames) * 1.1;
    for (std::size_t i = 1; i < heard.frames(); ++i) {
      if (std::fabs(heard.at(i, 0) - heard.at(i - 1, 0)) <= steepest) continue;
      ADD_FAILURE() << "a click after " << i << " of " << heard.frames() << " frames";
      break;
    }
    return heard;
  }

 private:
  static session::EngineOptions optionsFor(const TemporaryFile& tap) {
    session::EngineOptions made = options("");
    made.tapPath = tap.path;
    return made;
  }

  const TemporaryFile tap_;
  std::mutex mutex_;
  std::vector<session::OutputChanged> changes_;
  session::Engine engine_;
  std::unique_ptr<session::Session> session_;
};

}  // namespace backline::test

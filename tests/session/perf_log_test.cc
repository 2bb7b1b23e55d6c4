#include "session/perf_log.h"

#include <gtest/gtest.h>

namespace backline::session {
namespace {

const SessionInfo kInfo{.sampleRate = 48000, .quantum = 128, .deviceId = "virtual"};

SessionReading running() {
  SessionReading now;
  now.status.state = ipc::SessionState::running;
  now.status.costAverage = 40e-6f;
  now.status.costWorst = 1e-3f;
  now.status.ringFill = 512;
  now.status.ringTarget = 640;
  now.status.latenessAverage = 60e-6f;
  now.status.latenessWorst = 2e-3f;
  now.output.underruns = 3;
  return now;
}

TEST(PerfLog, ALineTellsCostRingUnderrunsAndLateness) {
  PerfLog log;
  EXPECT_EQ(log.line(7, kInfo, running()).value_or("nothing"),
            "backline perf: session 7 on virtual: cost 40 µs (1.5 %), worst 1000 µs (37.5 %); ring 512/640 frames; underruns 3 new, 3 in all; "
            "woken 60 µs late, worst 2000 µs");
}

TEST(PerfLog, UnderrunsAreNewOnce) {
  PerfLog log;
  SessionReading now = running();
  log.line(1, kInfo, now);
  EXPECT_NE(log.line(1, kInfo, now)->find("underruns 0 new, 3 in all"), std::string::npos);
  now.output.underruns = 5;
  EXPECT_NE(log.line(1, kInfo, now)->find("underruns 2 new, 5 in all"), std::string::npos);
  EXPECT_NE(log.line(2, kInfo, now)->find("underruns 5 new"), std::string::npos) << "another session";
}

TEST(PerfLog, ASuspendedSessionHasOneLineAtTheChangeAndNoMore) {
  PerfLog log;
  SessionReading now;
  EXPECT_FALSE(log.line(1, kInfo, now)) << "it has not begun";
  log.line(1, kInfo, running());
  EXPECT_EQ(log.line(1, kInfo, now).value_or("nothing"), "backline perf: session 1 on virtual: suspended");
  EXPECT_FALSE(log.line(1, kInfo, now));
  EXPECT_TRUE(log.line(1, kInfo, running()));
  now.status.state = ipc::SessionState::closed;
  EXPECT_EQ(log.line(1, kInfo, now).value_or("nothing"), "backline perf: session 1 on virtual: closed");
}

}  // namespace
}  // namespace backline::session

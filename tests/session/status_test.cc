// A program's status page: written, found by its descriptor, read again, and refused when it is nonsense.

#include <gtest/gtest.h>
#include <kj/exception.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <random>

#include "session/status_reader.h"
#include "session/status_writer.h"
#include "tests/support/batch.h"
#include "tests/support/seed.h"

namespace backline::session {
namespace {

transport::SharedMemory again(const transport::SharedMemory& memory) { return transport::SharedMemory::map(memory.fd().duplicate()); }

/// A session with a gain and a worklet, and pages that say what the test wants.
struct Shown {
  transport::SharedMemory statusMemory = transport::createPage<ipc::SessionStatus>("test"), outputMemory = transport::createPage<ipc::OutputStatus>("test"),
                          costsMemory = transport::createPage<ipc::SessionCosts>("test");
  Mirror mirror{48000};
  SessionInfo info;
  SessionView view;

  explicit Shown(std::uint64_t id, const std::string& device = "Test device", const std::string& processor = "grain")
      : info{.sampleRate = 48000, .quantum = 128, .device = device, .deviceId = "test", .backend = "virtual"},
        view{id, info,
             transport::PageReader<ipc::SessionStatus>(again(statusMemory)), transport::PageReader<ipc::OutputStatus>(again(outputMemory)),
             transport::PageReader<ipc::SessionCosts>(again(costsMemory)), mirror} {
    test::Batch batch;
    render::CreateWorkletNode worklet;
    worklet.processor.name = processor;
    batch.node(1, render::kDestination).node(2, render::kGain).add(3, worklet);
    mirror.take(batch.take());
    say(1e-3f);
  }
  void say(float cost) {
    ipc::SessionStatus status;
    status.frame = 96'000;
    status.state = ipc::SessionState::running;
    status.costAverage = cost;
    status.costWorst = 2 * cost;
    status.ringFill = 500;
    status.ringTarget = 640;
    status.latenessAverage = 5e-5f;
    transport::PageWriter<ipc::SessionStatus>(again(statusMemory)).publish(status);
    ipc::OutputStatus output;
    output.playedFrames = 95'520;
    output.underruns = 4;
    output.latency = 0.02f;
    transport::PageWriter<ipc::OutputStatus>(again(outputMemory)).publish(output);
    ipc::SessionCosts costs;
    costs.nodes = 3;
    costs.count = ipc::SessionCosts::kMost;
    costs.entries[0] = {3, cost / 2};
    costs.entries[1] = {2, cost / 4};
    for (std::uint32_t i = 2; i < costs.count; ++i) costs.entries[i] = {3, cost / 100};
    transport::PageWriter<ipc::SessionCosts>(again(costsMemory)).publish(costs);
  }
};

std::optional<ProgramReport> findThis() {
  for (ProgramReport& program : findPrograms())
    if (program.pid == getpid()) return std::move(program);
  return std::nullopt;
}

TEST(Status, AProgramIsFoundByItsPageWithWhatItsSessionsDo) {
  const Shown first(1), second(5);
  const SessionView* const views[] = {&first.view, &second.view};
  StatusWriter writer("a test");
  writer.publish(views, {.audioPid = 11, .renderPid = 12, .renderPriority = 60});
  const auto program = findThis();
  ASSERT_TRUE(program);
  EXPECT_EQ(program->name, "a test");
  EXPECT_EQ(program->renderPid, 12);
  EXPECT_LT(program->age, 60);
  ASSERT_EQ(program->sessions.size(), 2u);
  const SessionReport& session = program->sessions[1];
  EXPECT_EQ(session.id, 5u);
  EXPECT_EQ(session.device, "Test device");
  EXPECT_EQ(session.state, ipc::SessionState::running);
  EXPECT_FLOAT_EQ(static_cast<float>(session.costAverage), 1e-3f);
  EXPECT_EQ(session.ringTarget, 640u);
  EXPECT_EQ(session.underruns, 4u);
  EXPECT_NEAR(session.latency, 0.03, 1e-6) << "480 frames in the ring, 20 ms in the device";
  ASSERT_EQ(session.costliest.size(), 32u);
  EXPECT_EQ(session.costliest[0].type, "AudioWorkletNode");
  EXPECT_EQ(session.costliest[0].processor, "grain");
  EXPECT_NEAR(session.costliest[0].share, 0.5, 1e-6);
  EXPECT_EQ(session.costliest[1].type, "GainNode");
}

TEST(Status, NothingIsLeftOnceTheProgramHasNoSessions) {
  { StatusWriter writer("gone"); writer.publish({}, {}); ASSERT_TRUE(findThis()); }
  EXPECT_FALSE(findThis());
}

TEST(Status, ManySessionsWithLongNamesFitByTellingFewerNodes) {
  const std::string longName(5000, 'x');
  std::vector<std::unique_ptr<Shown>> shown;
  std::vector<const SessionView*> views;
  for (std::uint64_t id = 1; id <= 70; ++id) {
    shown.push_back(std::make_unique<Shown>(id, longName, longName));
    views.push_back(&shown.back()->view);
  }
  StatusWriter writer(longName);
  writer.publish(views, {});
  const auto program = findThis();
  ASSERT_TRUE(program);
  EXPECT_EQ(program->sessions.size(), 64u);
  EXPECT_EQ(program->omitted, 6u);
  EXPECT_GE(program->sessions[63].costliest.size(), 1u);
}

TEST(Status, FiguresThatAreNoNumbersAreZero) {
  Shown shown(1);
  shown.say(std::nanf(""));
  const SessionView* const views[] = {&shown.view};
  StatusWriter writer("nan");
  writer.publish(views, {});
  const auto program = findThis();
  ASSERT_TRUE(program);
  EXPECT_EQ(program->sessions[0].costAverage, 0);
  EXPECT_EQ(program->sessions[0].costliest[0].seconds, 0);
}

/// The value that a page of this program holds.
std::vector<std::byte> messageOf(const ipc::StatusPage& page) {
  const auto bytes = std::as_bytes(std::span(page.message, page.words));
  return {bytes.begin(), bytes.end()};
}

TEST(Status, SpoiltPagesAreRefusedAndHarmNobody) {
  const std::uint64_t seed = test::seed();
  std::minstd_rand random(static_cast<unsigned>(seed));
  const Shown shown(1);
  const SessionView* const views[] = {&shown.view};
  auto page = std::make_unique<ipc::StatusPage>();
  {
    StatusWriter writer("spoilt");
    writer.publish(views, {});
    // Its own segment, read as top reads it.
    bool found = false;
    for (int fd = 3; fd < 200 && !found; ++fd) {
      const int copy = dup(fd);
      if (copy < 0) continue;
      try {
        found = transport::PageReader<ipc::StatusPage>(transport::SharedMemory::mapReadOnly(transport::Fd(copy))).read(*page);
      } catch (const std::exception&) {
      }
    }
    ASSERT_TRUE(found);
  }
  const std::vector<std::byte> good = messageOf(*page);
  EXPECT_EQ(decodeStatus(good).name, "spoilt");
  int refused = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::vector<std::byte> bad = good;
    for (int n = 1 + static_cast<int>(random() % 8); n > 0; --n) bad[random() % bad.size()] = static_cast<std::byte>(random());
    if (random() % 4 == 0) bad.resize(random() % bad.size());
    try {
      const ProgramReport program = decodeStatus(bad);
      for (const SessionReport& session : program.sessions) {
        ASSERT_TRUE(std::isfinite(session.costAverage) && std::isfinite(session.latency)) << "seed " << seed;
        ASSERT_LE(session.state, ipc::SessionState::closed) << "seed " << seed;
      }
    } catch (const std::exception&) {
      ++refused;
    } catch (const kj::Exception&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 1000) << "seed " << seed;
}

TEST(Status, APageThatLiesAboutItsLengthIsLeftOut) {
  transport::PageWriter<ipc::StatusPage> page(transport::createPage<ipc::StatusPage>(ipc::kStatusSegment));
  auto value = std::make_unique<ipc::StatusPage>();
  value->words = 0xffffffff;
  page.publish(*value);
  EXPECT_FALSE(findThis());
  // A segment of that name which is no page at all.
  const transport::SharedMemory other = transport::SharedMemory::create(ipc::kStatusSegment, 100);
  EXPECT_FALSE(findThis());
}

}  // namespace
}  // namespace backline::session

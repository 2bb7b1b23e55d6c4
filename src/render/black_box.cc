#include "render/black_box.h"

namespace backline::render {

namespace {

constexpr std::uint32_t kValueBytes = sizeof(BlackBoxLayout) - offsetof(BlackBoxLayout, render);

Whereabouts checked(std::uint64_t word) {
  const Whereabouts told = Lane::whereabouts(word);
  const bool known = told.phase > Phase::idle && told.phase <= Phase::paused;
  return known ? told : Whereabouts{};
}

}  // namespace

const char* nameOf(Phase phase) {
  switch (phase) {
    case Phase::idle: break;
    case Phase::process: return "process()";
    case Phase::constructor: return "the constructor";
    case Phase::message: return "a handler of its port";
    case Phase::microtasks: return "a microtask";
    case Phase::module: return "the module";
    case Phase::timer: return "a timer's handler";
    case Phase::paused: return "what a debugger has stopped";
  }
  return "nothing";
}

std::optional<double> Lane::processorTime() const noexcept {
  timespec time{};
  if (clock_gettime(clock_.load(std::memory_order_relaxed), &time) != 0) return std::nullopt;   // the thread has ended
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

void Lane::attach(pthread_t self) noexcept {
  clockid_t clock = 0;
  if (pthread_getcpuclockid(self, &clock) != 0) return;
  thread_ = self;
  clock_.store(clock, std::memory_order_relaxed);
}

BlackBox::BlackBox(transport::SharedMemory memory) : memory_(std::move(memory)) {
  transport::checkPageSegment(memory_, BlackBoxLayout::kPageKind, kValueBytes, sizeof(BlackBoxLayout));
  memory_.closeFd();
  auto& layout = *reinterpret_cast<BlackBoxLayout*>(memory_.bytes().data());
  show(layout.render, layout.compile, layout.verdict);
}

BlackBox::BlackBox() { show(unseen_[0], unseen_[1], unseen_[2]); }

void BlackBox::show(std::atomic<std::uint64_t>& renderWord, std::atomic<std::uint64_t>& compileWord, std::atomic<std::uint64_t>& verdict) {
  render.shown_ = &renderWord;
  compile.shown_ = &compileWord;
  verdict_ = &verdict;
}

transport::SharedMemory BlackBox::create() {
  return transport::createPageSegment("backline-black-box", BlackBoxLayout::kPageKind, kValueBytes, sizeof(BlackBoxLayout));
}

BlackBoxReader::BlackBoxReader(transport::SharedMemory memory) : memory_(std::move(memory)) {
  transport::checkPageSegment(memory_, BlackBoxLayout::kPageKind, kValueBytes, sizeof(BlackBoxLayout));
}

BlackBoxReader::Contents BlackBoxReader::read() const noexcept {
  const auto& layout = *reinterpret_cast<const BlackBoxLayout*>(memory_.bytes().data());
  Contents contents{checked(layout.render.load(std::memory_order_acquire)), checked(layout.compile.load(std::memory_order_acquire)), {}};
  if (const Whereabouts told = checked(layout.verdict.load(std::memory_order_acquire)); told.phase != Phase::idle) contents.verdict = told;
  return contents;
}

}  // namespace backline::render

#include "driver.h"

#include <ctime>

#include "script/addon_state.h"
#include "script/seat.h"
#include "transport/realtime.h"

namespace backline::script::test {

bool Events::processorMessage(render::NodeId node, std::span<const std::byte> message) noexcept {
  if (room-- <= 0) return room++, false;
  Event event{"message", node};
  event.message.assign(message.begin(), message.end());
  add(std::move(event));
  return true;
}

void Events::processorError(render::NodeId node, const render::ScriptError& error) noexcept {
  Event event{"error", node};
  event.error = error;
  add(std::move(event));
}

void Events::processorRegistered(const std::string& name, const std::vector<render::ProcessorParam>& params) noexcept {
  Event event{"registered"};
  event.name = name;
  event.params = params;
  add(std::move(event));
}

void Events::registrationFailed(const render::FailedRegistration& failure) noexcept {
  Event event{"registrationFailed"};
  event.name = failure.name;
  event.text = failure.reason;
  add(std::move(event));
}

void Events::console(const char* level, const std::string& text, const std::string& place) noexcept {
  Event event{"console"};
  event.name = level;
  event.text = text;
  event.place = place;
  add(std::move(event));
}

void Events::add(Event event) {
  const std::scoped_lock lock(mutex_);
  events_.push_back(std::move(event));
}

std::vector<Event> Events::take() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(events_, {});
}

namespace {

/// As a render host does that was invited: maps everything a second time.
std::shared_ptr<void> shareMemory(Owner& owner) {
  transport::SharedMemoryEnds ends = processPool()->invite();
  auto membership = std::move(ends.membership);
  owner.setPool(SharedPool::accept(std::move(ends), owner.limits().bufferBytes));
  return membership;
}

}  // namespace

Session::Session(Owner& owner, float sampleRate, std::uint32_t quantum, bool sameProcess, double budget)
    : membership(sameProcess ? nullptr : shareMemory(owner)),
      realm(owner.open({sampleRate, quantum, &events, {.call = budget, .setUp = budget, .mercy = 60}, &box}, sameProcess)),
      runtime(makeRuntime(realm)),
      sampleRate_(sampleRate),
      quantum_(quantum) {
  if (budget == 0) return;
  dog.emplace(realm->config().budgets);
  watch.emplace(*dog, box, runtime->terminable());
}

Session::~Session() { stopThread(); }

Session::Call Session::prepare(Node& node) {
  Call call;
  call.inputs.resize(node.inputs.size());
  call.outputs.resize(node.outputs.size());
  for (std::size_t i = 0; i < call.inputs.size(); ++i) {
    const auto channels = static_cast<std::uint8_t>(node.inputs[i].size() / quantum_);
    call.inputs[i] = {node.inputs[i].data(), quantum_, channels, channels, false, channels > 0};
    call.pointers.push_back(&call.inputs[i]);
  }
  node.rendered.resize(call.outputs.size());
  node.silent.resize(call.outputs.size());
  for (std::size_t i = 0; i < call.outputs.size(); ++i) {
    const auto channels = static_cast<std::uint8_t>(node.outputs[i]);
    node.rendered[i].assign(std::size_t{channels} * quantum_, 0.0f);
    call.outputs[i] = {node.rendered[i].data(), quantum_, channels, channels, true, true};
  }
  for (const auto& values : node.params) call.params.push_back({values.data(), values.size() == 1});
  return call;
}

void Session::process(std::uint32_t id, const render::Quantum& quantum) {
  Node& node = nodes.at(id);
  Call call = prepare(node);
  const render::Lane::Stretch stretch(box.render, id, render::Phase::process);
  node.result = node.processor->process({quantum, call.pointers, call.outputs, call.params});
  for (std::size_t i = 0; i < call.outputs.size(); ++i) node.silent[i] = call.outputs[i].silent;
}

void Session::quantum(const std::vector<std::uint32_t>& order) {
  const render::Quantum quantum{frame, quantum_, sampleRate_};
  runtime->beginQuantum(quantum);
  for (const std::uint32_t id : order) process(id, quantum);
  runtime->endQuantum();
  frame += quantum_;
}

double Session::measure(std::uint32_t id, std::uint32_t calls, std::uint32_t perQuantum) {
  const auto now = [] {
    timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
  };
  Node& node = nodes.at(id);
  Call call = prepare(node);
  double spent = 0;
  for (std::uint32_t done = 0; done < calls; done += perQuantum) {
    const render::Quantum quantum{frame, quantum_, sampleRate_};
    runtime->beginQuantum(quantum);
    const double before = now();
    for (std::uint32_t i = 0; i < perQuantum; ++i) {
      const render::Lane::Stretch stretch(box.render, id, render::Phase::process);
      node.processor->process({quantum, call.pointers, call.outputs, call.params});
    }
    spent += now() - before;
    runtime->endQuantum();
    frame += quantum_;
  }
  return spent / calls;
}

std::size_t Session::heap() {
  const Entry entry(*realm);
  v8::HeapStatistics statistics;
  realm->isolate()->GetHeapStatistics(&statistics);
  return statistics.used_heap_size() + statistics.external_memory();
}

double Session::heapGrowth(const std::vector<std::uint32_t>& order, std::uint32_t quanta) {
  const auto before = heap();
  for (std::uint32_t i = 0; i < quanta; ++i) quantum(order);
  return static_cast<double>(heap()) - static_cast<double>(before);
}

std::uint32_t Session::collections(const std::vector<std::uint32_t>& order, std::uint32_t quanta) {
  std::uint32_t count = 0;
  const auto onCollection = [](v8::Isolate*, v8::GCType, v8::GCCallbackFlags, void* counted) { ++*static_cast<std::uint32_t*>(counted); };
  { const Entry entry(*realm); realm->isolate()->AddGCPrologueCallback(onCollection, &count); }
  for (std::uint32_t i = 0; i < quanta; ++i) quantum(order);
  { const Entry entry(*realm); realm->isolate()->RemoveGCPrologueCallback(onCollection, &count); }
  return count;
}

std::vector<float> Session::pace(const std::vector<std::uint32_t>& order, std::uint32_t quanta) {
  std::vector<float> durations(quanta);
  std::thread([&] {
    transport::enterRealtimePriority(60);
    const std::chrono::duration<double> period(quantum_ / static_cast<double>(sampleRate_));
    auto due = std::chrono::steady_clock::now();
    for (float& duration : durations) {
      due += std::chrono::duration_cast<std::chrono::nanoseconds>(period);
      std::this_thread::sleep_until(due);
      const auto begin = std::chrono::steady_clock::now();
      quantum(order);
      duration = std::chrono::duration<float>(std::chrono::steady_clock::now() - begin).count();
    }
  }).join();
  return durations;
}

std::size_t Session::instances() {
  const Entry entry(*realm);
  return entry ? realm->seats().size() : 0;
}

void Session::startThread(std::vector<std::uint32_t> order, std::chrono::microseconds pause) {
  longest_ = {};
  thread_ = std::thread([this, order = std::move(order), pause] {
    while (!stop_) {
      const auto begin = std::chrono::steady_clock::now();
      quantum(order);
      longest_ = std::max<std::chrono::nanoseconds>(longest_, std::chrono::steady_clock::now() - begin);
      if (pause.count() > 0) std::this_thread::sleep_for(pause);
    }
  });
}

double Session::stopThread() {
  stop_ = true;
  if (thread_.joinable()) thread_.join();
  stop_ = false;
  return static_cast<double>(longest_.count());
}

}  // namespace backline::script::test

// fuzz_seeds FOLDER: writes what real encoders make into FOLDER/<target>/, for the targets that read whole messages. The others begin with
// what the fuzzer found itself.

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <sndfile.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "ipc/status.capnp.h"
#include "script/message_layout.h"
#include "tests/fuzz/input.h"
#include "tests/support/batch.h"

namespace {

using namespace backline;
using namespace backline::render;

std::filesystem::path folder;

void write(const char* target, const std::string& name, std::vector<std::byte> bytes) {
  std::filesystem::create_directories(folder / target);
  std::ofstream(folder / target / name, std::ios::binary).write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

/// The choices that lead into the raw half of the commands target: Input takes them from the end.
std::vector<std::byte> raw(std::vector<std::byte> bytes) {
  for (const int choice : {1, 0, 0, 0, 4}) bytes.push_back(static_cast<std::byte>(choice));
  return bytes;
}

ParamEvent event(std::uint32_t param, dsp::EventKind kind, double time, float value) {
  ParamEvent event;
  event.param = param;
  event.kind = kind;
  event.time = time;
  event.value = value;
  event.timeConstant = 0.1;
  event.duration = 0.2;
  if (kind == dsp::EventKind::setValueCurve) event.curve = {0, 1, 0.5f};
  return event;
}

void commands() {
  test::Batch sound;
  sound.node(1, kDestination).node(2, kGain).node(3, kOscillator).connect(2, 1).connect(3, 2).start(3, 0, 1).run();
  write("commands", "tone", raw(sound.takeBytes()));

  test::Batch automation;
  automation.node(1, kDestination).node(2, kOscillator).node(3, kGain).connect(2, 3).connect(3, 1).start(2, 0);
  for (std::uint32_t kind = 0; kind <= static_cast<std::uint32_t>(dsp::EventKind::setValueCurve); ++kind)
    automation.add(3, event(0, static_cast<dsp::EventKind>(kind), kind * 0.3, 0.5f));
  automation.add(2, ConnectParam{{0, 3, 0}}).add(3, ParamCancel{0, 0.5, 1}).add(3, ParamCancel{0, 0.7, 0}).add(3, ParamRate{0, AutomationRate::kRate});
  automation.add(3, SetParamValue{0, 0.25f}).add(3, SetChannelRules{{4, ChannelCountMode::clampedMax, ChannelInterpretation::discrete}});
  automation.add(2, DisconnectParam{{0, 3, 0}}).add(2, Disconnect{{0, 3, 0}}).add(3, ReleaseNode{});
  write("commands", "automation", raw(automation.takeBytes()));

  test::Batch wave;
  wave.add(9, CreatePeriodicWave{{0, 1, 0.5f}, {0, 0, 1}, 0}).node(1, kDestination).node(2, kOscillator).connect(2, 1);
  wave.add(2, SetField{1, 9}).add(2, SetField{0, 4}).add(9, ReleaseResource{}).start(2, 0.001, 0.01);
  write("commands", "wave", raw(wave.takeBytes()));

  test::Batch shaper;
  shaper.add(9, CreateCurve{{-1, 0, 1}}).node(1, kDestination).node(2, kConstantSource).node(3, kWaveShaper).connect(2, 3).connect(3, 1).start(2, 0);
  shaper.add(3, SetField{0, 9}).add(3, SetField{1, 2}).add(9, ReleaseResource{}).run();
  write("commands", "shaper", raw(shaper.takeBytes()));

  test::Batch resumed;
  resumed.node(1, kDestination).node(2, kOscillator).node(3, kAudioBufferSource).node(4, kConstantSource).connect(2, 1).connect(3, 1).connect(4, 1);
  for (NodeId id = 2; id < 5; ++id) resumed.start(id, 0);
  resumed.add(2, ResumePlaying{0, {std::uint64_t{1} << 63, {}, {}}}).add(3, ResumePlaying{0, {0, {0.5, 1000, 128}, {1, 0.75, -1}}}).add(4, ResumePlaying{1, {}});
  write("commands", "resumed", raw(resumed.takeBytes()));

  test::Batch worklet;
  CreateWorkletNode create;
  create.processor = {"keep", 2, 2, std::vector<std::uint32_t>{1, 2}, {std::byte{1}}};
  create.params = {{"amount", 0.5f, 0, 1, AutomationRate::kRate}};
  worklet.node(1, kDestination).add(1, AddModule{{{"file:///a.js", "x", {{"b", "file:///b.js"}}}}, 1}).add(2, create);
  worklet.connect(2, 1).add(2, PortMessage{{std::byte{1}, std::byte{2}}}).run();
  write("commands", "worklet", raw(worklet.takeBytes()));

  test::Batch states;
  states.add(0, StartRendering{1000, 2}).add(0, SuspendAt{128, 1}).add(0, SetRunning{1, 2}).add(0, CloseSession{3});
  write("commands", "states", raw(states.takeBytes()));
}

void notices() {
  const ScriptError error{"TypeError", "x is no function", "file:///a.js", 3, 7, "at f"};
  const Notice all[] = {Ended{}, StateChanged{1, 2, 128}, ProcessorMessage{{std::byte{5}}}, ProcessorFailed{error}, ProcessorEnded{},
                        ProcessorRegistered{"keep", {{"amount", 0.5f, 0, 1}}, 1}, ModuleEvaluated{0, error, {{"keep", "twice"}}}, ConsoleLine{"log", "hello", "file:///a.js:1:1"},
                        RenderingComplete{}, SessionFailed{"gone"}, SessionInterrupted{"gone"}, Started{4096}};
  for (const Notice& notice : all) {
    std::vector<std::byte> bytes;
    encode(bytes, NoticeRecord{6, 1, notice});
    write("notices", std::to_string(notice.index()), bytes);
  }
}

void messages() {
  const std::vector<std::byte> wasm(11, std::byte{'w'}), value(21, std::byte{'v'});
  render::Message message;
  script::composeMessage({{{1, 2}, {3, 4}}, {wasm, wasm}, value}, message);
  write("messages", "full", message);
  script::composeMessage({{}, {}, value}, message);
  write("messages", "value", message);
}

void status() {
  for (const unsigned sessions : {0u, 1u, 3u}) {
    capnp::MallocMessageBuilder message;
    auto status = message.initRoot<ipc::ProgramStatus>();
    status.setPid(1234);
    status.setName("patch.mjs");
    status.setPublished(1'000'000'000);
    auto reports = status.initSessions(sessions);
    for (auto report : reports) {
      report.setDevice("Virtual output");
      report.setSampleRate(48000);
      report.setQuantum(128);
      report.setState(ipc::SessionReport::State::RUNNING);
      report.setCostAverage(1e-5f);
      report.setLatency(0.02);
      auto nodes = report.initCostliest(2);
      nodes[0].setType("OscillatorNode");
      nodes[1].setProcessor("grains");
    }
    const kj::Array<capnp::word> flat = capnp::messageToFlatArray(message);
    const auto bytes = std::as_bytes(std::span(flat.asBytes().begin(), flat.asBytes().size()));
    std::vector<std::byte> seed(bytes.begin(), bytes.end());
    seed.push_back(std::byte{0});   // the choice of the message alone
    write("status", "sessions-" + std::to_string(sessions), seed);
  }
}

/// Sound files as libsndfile writes them.
void sounds() {
  const std::pair<const char*, int> formats[] = {
      {"wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16}, {"flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16}, {"opus", SF_FORMAT_OGG | SF_FORMAT_OPUS}};
  std::filesystem::create_directories(folder / "sound_files");
  for (const auto& [name, format] : formats) {
    SF_INFO info{};
    info.samplerate = 48000;
    info.channels = 1;
    info.format = format;
    SNDFILE* file = sf_open((folder / "sound_files" / name).c_str(), SFM_WRITE, &info);
    const std::vector<float> samples(64, 0.25f);
    sf_writef_float(file, samples.data(), static_cast<sf_count_t>(samples.size()));
    sf_close(file);
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::fprintf(stderr, "usage: fuzz_seeds FOLDER\n");
    return 1;
  }
  folder = arguments[1];
  commands();
  notices();
  messages();
  status();
  sounds();
  return 0;
}

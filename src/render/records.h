#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "dsp/timeline.h"
#include "render/node.h"
#include "render/worklet.h"

namespace backline::render {

// The commands and notices of a session. A record on the wire: {u32 size, u16 op, u16 zero, u32 target, u32 zero, u64 sequence}, then the
// fields in the order `fields` names them (docs/formats/records.md); op is the type's place in the variant.
// `target` is a NodeId unless said otherwise. Append new types at the end.

// ------------------------------------------------------------------ commands: control → render

/// Ends a batch. A batch is applied whole at it, or not at all.
struct Commit {
  std::uint32_t records = 0;   ///< in the batch, without this one
  auto fields() { return std::tie(records); }
};

struct CreateNode {
  std::uint32_t type = 0;      ///< place in kNodeTypes
  ChannelRules rules;
  std::vector<double> arguments;   ///< what it is made with and can never change: NodeDeclaration::shape says what they mean
  auto fields() { return std::tie(type, rules.count, rules.mode, rules.interpretation, arguments); }
};

/// An empty name: the node is there, but has no processor and is silent.
struct CreateWorkletNode {
  ProcessorOptions processor;
  std::vector<ProcessorParam> params;
  ChannelRules rules;
  auto fields() {
    return std::tie(processor.name, processor.inputs, processor.outputs, processor.outputChannelCount, processor.options, params,
                    rules.count, rules.mode, rules.interpretation);
  }
};

/// The program can no longer reach the node; it lives on as long as it can still be heard (Web Audio §1.5.1.5).
struct ReleaseNode {
  auto fields() { return std::tie(); }
};

/// Between an output of the target and an input.
struct InputLink {
  std::uint32_t output = 0;
  NodeId destination = 0;
  std::uint32_t input = 0;
  auto fields() { return std::tie(output, destination, input); }
};
struct Connect : InputLink {};
struct Disconnect : InputLink {};
/// Between an output of the target and an AudioParam.
struct ParamLink {
  std::uint32_t output = 0;
  NodeId destination = 0;
  std::uint32_t param = 0;
  auto fields() { return std::tie(output, destination, param); }
};
struct ConnectParam : ParamLink {};
struct DisconnectParam : ParamLink {};

struct SetChannelRules {
  ChannelRules rules;
  auto fields() { return std::tie(rules.count, rules.mode, rules.interpretation); }
};

struct SetField {
  std::uint32_t field = 0;
  double value = 0;            ///< a resource: its id
  auto fields() { return std::tie(field, value); }
};

/// The whole schedule of a scheduled source, at every start() and stop().
struct SetSchedule {
  Schedule schedule;
  auto fields() { return std::tie(schedule.start, schedule.stop, schedule.offset, schedule.duration); }
};

struct ParamEvent {
  std::uint32_t param = 0;
  dsp::EventKind kind{};
  double time = 0;
  float value = 0;
  double timeConstant = 0;
  double duration = 0;
  std::vector<float> curve;
  auto fields() { return std::tie(param, kind, time, value, timeConstant, duration, curve); }
};
struct ParamCancel {
  std::uint32_t param = 0;
  double time = 0;
  std::uint32_t hold = 0;      ///< 1: cancelAndHoldAtTime
  auto fields() { return std::tie(param, time, hold); }
};
struct ParamRate {
  std::uint32_t param = 0;
  AutomationRate rate{};
  auto fields() { return std::tie(param, rate); }
};

/// AudioParam.value's setter, beside its event: what stays when the event is cancelled.
struct SetParamValue {
  std::uint32_t param = 0;
  float value = 0;
  auto fields() { return std::tie(param, value); }
};

/// target: the ResourceId.
struct CreatePeriodicWave {
  std::vector<float> real, imag;
  std::uint32_t disableNormalization = 0;
  auto fields() { return std::tie(real, imag, disableNormalization); }
};
/// target: the ResourceId.
struct CreateCurve {
  std::vector<float> points;
  auto fields() { return std::tie(points); }
};
/// target: the ResourceId. The data lives as long as a node holds it.
struct ReleaseResource {
  auto fields() { return std::tie(); }
};

/// target: the request's number, which ModuleEvaluated answers with.
struct AddModule {
  std::vector<ModuleSource> modules;   ///< modules[0] is evaluated
  std::uint32_t replace = 0;           ///< 1: as WorkletRuntime::evaluate says
  auto fields() { return std::tie(modules, replace); }
};
/// AudioWorkletNode.port.postMessage().
/// target 0: for the scope's own port.
struct PortMessage {
  Message message;
  auto fields() { return std::tie(message); }
};

/// target 0. `generation` counts the calls; StateChanged answers with it.
struct SetRunning {
  std::uint32_t running = 0;
  std::uint32_t generation = 0;
  auto fields() { return std::tie(running, generation); }
};
struct CloseSession {
  std::uint32_t generation = 0;
  auto fields() { return std::tie(generation); }
};
/// Offline only. Renders `length` frames more, whole quanta of them unless they are the last; RenderingComplete tells.
struct StartRendering {
  std::uint64_t length = 0;
  std::uint32_t channels = 0;
  auto fields() { return std::tie(length, channels); }
};
/// Offline only. `frame` is a multiple of the quantum; StateChanged tells when it is reached; SetRunning goes on.
struct SuspendAt {
  std::uint64_t frame = 0;
  std::uint32_t generation = 0;
  auto fields() { return std::tie(frame, generation); }
};

/// A source goes on where another render side left off. After its fields and its schedule, before a quantum of it is rendered.
struct ResumePlaying {
  std::uint32_t ended = 0;     ///< 1: it has ended, and said so: it is silent for ever
  Past past;
  auto fields() { return std::tie(ended, past.phase, past.frames, past.paces); }
};

using Command = std::variant<Commit, CreateNode, CreateWorkletNode, ReleaseNode, Connect, Disconnect, ConnectParam, DisconnectParam,
                             SetChannelRules, SetField, SetSchedule, ParamEvent, ParamCancel, ParamRate, CreatePeriodicWave,
                             ReleaseResource, AddModule, PortMessage, SetRunning, CloseSession, StartRendering, SuspendAt, SetParamValue,
                             CreateCurve, ResumePlaying>;

// ------------------------------------------------------------------ notices: render → control

/// A scheduled source has played to its end.
struct Ended {
  auto fields() { return std::tie(); }
};
/// target 0. Sent after the render thread has applied it.
struct StateChanged {
  std::uint32_t running = 0;      ///< 0 suspended, 1 running, 2 closed
  std::uint32_t generation = 0;
  std::uint64_t frame = 0;
  auto fields() { return std::tie(running, generation, frame); }
};
/// target 0: from the scope's own port.
struct ProcessorMessage {
  Message message;
  auto fields() { return std::tie(message); }
};
struct ProcessorFailed {
  ScriptError error;
  auto fields() { return std::tie(error.name, error.message, error.url, error.line, error.column, error.stack); }
};
/// The processor of a worklet node will not run again (it returned false and has no inputs, or failed).
struct ProcessorEnded {
  auto fields() { return std::tie(); }
};
/// target: the AddModule request during which it happened; 0: none was.
struct ProcessorRegistered {
  std::string name;
  std::vector<ProcessorParam> params;
  std::uint32_t generation = 0;   ///< counts the registrations of this name, from 1
  auto fields() { return std::tie(name, params, generation); }
};
/// target: AddModule's. Follows every ProcessorRegistered of its module.
struct ModuleEvaluated {
  std::uint32_t succeeded = 0;
  ScriptError error;
  std::vector<FailedRegistration> failures;   ///< since the ModuleEvaluated before, whether the script caught them or not
  auto fields() {
    return std::tie(succeeded, error.name, error.message, error.url, error.line, error.column, error.stack, failures);
  }
};
struct ConsoleLine {
  std::string level, text;
  std::string place;   ///< "url:line:column" of the call; empty: unknown, or told by the text
  auto fields() { return std::tie(level, text, place); }
};
/// Offline only: everything has been rendered.
struct RenderingComplete {
  auto fields() { return std::tie(); }
};
/// The session cannot go on: a helper died, a record was refused. Nothing follows.
struct SessionFailed {
  std::string reason;
  auto fields() { return std::tie(reason); }
};

/// A scheduled source sounds, for the first time. One that ends within the same quantum says Ended alone.
struct Started {
  std::uint64_t frame = 0;     ///< at which the quantum begins
  auto fields() { return std::tie(frame); }
};

/// Said by the program's own side: the render host has gone, and the session is being built anew in another one. StateChanged follows.
struct SessionInterrupted {
  std::string reason;
  auto fields() { return std::tie(reason); }
};

using Notice = std::variant<Ended, StateChanged, ProcessorMessage, ProcessorFailed, ProcessorEnded, ProcessorRegistered, ModuleEvaluated,
                            ConsoleLine, RenderingComplete, SessionFailed, Started, SessionInterrupted>;

// ------------------------------------------------------------------

template <class Variant>
struct Record {
  std::uint32_t target = 0;
  std::uint64_t sequence = 0;
  Variant body;
};
using CommandRecord = Record<Command>;
using NoticeRecord = Record<Notice>;

/// What is wrong with a record and where in the batch (byte offset).
class RecordError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

void encode(std::vector<std::byte>& out, const CommandRecord& record);
void encode(std::vector<std::byte>& out, const NoticeRecord& record);
/// Decodes a whole message. Sizes, ops, counts and enumerations are checked; nothing is believed. Throws RecordError.
std::vector<CommandRecord> decodeCommands(std::span<const std::byte> message);
std::vector<NoticeRecord> decodeNotices(std::span<const std::byte> message);

}  // namespace backline::render

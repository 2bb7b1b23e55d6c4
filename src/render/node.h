#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <vector>

#include "render/block.h"
#include "render/resource.h"

namespace backline::render {

enum class ChannelCountMode : std::uint32_t { max, clampedMax, explicitCount };
enum class ChannelInterpretation : std::uint32_t { speakers, discrete };
enum class AutomationRate : std::uint32_t { aRate, kRate };

struct ChannelRules {
  std::uint32_t count = 2;
  ChannelCountMode mode = ChannelCountMode::max;
  ChannelInterpretation interpretation = ChannelInterpretation::speakers;
};

inline constexpr float kMostNegative = std::numeric_limits<float>::lowest();
inline constexpr float kMostPositive = std::numeric_limits<float>::max();
/// Stands for ± half the session's sample rate in a declaration.
inline constexpr float kNyquist = std::numeric_limits<float>::infinity();

struct ParamDeclaration {
  const char* name;                  ///< the IDL's attribute name
  float initial = 0;
  float minimum = kMostNegative;     ///< −kNyquist: −sampleRate / 2
  float maximum = kMostPositive;     ///< +kNyquist: +sampleRate / 2
  AutomationRate rate = AutomationRate::aRate;
  bool rateFixed = false;            ///< automationRate may not be changed
};

enum class FieldKind : std::uint32_t { boolean, enumeration, number, resource };

/// A settable value of a node that is no AudioParam. Travels as one 64-bit word.
struct FieldDeclaration {
  const char* name;      ///< the IDL's attribute name
  FieldKind kind;
  double initial = 0;
  double minimum = -std::numeric_limits<double>::infinity();  ///< refused outside, when decoded
  double maximum = std::numeric_limits<double>::infinity();   ///< for an enumeration: the last value
  ResourceKind resource = ResourceKind::audioBuffer;          ///< what a resource field holds
};

/// A field as the render side sees it.
struct Field {
  double number = 0;                    ///< booleans 0 or 1, enumerations their index
  Resource* resource = nullptr;         ///< the one named, or what prepare() made; alive as long as the field holds it
  bool isTrue() const { return number != 0; }
};

/// start() and stop() of an AudioScheduledSourceNode, in seconds of context time. offset and duration are AudioBufferSourceNode's.
struct Schedule {
  double start = std::numeric_limits<double>::infinity();
  double stop = std::numeric_limits<double>::infinity();
  double offset = 0;
  double duration = std::numeric_limits<double>::infinity();
};

/// How a scheduled source has sounded until now: what another renderer must know to go on in its place.
struct Past {
  std::uint64_t phase = 0;             ///< of an oscillator: dsp::Phase
  /// An AudioBufferSourceNode's, from its start on: for how many frames (a part of one before its first sample) it played at which pace
  /// (render::paceOf). What is long ago may be told as one stretch at the mean pace.
  std::vector<double> frames, paces;

  static constexpr std::size_t kMostStretches = 64;
  static constexpr double kMostFrames = 0x1p40, kMostPace = 0x1p20;   ///< of a stretch
};

/// Frames (may be fractional) of a time in seconds; nearer than 1e-6 to a whole frame counts as whole.
double framesOf(double seconds, float sampleRate) noexcept;

/// What a node may do to its surroundings while it renders.
struct Quantum {
  std::uint64_t frame = 0;      ///< context frame of the first sample
  std::uint32_t frames = kDefaultQuantum;
  float sampleRate = 48000;     ///< Hz
};

struct ProcessArgs {
  const Quantum& quantum;
  /// One mixed block an input; `active` false: nothing connected that sounds. None for a node that breaks a cycle: absorb() follows.
  std::span<const Block* const> inputs;
  std::span<Block> outputs;               ///< to be filled: channels, samples, silent; `active` is set by the executor
  std::span<const ParamBlock> params;     ///< in the order of the declaration
  std::span<const Field> fields;          ///< in the order of the declaration
  const Schedule& schedule;
  /// Of the inputs: how a mono past stands beside a stereo present.
  ChannelInterpretation interpretation = ChannelInterpretation::speakers;
  bool connected = true;                  ///< whether anything leads to an input or from an output
};

/// idle: outputs one inactive silent channel (the executor writes it). active: the outputs were written. finished: as active, and the
/// node will never sound again: a scheduled source then fires `ended` and is not called any more.
enum class Activity { idle, active, finished };

/// The render half of one node. Made and destroyed off the render thread; everything it will need is allocated in its constructor.
class NodeRenderer {
 public:
  virtual ~NodeRenderer() = default;
  /// [render]
  virtual Activity process(const ProcessArgs& args) noexcept = 0;
  /// The session stops rendering: time passes before the next call of process(). [render]
  virtual void pause(std::span<const Field> fields) noexcept { (void)fields; }
  /// Idle now, but with sound in it that is still to come out: its owner's letting go must not end it. [render]
  virtual bool holdsSound() const noexcept { return false; }
  /// Takes the input of a quantum whose output process() gave before: the writing half of a node that breaks a cycle. [render]
  virtual void absorb(const Block& input) noexcept { (void)input; }
  /// A source that sounded before the session's first frame. `fields` and `schedule` are what they will be then. [render]
  virtual void resume(const Past& past, std::span<const Field> fields, const Schedule& schedule, float sampleRate) noexcept {
    (void)past, (void)fields, (void)schedule, (void)sampleRate;
  }
  /// A message from the node's port, for the types that have one. [render]
  virtual void receive(std::span<const std::byte> message) noexcept { (void)message; }
};

struct NodeDeclaration;

/// What a renderer's constructor may know. [compile]
struct CreateArgs {
  float sampleRate;       ///< Hz
  std::uint32_t quantum;  ///< frames
  std::span<const double> arguments{};   ///< CreateNode's, which shape() has accepted
  bool live = false;                     ///< time does not wait for what takes long to be made
};

/// How many inputs and outputs an instance has.
struct NodeShape {
  std::uint32_t inputs = 1, outputs = 1;
};

/// What the compiler asks to reserve channels. [compile]
struct ChannelQuery {
  std::uint32_t output;
  std::span<const std::uint32_t> inputChannels;   ///< the most that each mixed input can have
  std::span<const Field> fields;
};

/// Everything the rest of the system needs to know of a node type: the wire form, the control object, the plan
/// and the binding all derive from this one declaration. Every type has one file in render/nodes; nodes/list.h lists them.
struct NodeDeclaration {
  const char* name;                 ///< the interface, "GainNode"
  std::uint32_t inputs = 1;
  std::uint32_t outputs = 1;
  bool isListener = false;          ///< the context's AudioListener: values for panners, no sound that would keep them alive
  bool hearsListener = false;       ///< has one input more, after its own, which its context connects the listener to; taken as it is
  ChannelRules channelRules{};
  bool scheduled = false;           ///< start(), stop() and `ended`
  bool breaksCycles = false;        ///< its input reaches its output a quantum later at the earliest, where it stands in a cycle
  std::span<const ParamDeclaration> params{};
  std::span<const FieldDeclaration> fields{};
  std::unique_ptr<NodeRenderer> (*create)(const CreateArgs&) = nullptr;
  /// The shape of an instance made with these arguments; throws RecordError if it cannot be. Null: it takes none. [compile]
  NodeShape (*shape)(std::span<const double> arguments) = nullptr;
  /// The most channels an output can have. Null: the most of any input, at least 1.
  std::uint32_t (*outputChannels)(const ChannelQuery&) = nullptr;
  /// What the render side gets beside a field's new value, or in place of the resource that it names: tables and room for what the value
  /// asks for, made off the render thread. Null: nothing, the resource itself. `fields` are the node's, with the new one. Throws RecordError. [compile]
  std::shared_ptr<Resource> (*prepare)(const CreateArgs&, std::uint32_t field, std::span<const Field> fields) = nullptr;
};

/// A declared minimum or maximum at a sample rate: kNyquist becomes a number.
float boundOf(float declared, float sampleRate) noexcept;
/// A single argument that counts inputs, outputs or channels: 1 … 32. Throws RecordError. [compile]
std::uint32_t countArgument(std::span<const double> arguments, const char* what);
/// Throws RecordError for arguments that the type does not take. [compile]
NodeShape shapeOf(const NodeDeclaration& declaration, std::span<const double> arguments);

}  // namespace backline::render

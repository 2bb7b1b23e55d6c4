#include <algorithm>
#include <cmath>

#include "dsp/periodic_wave.h"
#include "dsp/sine.h"
#include "render/nodes/list.h"
#include "render/nodes/paces.h"
#include "render/nodes/scheduling.h"
#include "render/periodic_wave_resource.h"

namespace backline::render {

namespace {

constexpr float kLowRate = 22050, kUsualRate = 48000, kHighRate = 96000;   // one for each set of basic waves

enum Param { kFrequency, kDetune };
constexpr ParamDeclaration kParams[] = {
    {.name = "frequency", .initial = 440, .minimum = -kNyquist, .maximum = kNyquist},
    {.name = "detune", .initial = 0, .minimum = -kMostDetune, .maximum = kMostDetune},
};

enum FieldPlace { kType, kPeriodicWave };
enum Type { kSine, kSquare, kSawtooth, kTriangle, kCustom };
constexpr FieldDeclaration kFields[] = {
    {.name = "type", .kind = FieldKind::enumeration, .initial = kSine, .minimum = 0, .maximum = kCustom},
    {.name = "periodicWave", .kind = FieldKind::resource, .resource = ResourceKind::periodicWave},
};

Type typeOf(std::span<const Field> fields) { return static_cast<Type>(static_cast<int>(fields[kType].number)); }

/// Constant tables, computed with the first oscillator of the process at such a rate. [compile]
const dsp::BasicWaves& basicWaves(float sampleRate) {
  static constexpr auto partials = dsp::BasicWaves::partialsFor;
  if (partials(sampleRate) == partials(kLowRate)) {
    static const dsp::BasicWaves low(partials(kLowRate));
    return low;
  }
  if (partials(sampleRate) == partials(kHighRate)) {
    static const dsp::BasicWaves high(partials(kHighRate));
    return high;
  }
  static const dsp::BasicWaves usual(partials(kUsualRate));
  return usual;
}

class OscillatorRenderer : public NodeRenderer {
 public:
  explicit OscillatorRenderer(const CreateArgs& args) : basicWaves_(basicWaves(args.sampleRate)), pace_(args.sampleRate) {}

  Activity process(const ProcessArgs& args) noexcept override {
    const Sounding part = scheduler_.of(args.schedule, args.quantum);
    Block& out = args.outputs[0];
    if (part.any()) {
      silenceAround(out, part);
      play(args, part, out);
      out.channels = 1;
    } else if (part.over) {
      out.zero(1);
    } else {
      return Activity::idle;
    }
    return part.over ? Activity::finished : Activity::active;
  }

  void resume(const Past& past, std::span<const Field>, const Schedule&, float) noexcept override {
    scheduler_.resume();
    phase_ = past.phase;
  }

 private:
  double cyclesAt(const ProcessArgs& args, std::uint32_t i) { return pace_.of(args.params[kFrequency].at(i), args.params[kDetune].at(i)); }

  void play(const ProcessArgs& args, const Sounding& part, Block& out) {
    const bool isSine = typeOf(args.fields) == kSine;
    const dsp::PeriodicWave* wave = isSine ? nullptr : waveOf(args.fields);
    out.silent = !isSine && !wave;
    phase_ += dsp::phaseOf(part.lead * cyclesAt(args, part.begin));
    const std::span<float> samples{out.data + part.begin, part.end - part.begin};
    if (args.params[kFrequency].constant && args.params[kDetune].constant) {
      playSteady(cyclesAt(args, part.begin), wave, samples, out.silent);
    } else {
      playMoving(args, part.begin, wave, samples, out.silent);
    }
  }

  // `wave`: none for a sine. At the Nyquist frequency no partial is left.
  void playSteady(double cycles, const dsp::PeriodicWave* wave, std::span<float> out, bool silent) {
    const double size = std::abs(cycles);
    const dsp::Phase step = dsp::phaseOf(cycles);
    if (silent || !(size < 0.5)) {
      std::fill(out.begin(), out.end(), 0.0f);
    } else if (wave) {
      wave->band(0.5 / size).read(phase_, step, out);
    } else {
      dsp::sines(phase_, step, out);
    }
    phase_ += step * out.size();
  }

  void playMoving(const ProcessArgs& args, std::uint32_t begin, const dsp::PeriodicWave* wave, std::span<float> out, bool silent) {
    dsp::PeriodicWave::Band band{};
    double bandCycles = -1;
    for (float& sample : out) {
      const double cycles = cyclesAt(args, begin++), size = std::abs(cycles);
      if (silent || !(size < 0.5)) {
        sample = 0;
      } else if (wave) {
        if (size != bandCycles) band = wave->band(0.5 / size), bandCycles = size;
        sample = band.at(phase_);
      } else {
        sample = static_cast<float>(dsp::sine(phase_));
      }
      phase_ += dsp::phaseOf(cycles);
    }
  }

  const dsp::PeriodicWave* waveOf(std::span<const Field> fields) const {
    switch (typeOf(fields)) {
      case kSquare:
        return &basicWaves_.square();
      case kSawtooth:
        return &basicWaves_.sawtooth();
      case kTriangle:
        return &basicWaves_.triangle();
      default:
        return fields[kPeriodicWave].resource
                   ? &static_cast<const PeriodicWaveResource*>(fields[kPeriodicWave].resource)->wave()
                   : nullptr;
    }
  }

  const dsp::BasicWaves& basicWaves_;
  OscillatorPace pace_;
  Scheduler scheduler_;
  dsp::Phase phase_ = 0;
};

}  // namespace

const NodeDeclaration kOscillator = {
    .name = "OscillatorNode",
    .inputs = 0,
    .scheduled = true,
    .params = kParams,
    .fields = kFields,
    .create = [](const CreateArgs& args) -> std::unique_ptr<NodeRenderer> { return std::make_unique<OscillatorRenderer>(args); },
};

}  // namespace backline::render

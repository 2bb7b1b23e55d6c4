#include "control/oscillator_node.h"

#include "control/checks.h"

namespace backline {

OscillatorNode::OscillatorNode(BaseAudioContext& context, const OscillatorOptions& options)
    : AudioScheduledSourceNode(context, render::kOscillator) {
  apply(options);
  if (options.periodicWave) {
    setPeriodicWave(*options.periodicWave);
  } else if (options.type == OscillatorType::custom) {
    throw DomException("InvalidStateError", "type of an OscillatorNode is \"custom\", but there is no periodicWave");
  } else {
    setType(options.type);
  }
  if (options.frequency != frequency().defaultValue()) frequency().setValue(options.frequency);
  if (options.detune != detune().defaultValue()) detune().setValue(options.detune);
}

OscillatorType OscillatorNode::type() const { return static_cast<OscillatorType>(field(fieldNamed("type"))); }

void OscillatorNode::setType(OscillatorType wanted) {
  if (wanted == OscillatorType::custom) {
    if (type() == OscillatorType::custom) return;
    throw DomException("InvalidStateError", "type of an OscillatorNode becomes \"custom\" by setPeriodicWave only");
  }
  storeField(fieldNamed("type"), static_cast<double>(wanted));
}

void OscillatorNode::setPeriodicWave(const PeriodicWave& wave) {
  if (wave.resource().link.lock() != link()) {
    throw DomException("InvalidAccessError", "periodicWave belongs to another context");
  }
  storeField(fieldNamed("periodicWave"), wave.resource().id);
  storeField(fieldNamed("type"), static_cast<double>(OscillatorType::custom));
}

}  // namespace backline

// An object in place of backline.node: it stores attributes, notes every call in `calls`, and plays nothing.
import { setNative } from '../../../lib/native.js';
import { setScript } from '../../../lib/script.js';

export const calls = [];
export let onEvent;

class Impl {
  constructor(...args) {
    calls.push([`new ${this.constructor.name}`, ...args]);
  }
}

const noted = (type, ...names) => {
  for (const name of names) {
    type.prototype[name] = function (...args) {
      calls.push([`${type.name}.${name}`, ...args]);
    };
  }
};

class AudioParam extends Impl {
  value = 0;
  automationRate = 'a-rate';
  defaultValue = 0;
  minValue = -1;
  maxValue = 1;
}
noted(AudioParam, 'setValueAtTime', 'linearRampToValueAtTime', 'exponentialRampToValueAtTime', 'setTargetAtTime',
  'setValueCurveAtTime', 'cancelScheduledValues', 'cancelAndHoldAtTime');

class AudioNode extends Impl {
  #params = new Map();
  numberOfInputs = 1;
  numberOfOutputs = 1;
  channelCount = 2;
  channelCountMode = 'max';
  channelInterpretation = 'speakers';

  param(name) {
    if (!this.#params.has(name)) this.#params.set(name, new AudioParam());
    return this.#params.get(name);
  }
}
noted(AudioNode, 'connect', 'connectParam', 'disconnect', 'disconnectOutput', 'disconnectNode', 'disconnectNodeOutput',
  'disconnectNodeOutputInput', 'disconnectParam', 'disconnectParamOutput');

class Source extends AudioNode {}
noted(Source, 'start', 'stop');

class BaseAudioContext extends Impl {
  sampleRate = 48000;
  currentTime = 0;
  state = 'suspended';
  renderQuantumSize = 128;
  destination = new AudioDestinationNode();
  modules = [];

  async addModule(modules) { this.modules.push(modules); }
  async resume() { calls.push(['resume']); }
  async suspend(time) { calls.push(['suspend', time]); }
  listen(begins) { calls.push(['listen', begins]); }
}

class AudioContext extends BaseAudioContext {
  baseLatency = 0;
  outputLatency = 0;
  async close() {}
  getOutputTimestamp() { return { contextTime: 1, performanceTime: 2 }; }
}

class OfflineAudioContext extends BaseAudioContext {
  constructor(options) {
    super(options);
    this.length = options.length;
  }

  async startRendering() {
    return { buffer: new AudioBuffer({ numberOfChannels: 1, length: this.length, sampleRate: 48000 }), channels: [new Float32Array(this.length)] };
  }
}

class AudioBuffer extends Impl {
  constructor(options) {
    super(options);
    Object.assign(this, options, { duration: options.length / options.sampleRate, detached: false });
  }

  copyFromChannel(...given) {
    calls.push(['AudioBuffer.copyFromChannel', ...given]);
    if (given[1] >= this.numberOfChannels) throw new DOMException('channel', 'IndexSizeError');
  }

  markDetached() { this.detached = true; }
}
noted(AudioBuffer, 'copyToChannel');

class AudioWorkletNode extends AudioNode {
  parameterNames() { return ['frequency', 'depth']; }
  postMessage(serialized) { calls.push(['postMessage', serialized]); }
}

class AudioDestinationNode extends AudioNode {
  maxChannelCount = 2;
}

class OscillatorNode extends Source {
  type = 'sine';
}
noted(OscillatorNode, 'setPeriodicWave');

class AudioBufferSourceNode extends Source {
  buffer = null;
  loop = false;
  loopStart = 0;
  loopEnd = 0;
}

const fake = {
  initialize(options) { onEvent = options.onEvent; },
  setWorkletRuntimeFactory(factory) { calls.push(['setWorkletRuntimeFactory', factory]); },
  async decodeAudioData(bytes, sampleRate) {
    calls.push(['decodeAudioData', bytes, sampleRate]);
    if (bytes.length === 0) throw new DOMException('no audio in it', 'EncodingError');
    return new AudioBuffer({ numberOfChannels: 1, length: bytes.length, sampleRate });
  },
  AudioContext, OfflineAudioContext, AudioBuffer, AudioWorkletNode, AudioDestinationNode, OscillatorNode, AudioBufferSourceNode,
  GainNode: class GainNode extends AudioNode {},
  ConstantSourceNode: class ConstantSourceNode extends Source {},
  StereoPannerNode: class StereoPannerNode extends AudioNode {},
  PeriodicWave: class PeriodicWave extends Impl {},
};

/// Puts the fake in place; its messages are values, not bytes.
export function installFake() {
  setNative(fake);
  setScript({ runtimeFactory: 'runtime', allocateShared: () => undefined, serialize: (value, options) => ({ value, ...options }), deserialize: ({ value, broken }) => {
    if (broken) throw new Error('broken');
    return value;
  } });
}

/// The impls and arguments of the last call of a name.
export const lastCall = (name) => calls.findLast(([called]) => called === name)?.slice(1);

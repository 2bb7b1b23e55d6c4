import { gain, loop, moduleOf, toneBuffer } from './material.mjs';

const source = `
registerProcessor('empty', class extends AudioWorkletProcessor { process() { return true; } });
registerProcessor('small', class extends AudioWorkletProcessor {
  process([input], [output]) {
    for (let c = 0; c < input.length; ++c) {
      const from = input[c], to = output[c];
      for (let i = 0; i < to.length; ++i) to[i] = from[i] * 0.5;
    }
    return true;
  }
});
registerProcessor('heavy', class extends AudioWorkletProcessor {
  constructor({ processorOptions }) {
    super();
    this.steps = Float64Array.from({ length: 16 }, (_, i) => (i + 1) * processorOptions.frequency * 2 * Math.PI / sampleRate);
    this.phases = new Float64Array(16);
  }
  process(inputs, [[output]]) {
    const { steps, phases } = this;
    for (let i = 0; i < output.length; ++i) {
      let sum = 0;
      for (let k = 0; k < 16; ++k) sum += Math.sin(phases[k] += steps[k]) / (k + 1);
      output[i] = sum * 0.1;
    }
    return true;
  }
});`;

const prepare = (context) => context.audioWorklet.addModule(moduleOf(source));

/** As many processors that compute nothing: what is left is what a call costs. */
const empty = (count) => ({
  name: `${count} empty worklet${count === 1 ? '' : 's'}`, seconds: 2.5, needs: ['AudioWorkletNode'], prepare,
  build(context, seconds, { AudioWorkletNode }) {
    for (let i = 0; i < count; ++i) new AudioWorkletNode(context, 'empty', { numberOfInputs: 0 }).connect(context.destination);
  },
});

export default [
  ...[1, 16, 64, 256].map(empty),
  {
    name: '64 small worklets', seconds: 5, needs: ['AudioWorkletNode'], prepare,
    build(context, seconds, { AudioWorkletNode }) {
      const input = loop(context, toneBuffer(context, { channels: 2 })), bus = gain(context, 1 / 64);
      for (let i = 0; i < 64; ++i) input.connect(new AudioWorkletNode(context, 'small')).connect(bus);
      bus.connect(context.destination);
    },
  },
  {
    name: '16 heavy worklets', seconds: 2, needs: ['AudioWorkletNode'], prepare,
    build(context, seconds, { AudioWorkletNode }) {
      const bus = gain(context, 1 / 16);
      for (let i = 0; i < 16; ++i)
        new AudioWorkletNode(context, 'heavy', { processorOptions: { frequency: 60 + i * 7 } }).connect(bus);
      bus.connect(context.destination);
    },
  },
];

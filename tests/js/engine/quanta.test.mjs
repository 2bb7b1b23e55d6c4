// Every node at quanta of one frame, of no power of two, and of seconds.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { AudioWorkletNode, ConstantSourceNode, OfflineAudioContext, OscillatorNode } from '../../../lib/index.js';

const configurations = [
  { sampleRate: 3000, renderSizeHint: 1, length: 512 },
  { sampleRate: 48000, renderSizeHint: 256, length: 1024 },
  { sampleRate: 48000, renderSizeHint: 100, length: 1024 },
  { sampleRate: 192000, renderSizeHint: 4096, length: 8192 },
  { sampleRate: 11000, renderSizeHint: 66000, length: 132000 },
  { sampleRate: 48000, renderSizeHint: 'hardware', length: 1024 },
];

const makers = {
  analyser: (context) => context.createAnalyser(),
  biquad: (context) => context.createBiquadFilter(),
  convolver: (context) => {
    const convolver = context.createConvolver();
    const buffer = context.createBuffer(1, 300, context.sampleRate);
    buffer.getChannelData(0)[200] = 1;
    convolver.buffer = buffer;
    return convolver;
  },
  delay: (context) => {
    const delay = context.createDelay(1);
    delay.delayTime.value = 77 / context.sampleRate;
    return delay;
  },
  compressor: (context) => context.createDynamicsCompressor(),
  gain: (context) => {
    const gain = context.createGain();
    gain.gain.setValueAtTime(0, 0).linearRampToValueAtTime(1, 300 / context.sampleRate).setTargetAtTime(0, 400 / context.sampleRate, 0.01);
    return gain;
  },
  iir: (context) => context.createIIRFilter([0.5, 0.5], [1, -0.3]),
  stereoPanner: (context) => context.createStereoPanner(),
};

async function rendered(make, { sampleRate, renderSizeHint, length }) {
  const context = new OfflineAudioContext({ numberOfChannels: 1, sampleRate, renderSizeHint, length });
  const source = new OscillatorNode(context, { frequency: sampleRate / 50 });
  source.connect(await make(context)).connect(context.destination);
  source.start(10 / sampleRate);
  return { context, samples: (await context.startRendering()).getChannelData(0) };
}

for (const configuration of configurations) {
  const { sampleRate, renderSizeHint, length } = configuration;
  test(`a quantum of ${renderSizeHint} at ${sampleRate} Hz gives what one of 128 gives, through every node`, async () => {
    for (const [name, make] of Object.entries(makers)) {
      const { context, samples } = await rendered(make, configuration);
      assert.equal(context.renderQuantumSize, renderSizeHint === 'hardware' ? 128 : renderSizeHint);
      assert.equal(samples.length, length);
      assert.ok(samples.some((sample) => sample !== 0), `${name} is silent`);
      const usual = await rendered(make, { ...configuration, renderSizeHint: 'default' });
      const difference = samples.reduce((most, sample, i) => Math.max(most, Math.abs(sample - usual.samples[i])), 0);
      const decibels = 20 * Math.log10(difference);
      assert.ok(decibels < -100, `${name} differs by ${decibels} dB from what it is with a quantum of 128`);
    }
  });

  test(`a processor gets blocks of ${renderSizeHint} at ${sampleRate} Hz, every one of them`, async () => {
    const context = new OfflineAudioContext({ numberOfChannels: 1, ...configuration });
    const quantum = context.renderQuantumSize;
    await context.audioWorklet.addModule(`data:text/javascript,${encodeURIComponent(`registerProcessor('count', class extends AudioWorkletProcessor {
      static parameterDescriptors = [{ name: 'p', defaultValue: 1 }];
      process([[input]], [[output]], { p }) {
        for (let i = 0; i < output.length; i++) output[i] = input[i] * (currentFrame + i) * (p.length === 1 ? p[0] : p[i]) + renderQuantumSize;
        return true;
      }
    })`)}`);
    const source = new ConstantSourceNode(context);
    const node = new AudioWorkletNode(context, 'count');
    node.parameters.get('p').setValueAtTime(2, 100.5 / sampleRate);
    source.connect(node).connect(context.destination);
    source.start();
    const samples = (await context.startRendering()).getChannelData(0);
    samples.forEach((sample, i) => assert.equal(sample, i * (i > 100 ? 2 : 1) + quantum, `frame ${i}`));
  });
}

test('a renderSizeHint that is no quantum is refused, and 6 s are the longest', () => {
  const make = (renderSizeHint, sampleRate = 3000) => new OfflineAudioContext({ length: 1, sampleRate, renderSizeHint });
  for (const hint of [0, -1, 18001, 2 ** 32 - 1, NaN]) assert.throws(() => make(hint), { name: 'NotSupportedError', message: /renderSizeHint/ }, `${hint}`);
  assert.throws(() => make('software'), TypeError);
  assert.equal(make(18000).renderQuantumSize, 18000);
  assert.equal(make(6 * 768000, 768000).renderQuantumSize, 6 * 768000);
});

// Graphs and samples that nobody should make: they are rendered, and harm nothing beside them.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as backline from '../../../lib/index.js';

const { AudioBuffer, ConstantSourceNode, DelayNode, GainNode, OfflineAudioContext } = backline;
const kRate = 48000;
const kEffects = ['GainNode', 'DelayNode', 'BiquadFilterNode', 'StereoPannerNode', 'DynamicsCompressorNode', 'AnalyserNode', 'ChannelSplitterNode',
  'ChannelMergerNode', 'ConvolverNode', 'IIRFilterNode', 'WaveShaperNode', 'PannerNode'].filter((name) => name in backline);

function bufferOf(...samples) {
  const buffer = new AudioBuffer({ length: samples.length, sampleRate: kRate });
  buffer.copyToChannel(Float32Array.from(samples), 0);
  return buffer;
}

function make(name, context) {
  const options = { IIRFilterNode: { feedforward: [1], feedback: [1, -0.5] }, ConvolverNode: { buffer: bufferOf(1, 0.5) }, WaveShaperNode: { curve: [-1, 0, 1], oversample: '4x' } }[name];
  return new backline[name](context, options);
}

const source = (context, offset = 1) => {
  const node = new ConstantSourceNode(context, { offset });
  node.start();
  return node;
};
const play = (context, buffer) => {
  const node = new backline.AudioBufferSourceNode(context, { buffer });
  node.start();
  return node;
};

for (const name of kEffects) {
  for (const sample of [NaN, Infinity, -Infinity, 3e38]) {
    test(`${sample} through ${name} stays in its branch`, async () => {
      const context = new OfflineAudioContext(2, 1024, kRate);
      const merger = new backline.ChannelMergerNode(context, { numberOfInputs: 2 });
      merger.connect(context.destination);
      const effect = make(name, context);
      play(context, bufferOf(0.5, sample, 0.5)).connect(effect).connect(merger, 0, 0);
      source(context, 0.25).connect(make(name, context)).connect(merger, 0, 1);
      const alone = new OfflineAudioContext(1, 1024, kRate);
      source(alone, 0.25).connect(make(name, alone)).connect(new GainNode(alone, { channelCount: 1, channelCountMode: 'explicit' })).connect(alone.destination);
      const [both, one] = await Promise.all([context.startRendering(), alone.startRendering()]);
      assert.deepEqual(both.getChannelData(1), one.getChannelData(0));
    });
  }
}

for (const name of ['gain', 'delayTime', 'frequency', 'pan', 'threshold', 'offset', 'playbackRate', 'detune']) {
  test(`an AudioParam whose input is no number is at its default or within its range: ${name}`, async () => {
    const owners = { gain: 'GainNode', delayTime: 'DelayNode', frequency: 'BiquadFilterNode', pan: 'StereoPannerNode', threshold: 'DynamicsCompressorNode',
      offset: 'ConstantSourceNode', playbackRate: 'AudioBufferSourceNode', detune: 'OscillatorNode' };
    const context = new OfflineAudioContext(1, 512, kRate);
    const node = make(owners[name], context);
    if (node instanceof backline.AudioScheduledSourceNode) node.start();
    else source(context).connect(node);
    if (name === 'playbackRate') node.buffer = bufferOf(1, 1, 1);
    play(context, bufferOf(NaN, NaN, NaN)).connect(node[name]);
    node.connect(context.destination);
    const samples = (await context.startRendering()).getChannelData(0);
    assert.ok(samples.every(Number.isFinite), `${samples.find((each) => !Number.isFinite(each))}`);
  });
}

test('a cycle without a delay is silent, and what is beside it sounds', async () => {
  const context = new OfflineAudioContext(1, 512, kRate);
  const a = new GainNode(context), b = new GainNode(context, { gain: 0.5 });
  source(context).connect(a).connect(b).connect(a);
  b.connect(context.destination);
  const itself = new GainNode(context);
  source(context).connect(itself).connect(itself);
  itself.connect(context.destination);
  source(context, 0.25).connect(context.destination);
  assert.deepEqual((await context.startRendering()).getChannelData(0), new Float32Array(512).fill(0.25));
});

test('a cycle through an AudioParam without a delay is silent too', async () => {
  const context = new OfflineAudioContext(1, 512, kRate);
  const gain = new GainNode(context);
  source(context).connect(gain).connect(gain.gain);
  gain.connect(context.destination);
  source(context, 0.25).connect(context.destination);
  assert.deepEqual((await context.startRendering()).getChannelData(0), new Float32Array(512).fill(0.25));
});

for (const [frames, period] of [[1, 128], [128, 128], [200, 200]]) {
  test(`a delay of ${frames} frames in a cycle comes round every ${period}`, async () => {
    const context = new OfflineAudioContext(1, 1024, kRate);
    const delay = new DelayNode(context, { delayTime: frames / kRate });
    play(context, bufferOf(1)).connect(delay).connect(new GainNode(context, { gain: 0.5 })).connect(delay);
    delay.connect(context.destination);
    const samples = (await context.startRendering()).getChannelData(0);
    const heard = [...samples.entries()].filter(([, sample]) => sample !== 0);
    assert.deepEqual(heard, Array.from({ length: Math.floor(1023 / period) }, (_, i) => [period * (i + 1), 0.5 ** i]));
  });
}

test('a detached buffer plays nothing, before and after it is set', async () => {
  const context = new OfflineAudioContext(1, 128, kRate);
  for (const isSetFirst of [true, false]) {
    const buffer = bufferOf(1, 1, 1);
    const node = new backline.AudioBufferSourceNode(context, isSetFirst ? { buffer } : {});
    const samples = buffer.getChannelData(0);
    structuredClone(samples.buffer, { transfer: [samples.buffer] });
    if (!isSetFirst) node.buffer = buffer;
    node.connect(context.destination);
    node.start();
  }
  assert.ok((await context.startRendering()).getChannelData(0).every((sample) => sample === 0));
});

test('copies to and from detached and empty arrays do nothing', () => {
  const buffer = bufferOf(1, 2);
  for (const array of [new Float32Array(0), new Float32Array(2)]) {
    structuredClone(array.buffer, { transfer: [array.buffer] });
    buffer.copyFromChannel(array, 0);
    buffer.copyToChannel(array, 0);
  }
  buffer.copyFromChannel(new Float32Array(1), 0, 2 ** 32 - 1);
  assert.deepEqual([...buffer.getChannelData(0)], [1, 2]);
});

test('frequencies beyond the range have no response', () => {
  const context = new OfflineAudioContext(1, 128, kRate);
  for (const filter of [new backline.BiquadFilterNode(context), context.createIIRFilter([1], [1, 0.5])]) {
    const magnitudes = new Float32Array(5), phases = new Float32Array(5);
    filter.getFrequencyResponse(Float32Array.of(NaN, Infinity, -1, 24001, 100), magnitudes, phases);
    assert.ok(magnitudes.subarray(0, 4).every(Number.isNaN) && phases.subarray(0, 4).every(Number.isNaN));
    assert.ok(Number.isFinite(magnitudes[4]));
    assert.throws(() => filter.getFrequencyResponse(new Float32Array(2), new Float32Array(1), new Float32Array(2)), { name: 'InvalidAccessError' });
  }
});

const kDisconnects = [
  ['disconnect()', (a) => a.disconnect(), 0], ['disconnect(output)', (a) => a.disconnect(0), 0], ['disconnect(node)', (a, b) => a.disconnect(b), 2],
  ['disconnect(node, output)', (a, b) => a.disconnect(b, 0), 2], ['disconnect(node, output, input)', (a, b) => a.disconnect(b, 0, 0), 2],
  ['disconnect(param)', (a, b, param) => a.disconnect(param), 1.5], ['disconnect(param, output)', (a, b, param) => a.disconnect(param, 0), 1.5],
];
for (const [name, cut, expected] of kDisconnects) {
  test(`${name} cuts these connections and no others`, async () => {
    const context = new OfflineAudioContext(1, 128, kRate);
    const a = source(context, 1), b = new GainNode(context, { gain: 0.5 }), c = new GainNode(context);
    const moved = new ConstantSourceNode(context, { offset: 0 });
    moved.start();
    for (const to of [b, b, c]) a.connect(to);
    a.connect(moved.offset);
    for (const node of [b, c, moved]) node.connect(context.destination);
    cut(a, b, moved.offset);
    // Whole it is 0.5 through b, 1 through c and 1 that the param adds.
    assert.equal((await context.startRendering()).getChannelData(0)[64], expected);
  });
}

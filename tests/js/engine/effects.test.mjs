// DynamicsCompressorNode, ConvolverNode and WaveShaperNode from JavaScript, rendered offline in this process.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  AudioBuffer, ConstantSourceNode, ConvolverNode, DynamicsCompressorNode, GainNode, OfflineAudioContext, WaveShaperNode,
} from '../../../lib/index.js';

const rate = 48000;

function responseOf(...channels) {
  const buffer = new AudioBuffer({ length: channels[0].length, numberOfChannels: channels.length, sampleRate: rate });
  channels.forEach((samples, channel) => buffer.copyToChannel(Float32Array.from(samples), channel));
  return buffer;
}

/// A step through a convolver, which `make` sets up.
async function step(make) {
  const context = new OfflineAudioContext(2, 256, rate);
  const source = new ConstantSourceNode(context);
  source.connect(make(context)).connect(context.destination);
  source.start();
  return context.startRendering();
}

test('a convolver renders its response, normalized by default', async () => {
  const plain = await step((context) => new ConvolverNode(context, { buffer: responseOf([1, 2, 3], [0.5, 0, 0]), disableNormalization: true }));
  assert.deepEqual([...plain.getChannelData(0).subarray(0, 5)], [1, 3, 6, 6, 6]);
  assert.deepEqual([...plain.getChannelData(1).subarray(0, 3)], [0.5, 0.5, 0.5]);
  const normalized = await step((context) => new ConvolverNode(context, { buffer: responseOf([2]) }));
  const scale = 0.00125 / 2 * 44100 / rate;
  assert.ok(Math.abs(normalized.getChannelData(0)[0] / (2 * scale) - 1) < 1e-6);
});

test('normalize counts when the buffer is set, and what is written afterwards does not', async () => {
  const rendered = await step((context) => {
    const convolver = context.createConvolver();
    assert.equal(convolver.buffer, null);
    assert.equal(convolver.normalize, true);
    const buffer = responseOf([0, 1]);
    buffer.getChannelData(0)[1] = 3;
    convolver.normalize = false;
    convolver.buffer = buffer;
    convolver.normalize = true;
    assert.equal(convolver.buffer, buffer);
    buffer.getChannelData(0)[1] = 5;
    return convolver;
  });
  assert.deepEqual([...rendered.getChannelData(0).subarray(0, 3)], [0, 3, 3]);
});

test('a convolver without a buffer, or with a detached one, is silent', async () => {
  const none = await step((context) => new ConvolverNode(context, { buffer: null }));
  assert.deepEqual(none.getChannelData(0), new Float32Array(256));
  const detached = await step((context) => {
    const buffer = responseOf([1, 1]);
    const samples = buffer.getChannelData(0);
    structuredClone(samples.buffer, { transfer: [samples.buffer] });
    return new ConvolverNode(context, { buffer });
  });
  assert.deepEqual(detached.getChannelData(0), new Float32Array(256));
});

test('a response of a wrong shape is refused and leaves the old one', () => {
  const context = new OfflineAudioContext(1, 128, rate);
  const buffer = responseOf([1]);
  const convolver = new ConvolverNode(context, { buffer });
  assert.throws(() => { convolver.buffer = responseOf([1], [1], [1]); }, { name: 'NotSupportedError', constructor: DOMException });
  assert.throws(() => { convolver.buffer = new AudioBuffer({ length: 1, sampleRate: 44100 }); }, { name: 'NotSupportedError' });
  assert.throws(() => { convolver.buffer = 5; }, TypeError);
  assert.throws(() => { convolver.channelCount = 3; }, { name: 'NotSupportedError' });
  assert.throws(() => { convolver.channelCountMode = 'max'; }, { name: 'NotSupportedError' });
  assert.equal(convolver.buffer, buffer);
  convolver.buffer = null;
  assert.equal(convolver.buffer, null);
});

test('a compressor brings a loud tone down and tells by how much', async () => {
  const context = new OfflineAudioContext(1, 2 * rate, rate);
  const source = new ConstantSourceNode(context, { offset: 1 });
  const compressor = new DynamicsCompressorNode(context, { threshold: -20, knee: 0, ratio: 4 });
  source.connect(compressor).connect(context.destination);
  source.start();
  assert.equal(compressor.reduction, 0);
  const data = (await context.startRendering()).getChannelData(0);
  const decibels = 20 * Math.log10(data.at(-1));
  assert.ok(Math.abs(decibels - -6) < 0.1, `${decibels} dB, not −15 dB made up by 9 dB`);
  assert.ok(Math.abs(compressor.reduction - -15) < 0.1, `${compressor.reduction} dB, not −15`);
  assert.deepEqual(data.subarray(0, 288), new Float32Array(288), 'look-ahead of 6 ms');
  assert.notEqual(data[288], 0);
});

test("a compressor's parameters keep their rate, and its input is mono or stereo", () => {
  const context = new OfflineAudioContext(1, 128, rate);
  const compressor = context.createDynamicsCompressor();
  for (const name of ['threshold', 'knee', 'ratio', 'attack', 'release']) {
    assert.equal(compressor[name].automationRate, 'k-rate');
    assert.throws(() => { compressor[name].automationRate = 'a-rate'; }, { name: 'InvalidStateError' });
  }
  assert.throws(() => { compressor.reduction = 1; }, TypeError);
  assert.throws(() => { compressor.channelCount = 3; }, { name: 'NotSupportedError' });
  assert.throws(() => new DynamicsCompressorNode(context, { channelCountMode: 'max' }), { name: 'NotSupportedError' });
  assert.throws(() => new DynamicsCompressorNode(context, { ratio: NaN }), TypeError);
});

test('a tail goes on after its source, and ends', async () => {
  const context = new OfflineAudioContext(1, 1024, rate);
  const source = new ConstantSourceNode(context);
  const convolver = new ConvolverNode(context, { buffer: responseOf(new Float32Array(300).fill(1)), disableNormalization: true });
  source.connect(convolver).connect(new GainNode(context)).connect(context.destination);
  source.start();
  source.stop(1 / rate);
  const data = (await context.startRendering()).getChannelData(0);
  data.forEach((sample, frame) => {
    assert.ok(Math.abs(sample - (frame < 300 ? 1 : 0)) < 1e-6, `frame ${frame}: ${sample}`);
  });
});

test('a wave shaper shapes by a copy of its curve, and gives back the array itself', async () => {
  const curve = Float32Array.of(1, 0.5, -1);
  const rendered = await step((context) => {
    const shaper = context.createWaveShaper();
    assert.equal(shaper.curve, null);
    assert.equal(shaper.oversample, 'none');
    shaper.curve = curve;
    assert.equal(shaper.curve, curve);
    curve.fill(0);
    return shaper;
  });
  assert.deepEqual(rendered.getChannelData(0), new Float32Array(256).fill(-1));
});

test('a curve is set once, of two points at least, and may be taken away', () => {
  const context = new OfflineAudioContext(1, 128, rate);
  const shaper = new WaveShaperNode(context, { oversample: '2x' });
  const invalid = { name: 'InvalidStateError', constructor: DOMException };
  for (const few of [[], [1]]) {
    assert.throws(() => { shaper.curve = Float32Array.from(few); }, invalid);
    assert.throws(() => new WaveShaperNode(context, { curve: few }), invalid);
  }
  const detached = new Float32Array(4);
  structuredClone(detached.buffer, { transfer: [detached.buffer] });
  assert.throws(() => { shaper.curve = detached; }, invalid);
  assert.throws(() => { shaper.curve = [0, 1]; }, TypeError);
  assert.throws(() => new WaveShaperNode(context, { curve: [0, NaN] }), TypeError);
  assert.equal(shaper.curve, null);
  shaper.curve = new Float32Array(2);
  assert.throws(() => { shaper.curve = new Float32Array(2); }, invalid);
  shaper.curve = null;
  assert.equal(shaper.curve, null);
  assert.throws(() => { shaper.curve = new Float32Array(2); }, invalid);
  const given = new WaveShaperNode(context, { curve: [0, 0.5], oversample: '4x' });
  assert.deepEqual(given.curve, Float32Array.of(0, 0.5));
  assert.equal(given.curve, given.curve);
  assert.equal(given.oversample, '4x');
  given.oversample = 'ninefold';
  assert.equal(given.oversample, '4x');
  assert.throws(() => { given.curve = new Float32Array(2); }, invalid);
});

// AnalyserNode over the real engine: offline, where every frame is known, and live, where another process writes the history.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { AnalyserNode, AudioContext, ConstantSourceNode, OfflineAudioContext, OscillatorNode } from '../../../lib/index.js';
import { settings } from '../../../lib/settings.js';

settings.device = 'virtual';
const rate = 48000;

const read = (analyser, method, type, length) => {
  const array = new type(length);
  analyser[method](array);
  return array;
};
const times = (analyser) => read(analyser, 'getFloatTimeDomainData', Float32Array, analyser.fftSize);
const frequencies = (analyser) => read(analyser, 'getFloatFrequencyData', Float32Array, analyser.frequencyBinCount);

test('at a suspend point the newest frames are exactly those before it', async () => {
  const context = new OfflineAudioContext(1, 4096, rate);
  const analyser = new AnalyserNode(context, { fftSize: 512 });
  const source = new OscillatorNode(context, { frequency: 1000 });
  source.connect(analyser);
  source.connect(context.destination);
  source.start();
  const seen = [];
  for (const frame of [128, 1024, 3072]) {
    context.suspend(frame / rate).then(() => {
      seen.push([frame, times(analyser)]);
      context.resume();
    });
  }
  const rendered = (await context.startRendering()).getChannelData(0);
  assert.equal(seen.length, 3);
  for (const [frame, data] of seen) {
    const expected = Float32Array.from(data, (_, i) => (frame - 512 + i < 0 ? 0 : rendered[frame - 512 + i]));
    assert.deepEqual(data, expected, `the 512 frames before ${frame}`);
  }
});

test('a sine on a bin stands 13.56 dB below full scale, and stays while the context is suspended', async () => {
  const context = new OfflineAudioContext(1, 8192, rate);
  const analyser = new AnalyserNode(context, { fftSize: 1024, smoothingTimeConstant: 0 });
  new OscillatorNode(context, { frequency: 64 * rate / 1024 }).connect(analyser);
  const source = new OscillatorNode(context, { frequency: 64 * rate / 1024 });
  source.connect(analyser);
  source.start();
  let first;
  let second;
  context.suspend(4096 / rate).then(async () => {
    first = frequencies(analyser);
    await new Promise((resolve) => { setTimeout(resolve, 20); });
    second = frequencies(analyser);
    context.resume();
  });
  await context.startRendering();
  const level = 20 * Math.log10(0.42 / 2);
  assert.ok(Math.abs(first[64] - level) < 0.01, `${first[64]} dB, ${level} expected`);
  assert.deepEqual(second, first);
  assert.ok(Math.max(...first.subarray(0, 60), ...first.subarray(69)) < -120, 'dB outside the main lobe');
});

test('a stereo input is mixed down, and silence follows a source that has ended', async () => {
  const context = new OfflineAudioContext(2, 1024, rate);
  const analyser = new AnalyserNode(context, { fftSize: 256 });
  const source = new ConstantSourceNode(context, { offset: 0.5 });
  source.connect(analyser);
  source.start();
  source.stop(384 / rate);
  context.suspend(512 / rate).then(() => {
    assert.deepEqual(times(analyser), Float32Array.from({ length: 256 }, (_, i) => (i < 128 ? 0.5 : 0)));
    assert.deepEqual(read(analyser, 'getByteTimeDomainData', Uint8Array, 130), Uint8Array.from({ length: 130 }, (_, i) => (i < 128 ? 192 : 128)));
    context.resume();
  });
  await context.startRendering();
});

test('bad values are refused with the exceptions of the specification', () => {
  const context = new OfflineAudioContext(1, 128, rate);
  const analyser = context.createAnalyser();
  assert.throws(() => { analyser.fftSize = 100; }, { name: 'IndexSizeError', constructor: DOMException });
  assert.throws(() => { analyser.minDecibels = 0; }, { name: 'IndexSizeError' });
  assert.throws(() => { analyser.smoothingTimeConstant = 2; }, { name: 'IndexSizeError' });
  assert.throws(() => { analyser.smoothingTimeConstant = NaN; }, TypeError);
  assert.throws(() => analyser.getByteFrequencyData(new Float32Array(4)), TypeError);
  assert.throws(() => analyser.getFloatFrequencyData(new Float32Array(new SharedArrayBuffer(16))), TypeError);
  assert.throws(() => new AnalyserNode(context, { minDecibels: -10, maxDecibels: -20 }), { name: 'IndexSizeError' });
  assert.throws(() => new AnalyserNode(context, { fftSize: 33 }), { name: 'IndexSizeError' });
});

test('live, the history comes from the render host', async (t) => {
  const context = new AudioContext();
  t.after(() => context.close());
  const analyser = new AnalyserNode(context, { fftSize: 2048, smoothingTimeConstant: 0 });
  const source = new ConstantSourceNode(context, { offset: 0.25 });
  source.connect(analyser);
  source.start();
  for (let tries = 0; times(analyser)[0] !== 0.25; tries++) {
    assert.ok(tries < 1000, 'nothing was heard');
    await new Promise((resolve) => { setTimeout(resolve, 5); });
  }
  assert.deepEqual(times(analyser), new Float32Array(2048).fill(0.25));
  await context.suspend();
  const level = 20 * Math.log10(0.25 * 0.42);
  const first = frequencies(analyser);
  assert.ok(Math.abs(first[0] - level) < 0.01, `${first[0]} dB, ${level} expected`);
  assert.deepEqual(frequencies(analyser), first);
});

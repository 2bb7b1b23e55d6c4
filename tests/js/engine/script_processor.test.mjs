// ScriptProcessorNode over the real engine: offline, where the rendering waits for every answer, and live, where it never does.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'node:test';

import { AudioContext, AudioProcessingEvent, AudioBuffer, ConstantSourceNode, GainNode, OfflineAudioContext, OscillatorNode } from '../../../lib/index.js';
import { settings } from '../../../lib/settings.js';

settings.device = 'virtual';
const rate = 48000;

const copy = (gain) => ({ inputBuffer, outputBuffer }) => {
  for (let c = 0; c < outputBuffer.numberOfChannels; c++) {
    const input = inputBuffer.getChannelData(c);
    outputBuffer.getChannelData(c).set(input.map((sample) => sample * gain));
  }
};

for (const [bufferSize, renderSizeHint, latency] of [[256, 128, 512], [1024, 128, 2048], [512, 300, 1024], [256, 1024, 1280]]) {
  test(`blocks of ${bufferSize} with a quantum of ${renderSizeHint} come out ${latency} frames later, every sample of them`, async () => {
    const length = 12000;
    const context = new OfflineAudioContext({ numberOfChannels: 2, length, sampleRate: rate, renderSizeHint });
    const source = new OscillatorNode(context, { frequency: 333 });
    const processor = context.createScriptProcessor(bufferSize, 1, 2);
    const times = [];
    processor.onaudioprocess = ({ playbackTime, inputBuffer, outputBuffer }) => {
      times.push(playbackTime * rate - (context.currentTime * rate));
      outputBuffer.copyToChannel(inputBuffer.getChannelData(0), 0);
      outputBuffer.getChannelData(1).fill(0.5);
    };
    source.connect(processor).connect(context.destination);
    source.start();
    const rendered = await context.startRendering();
    const reference = new OfflineAudioContext(1, length, rate);
    const same = new OscillatorNode(reference, { frequency: 333 });
    same.connect(reference.destination);
    same.start();
    const expected = (await reference.startRendering()).getChannelData(0);
    const out = rendered.getChannelData(0);
    assert.deepEqual(out.subarray(0, latency), new Float32Array(latency));
    assert.deepEqual(out.subarray(latency), expected.subarray(0, length - latency));
    assert.deepEqual(rendered.getChannelData(1).subarray(latency), new Float32Array(length - latency).fill(0.5));
    assert.ok(times.length >= Math.floor(length / bufferSize), `${times.length} events`);
    assert.ok(times.every((frames) => frames >= -0.01), 'no block is played before now');
  });
}

test('what a handler changes in the graph counts from the quantum after its block, whenever the program gets to it', async () => {
  const context = new OfflineAudioContext(1, 4096, rate);
  const source = new ConstantSourceNode(context);
  const gain = new GainNode(context, { gain: 1 });
  source.connect(gain).connect(context.destination);
  source.start();
  const processor = context.createScriptProcessor(512, 1, 1);
  source.connect(processor);
  let count = 0;
  processor.onaudioprocess = () => {
    const until = performance.now() + 5;
    while (performance.now() < until);   // a slow program
    gain.gain.value = ++count;
  };
  const data = (await context.startRendering()).getChannelData(0);
  assert.deepEqual(data, Float32Array.from({ length: 4096 }, (_, i) => Math.max(1, Math.floor(i / 512))));
  assert.equal(count, 8);
});

test('a handler that throws leaves what it wrote, and the next block comes', async (t) => {
  const errors = [];
  const listeners = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', (error) => errors.push(error.message));
  t.after(() => {
    process.removeAllListeners('uncaughtException');
    for (const listener of listeners) process.on('uncaughtException', listener);
  });
  const context = new OfflineAudioContext(1, 2048, rate);
  const processor = context.createScriptProcessor(256, 0, 1);
  processor.connect(context.destination);
  let count = 0;
  processor.addEventListener('audioprocess', ({ outputBuffer }) => {
    outputBuffer.getChannelData(0).fill(++count);
    throw new Error(`block ${count}`);
  });
  const data = (await context.startRendering()).getChannelData(0);
  assert.deepEqual(data, Float32Array.from({ length: 2048 }, (_, i) => Math.max(0, Math.floor(i / 256) - 1)));
  assert.deepEqual(errors.slice(0, 3), ['block 1', 'block 2', 'block 3']);
});

test('without channels of input the event has a buffer without channels, and a transferred output is silence', async () => {
  const context = new OfflineAudioContext(1, 2048, rate);
  const processor = context.createScriptProcessor(256, 0, 1);
  processor.connect(context.destination);
  let count = 0;
  processor.onaudioprocess = (event) => {
    assert.ok(event instanceof AudioProcessingEvent);
    assert.equal(event.target, processor);
    assert.equal(event.inputBuffer.numberOfChannels, 0);
    assert.equal(event.inputBuffer.length, 256);
    assert.throws(() => event.inputBuffer.getChannelData(0), { name: 'IndexSizeError' });
    const samples = event.outputBuffer.getChannelData(0).fill(1);
    if (++count === 2) structuredClone(samples, { transfer: [samples.buffer] });
  };
  const data = (await context.startRendering()).getChannelData(0);
  assert.deepEqual(data, Float32Array.from({ length: 2048 }, (_, i) => (i < 512 || (i >= 768 && i < 1024) ? 0 : 1)));
});

test('a processor whose listener the program does not hold is heard to the end of the rendering', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  const context = new OfflineAudioContext(1, 16384, rate);
  let count = 0;
  (() => {
    const processor = context.createScriptProcessor(256, 0, 1);
    processor.connect(context.destination);
    processor.onaudioprocess = () => { if (++count % 8 === 0) collect(); };
  })();
  collect();
  await context.startRendering();
  assert.equal(count, 64);
});

test('nobody listening is silence and holds nothing up', async () => {
  const context = new OfflineAudioContext(1, 4096, rate);
  const source = new ConstantSourceNode(context);
  source.connect(context.createScriptProcessor(256, 1, 1)).connect(context.destination);
  source.start();
  assert.deepEqual((await context.startRendering()).getChannelData(0), new Float32Array(4096));
});

test('a processor that nothing is connected to fires no event', async () => {
  const context = new OfflineAudioContext(1, 4096, rate);
  const processor = context.createScriptProcessor(256, 1, 1);
  processor.onaudioprocess = () => assert.fail('an event');
  await context.startRendering();
});

test('bad values are refused with the exceptions of the specification', () => {
  const context = new OfflineAudioContext(1, 128, rate);
  for (const size of [1, 128, 300, 32768, -1]) {
    assert.throws(() => context.createScriptProcessor(size), { name: 'IndexSizeError', constructor: DOMException }, `${size}`);
  }
  assert.throws(() => context.createScriptProcessor(256, 0, 0), { name: 'IndexSizeError' });
  assert.throws(() => context.createScriptProcessor(256, 33), { name: 'IndexSizeError' });
  const processor = context.createScriptProcessor();
  assert.equal(Math.log2(processor.bufferSize) % 1, 0);
  assert.throws(() => { processor.channelCount = 1; }, { name: 'NotSupportedError' });
  assert.throws(() => { processor.channelCountMode = 'max'; }, { name: 'NotSupportedError' });
  assert.throws(() => new processor.constructor(), TypeError);
  assert.throws(() => new AudioProcessingEvent('audioprocess', { playbackTime: 0 }), TypeError);
  const buffer = new AudioBuffer({ length: 1, sampleRate: rate });
  assert.equal(new AudioProcessingEvent('audioprocess', { playbackTime: 2, inputBuffer: buffer, outputBuffer: buffer }).outputBuffer, buffer);
});

test('live, blocks come in order, a program that sleeps misses some, and goes on', async (t) => {
  const context = new AudioContext();
  t.after(() => context.close());
  await context.resume();
  const processor = context.createScriptProcessor(1024, 1, 1);
  const source = new ConstantSourceNode(context);
  source.connect(processor).connect(context.destination);
  source.start();
  const times = [];
  const heard = [];
  processor.addEventListener('audioprocess', copy(0.001));
  processor.addEventListener('audioprocess', ({ playbackTime, inputBuffer }) => {
    times.push(playbackTime);
    heard.push(inputBuffer.getChannelData(0)[1023]);
  });
  const until = async (count) => { while (times.length < count) await once(processor, 'audioprocess'); };
  await until(5);
  const before = times.length;
  const wake = performance.now() + 400;
  while (performance.now() < wake);   // 19 blocks
  await until(before + 20);
  assert.ok(times.every((time, i) => i === 0 || time > times[i - 1]), `out of order: ${times}`);
  assert.ok(heard.slice(1).every((sample) => sample === 1), `${heard}`);
  await context.suspend();
  const stopped = times.length;
  await sleep(100);
  assert.equal(times.length, stopped, 'events while suspended');
  await context.resume();
  await until(stopped + 2);
});

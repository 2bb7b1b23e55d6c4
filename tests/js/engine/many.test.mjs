// Many contexts, many nodes, and what nobody holds any more.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import {
  AudioBuffer, AudioBufferSourceNode, AudioContext, AudioWorkletNode, ConstantSourceNode, GainNode, OfflineAudioContext,
} from '../../../lib/index.js';
import { settings } from '../../../lib/settings.js';

settings.device = 'virtual';
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
const task = () => new Promise((resolve) => { setImmediate(resolve); });

/** Collects, and lets finalizers and what they send go through, until `done()`; gives up after `rounds`. */
async function collectUntil(done, rounds = 100) {
  for (let i = 0; i < rounds && !await done(); i++) {
    collect();
    await task();
  }
}

test('a hundred contexts play in one program, each at its own pace, and all close', async (t) => {
  const contexts = [];
  t.after(() => Promise.all(contexts.filter(({ state }) => state !== 'closed').map((context) => context.close())));
  for (let i = 0; i < 100; i++) {
    const context = new AudioContext({ sampleRate: [44100, 48000, 96000][i % 3], latencyHint: 'playback' });
    contexts.push(context);
    const source = new ConstantSourceNode(context, { offset: 0.001 });
    source.connect(context.destination);
    source.start();
  }
  await Promise.all(contexts.map((context) => context.resume()));
  await Promise.all(contexts.map(async (context, i) => {
    const source = new ConstantSourceNode(context, { offset: 0 });
    source.connect(context.destination);
    source.start();
    source.stop(context.currentTime + 0.1 + i / 1000);
    await once(source, 'ended');
    assert.ok(context.currentTime >= 0.1 + i / 1000);
  }));
  await Promise.all(contexts.map((context) => context.close()));
  assert.deepEqual(new Set(contexts.map(({ state }) => state)), new Set(['closed']));
});

test('ten thousand nodes sound as one sum, and as a chain', async () => {
  const wide = new OfflineAudioContext(1, 256, 48000);
  for (let i = 0; i < 5000; i++) {
    const source = new ConstantSourceNode(wide, { offset: 1 });
    source.connect(new GainNode(wide, { gain: 2 ** -13 })).connect(wide.destination);
    source.start();
  }
  const sum = (await wide.startRendering()).getChannelData(0);
  assert.deepEqual([sum[0], sum[255]], [5000 / 2 ** 13, 5000 / 2 ** 13]);

  const long = new OfflineAudioContext(1, 256, 48000);
  const source = new ConstantSourceNode(long, { offset: 0.75 });
  let last = source;
  for (let i = 0; i < 10000; i++) last = last.connect(new GainNode(long, { gain: i % 2 ? 0.5 : 2 }));
  last.connect(long.destination);
  source.start();
  assert.equal((await long.startRendering()).getChannelData(0)[200], 0.75);
});

test('nodes that nobody holds go once they are silent, and sound on until then', async (t) => {
  const context = new AudioContext();
  t.after(() => context.close());
  await context.resume();
  const freed = { silent: 0, playing: 0 };
  const registry = new FinalizationRegistry((kind) => { freed[kind]++; });

  const capture = context.createMediaStreamDestination();
  (() => {
    for (let i = 0; i < 500; i++) {
      const gain = new GainNode(context);
      const source = new ConstantSourceNode(context);
      source.connect(gain).connect(context.destination);
      registry.register(gain, 'silent');
    }
    const held = new AudioBufferSourceNode(context, { buffer: new AudioBuffer({ length: 4800, sampleRate: 48000 }), loop: true });
    held.connect(capture);
    held.start();
    held.stop(context.currentTime + 0.5);
    held.onended = () => { freed.playing++; };
  })();
  await collectUntil(() => freed.silent === 500);
  assert.equal(freed.silent, 500);
  // Its source is out of reach, but its end is still to be told.
  while (!freed.playing) await new Promise((resolve) => { setTimeout(resolve, 20); });
});

test('contexts that nobody holds are collected once they are closed or were never run', async () => {
  let freed = 0;
  const registry = new FinalizationRegistry(() => { freed++; });
  const closed = async () => {
    const context = new AudioContext();
    const source = new ConstantSourceNode(context);
    source.connect(context.destination);
    source.start();
    registry.register(context);
    await context.close();
  };
  const offline = async () => {
    const context = new OfflineAudioContext(1, 128, 48000);
    new ConstantSourceNode(context).connect(context.destination);
    registry.register(context);
    if (freed % 2) await context.startRendering();
  };
  const answering = async () => {
    const context = new OfflineAudioContext(1, 128, 48000);
    const code = "registerProcessor('p', class extends AudioWorkletProcessor { process() { return true; } });";
    await context.audioWorklet.addModule(`data:text/javascript,${code}`);
    const node = new AudioWorkletNode(context, 'p');
    node.port.onmessage = () => node.context;
    node.connect(context.destination);
    registry.register(context);
    await context.startRendering();
  };
  for (let i = 0; i < 5; i++) await closed();
  for (let i = 0; i < 20; i++) await offline();
  for (let i = 0; i < 5; i++) await answering();
  await collectUntil(() => freed === 30);
  assert.equal(freed, 30);
});

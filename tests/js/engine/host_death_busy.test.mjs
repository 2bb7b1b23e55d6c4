// The render host is killed while the main thread is blocked, or collects garbage.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { AudioWorkletNode } from '../../../lib/index.js';
import { settings } from '../../../lib/settings.js';
import { comesBack, killHost, moduleOf, playing } from '../support/killed_host.mjs';
import { patience } from '../support/pulse.mjs';

settings.device = 'virtual';

/** Kills the host, keeps the main thread busy, and looks at what the worklet that was made again says of the time meanwhile. */
async function whileBusy(t, seconds, beBusy) {
  const scene = await playing(t);
  const { context } = scene;
  await context.audioWorklet.addModule(moduleOf(`registerProcessor('witness', class extends AudioWorkletProcessor {
    process() { if (currentFrame % 4096 === 0) this.port.postMessage(currentFrame); return true; } });`));
  const node = new AudioWorkletNode(context, 'witness');
  node.connect(context.destination);
  const frames = [];
  node.port.onmessage = ({ data }) => frames.push(data);
  await patience(() => frames.length > 1, 'the witness says nothing');
  const time = context.currentTime;
  killHost();
  beBusy();
  const passed = context.currentTime - time;
  assert.ok(passed > seconds / 2, `of ${seconds} s only ${passed} s were rendered`);
  await comesBack(scene, time + passed);
  await patience(() => frames.at(-1) > (time + passed) * context.sampleRate, 'the witness says no more');
  frames.forEach((frame, i) => assert.ok(i === 0 || frame > frames[i - 1], 'time went back'));
}

test('while the main thread is blocked for ten seconds: another host plays meanwhile', (t) =>
  whileBusy(t, 10, () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10_000)));

test('while the main thread collects garbage without pause: another host plays meanwhile', (t) => whileBusy(t, 3, () => {
  let garbage = [];
  for (const end = performance.now() + 3000; performance.now() < end;) garbage = Array.from({ length: 2e4 }, (_, n) => ({ n, garbage: garbage.length }));
}));

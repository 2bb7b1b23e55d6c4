// AudioWorkletNode.cost: what a processor takes of the time that a quantum has.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { AudioContext, AudioWorkletNode, OfflineAudioContext } from '../../../lib/index.js';
import { settings } from '../../../lib/settings.js';

settings.device = 'virtual';

const source = `data:text/javascript,${encodeURIComponent(`
  registerProcessor('idle', class extends AudioWorkletProcessor { process() { return true; } });
  registerProcessor('busy', class extends AudioWorkletProcessor {
    process(i, [[x]]) { for (let n = 0; n < 20000; ++n) x[n % 128] += Math.sin(n + currentFrame) * 1e-6; return true; } });`)}`;

test('a playing processor shows what part of a quantum it takes, once it has been measured, without a call to anybody', async (t) => {
  const context = new AudioContext();
  t.after(() => context.close());
  await context.audioWorklet.addModule(source);
  const idle = new AudioWorkletNode(context, 'idle'), busy = new AudioWorkletNode(context, 'busy');
  for (const node of [idle, busy]) node.connect(context.destination);
  assert.equal(busy.cost, 0, 'before anything is measured');
  await context.resume();
  while (busy.cost === 0 || idle.cost === 0) await sleep(20);
  assert.ok(busy.cost > 5 * idle.cost, `busy ${busy.cost}, idle ${idle.cost}`);
  assert.ok(busy.cost < 100, `${busy.cost} is a part of a quantum, no time`);
  assert.throws(() => { 'use strict'; busy.cost = 1; }, TypeError);
});

test('so does one that is rendered offline', async () => {
  const context = new OfflineAudioContext(1, 128 * 1200, 48000);
  await context.audioWorklet.addModule(source);
  const busy = new AudioWorkletNode(context, 'busy');
  busy.connect(context.destination);
  await context.startRendering();
  assert.ok(busy.cost > 0, `${busy.cost}`);
});

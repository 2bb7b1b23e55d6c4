// A graph that ends every render host that it is given: whenever its processor is made, the host dies of it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { AudioContext, AudioWorkletNode, ConstantSourceNode } from '../../../lib/index.js';
import { native } from '../../../lib/native.js';
import { settings } from '../../../lib/settings.js';
import { moduleOf } from '../support/killed_host.mjs';
import { patience } from '../support/pulse.mjs';

settings.device = 'virtual';

test('a graph that ends every host gets five of them, is interrupted once, and ends in one clear error; what comes after plays', async (t) => {
  const context = new AudioContext();
  await context.resume();
  await context.audioWorklet.addModule(moduleOf(`registerProcessor('deadly', class extends AudioWorkletProcessor {
    constructor({ processorOptions: { made } }) {
      super();
      Atomics.add(made, 0, 1);
      for (const end = Date.now() + 1000; Date.now() < end;);   // of which it dies
    }
    process() { return true; } });`));
  const states = [], errors = [];
  context.onstatechange = () => states.push(context.state);
  context.onerror = ({ message }) => errors.push(message);
  const made = new Int32Array(new SharedArrayBuffer(4));
  const node = new AudioWorkletNode(context, 'deadly', { processorOptions: { made } });
  node.connect(context.destination);
  for (let deaths = 0; !errors.length;) {
    await sleep(1);
    if (Atomics.load(made, 0) === deaths) continue;
    deaths = Atomics.load(made, 0);
    process.kill(native().status().renderPid, 'SIGKILL');
  }
  assert.equal(Atomics.load(made, 0), 5, 'the first host and four more');
  assert.equal(errors.length, 1);
  assert.match(errors[0], /ended by signal 9.*the 5th in a row, and no other is tried: what is played ends its host/);
  await patience(() => context.state === 'closed', 'the context is not closed');
  assert.deepEqual(states, ['interrupted', 'closed']);
  await patience(() => native().status().renderPid === 0, 'a host is left');
  await sleep(200);
  assert.equal(native().status().renderPid, 0, 'another one was started after all');

  const next = new AudioContext();
  t.after(() => next.close());
  await next.resume();
  const source = new ConstantSourceNode(next);
  source.connect(next.destination);
  source.start();
  source.stop(next.currentTime + 0.05);
  await once(source, 'ended');
});

// A program whose render host is killed.
import assert from 'node:assert/strict';

import { AudioContext, ConstantSourceNode } from '../../../lib/index.js';
import { native } from '../../../lib/native.js';
import { patience } from './pulse.mjs';

export const moduleOf = (source) => `data:text/javascript,${encodeURIComponent(source)}`;

/// A context that plays a constant, and the states that it goes through from now on.
export async function playing(t, offset = 0.25) {
  const context = new AudioContext({ sampleRate: 48000 });
  t.after(() => (context.state === 'closed' ? undefined : context.close()));
  await context.resume();
  const source = new ConstantSourceNode(context, { offset });
  source.connect(context.destination);
  source.start();
  await patience(() => context.currentTime > 0.05, 'it does not play');
  const states = [];
  context.onstatechange = () => states.push(context.state);
  return { context, source, states };
}

export function killHost() {
  const pid = native().status().renderPid;
  assert.ok(pid > 0);
  process.kill(pid, 'SIGKILL');
}

/// The scene was interrupted once, and runs on from `time`.
export async function comesBack({ context, states }, time) {
  await patience(() => states.at(-1) === 'running', `it does not come back: ${states}`);
  assert.deepEqual(states, ['interrupted', 'running']);
  await patience(() => context.currentTime > time + 0.1, 'time does not go on');
}

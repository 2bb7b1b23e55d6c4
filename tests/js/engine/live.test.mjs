// The interfaces over the real engine, playing to the virtual device from other processes.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';

import { AudioContext, AudioWorkletNode, OscillatorNode } from '../../../lib/index.js';
import { settings } from '../../../lib/settings.js';

settings.device = 'virtual';

const echo = `data:text/javascript,${encodeURIComponent(`registerProcessor('echo', class extends AudioWorkletProcessor {
  constructor({ processorOptions }) {
    super();
    console.log('made', processorOptions.name);
    this.port.onmessage = ({ data }) => this.port.postMessage({ echo: data, from: processorOptions.name });
  }
  process() { return true; }
})`)}`;

const answerOf = (node) => new Promise((resolve) => { node.port.onmessage = ({ data }) => resolve(data); });

test('two contexts play at once, each with worklets of its own, and close', async (t) => {
  const lines = [];
  t.mock.method(console, 'log', (line) => lines.push(line));
  const contexts = [new AudioContext(), new AudioContext()];
  t.after(() => Promise.all(contexts.filter(({ state }) => state !== 'closed').map((context) => context.close())));
  await Promise.all(contexts.map((context) => context.resume()));
  const answers = await Promise.all(contexts.map(async (context, i) => {
    await context.audioWorklet.addModule(echo);
    const node = new AudioWorkletNode(context, 'echo', { processorOptions: { name: `processor ${i}` } });
    node.connect(context.destination);
    const memory = Float32Array.of(i, 2);
    node.port.postMessage({ memory }, [memory.buffer]);
    assert.equal(memory.length, 0);
    return answerOf(node);
  }));
  assert.deepEqual(answers, [0, 1].map((i) => ({ echo: { memory: Float32Array.of(i, 2) }, from: `processor ${i}` })));
  lines.sort();
  for (const i of [0, 1]) assert.match(lines[i], new RegExp(`^\\[worklet data:text/javascript,.*…:\\d+:\\d+\\] made processor ${i}$`));

  const source = new OscillatorNode(contexts[0]);
  source.connect(contexts[0].destination);
  source.start();
  source.stop(contexts[0].currentTime + 0.05);
  await once(source, 'ended');
  assert.ok(contexts[0].currentTime > 0);

  const order = [];
  contexts[0].onstatechange = () => order.push(`event ${contexts[0].state}`);
  const changed = once(contexts[0], 'statechange');
  await contexts[0].suspend().then(() => order.push('promise'));
  await changed;
  assert.deepEqual(order, ['promise', 'event suspended']);
  assert.equal(contexts[1].state, 'running');
  await Promise.all(contexts.map((context) => context.close()));
  assert.deepEqual(contexts.map(({ state }) => state), ['closed', 'closed']);
});

test('memory is shared with the processors of another process, in both directions', async (t) => {
  const context = new AudioContext();
  t.after(() => context.close());
  await context.audioWorklet.addModule(`data:text/javascript,${encodeURIComponent(`registerProcessor('sharer', class extends AudioWorkletProcessor {
    constructor({ processorOptions }) {
      super();
      this.theirs = new Int32Array(processorOptions);
      this.mine = new Int32Array(new SharedArrayBuffer(8));
      this.port.postMessage(this.mine.buffer);
    }
    process() {
      if (Atomics.load(this.theirs, 0) === 1) Atomics.store(this.mine, 1, 7);
      return true;
    }
  });`)}`);
  const mine = new Int32Array(new SharedArrayBuffer(8));
  const node = new AudioWorkletNode(context, 'sharer', { processorOptions: mine.buffer });
  const theirs = new Int32Array(await new Promise((resolve) => { node.port.onmessage = ({ data }) => resolve(data); }));
  assert.ok(theirs.buffer instanceof SharedArrayBuffer);
  Atomics.store(mine, 0, 1);
  while (Atomics.load(theirs, 1) !== 7) await new Promise((resolve) => { setTimeout(resolve, 2); });
  if (SharedArrayBuffer.prototype.grow) {
    assert.throws(() => node.port.postMessage(new SharedArrayBuffer(8, { maxByteLength: 16 })), { name: 'DataCloneError', message: /send a copy/ });
  }
});

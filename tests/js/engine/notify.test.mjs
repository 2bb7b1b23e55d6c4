// Atomics.notify in a worklet, and threads of the program that wait.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';

import { AudioContext, AudioWorkletNode } from '../../../lib/index.js';
import { settings } from '../../../lib/settings.js';

settings.device = 'virtual';
const kPatience = 60_000;   // ms

const source = `
  registerProcessor('notifier', class extends AudioWorkletProcessor {
    constructor({ processorOptions: { memory, at, kind = 'Int32Array' } }) {
      super();
      this.words = new globalThis[kind](memory.buffer ?? memory, 16);
      this.at = at;
      this.port.onmessage = ({ data }) => { Atomics.store(this.words, this.at, data.value ?? data); this.port.postMessage(Atomics.notify(this.words, this.at, data.count)); };
    }
    process() { return true; } });
  registerProcessor('server', class extends AudioWorkletProcessor {   // asks for a block every quantum, plays what has come
    constructor({ processorOptions }) { super(); this.words = new Int32Array(processorOptions); }
    process() {
      if (Atomics.load(this.words, 0) === Atomics.load(this.words, 1)) {
        Atomics.add(this.words, 0, 1);
        Atomics.notify(this.words, 0, 1);
      }
      return true;
    } });`;

async function playing(t) {
  const context = new AudioContext();
  t.after(() => context.close());
  await context.audioWorklet.addModule(`data:text/javascript,${encodeURIComponent(source)}`);
  await context.resume();
  return context;
}

for (const [what, make] of [['a SharedArrayBuffer', () => new SharedArrayBuffer(64)], ['a WebAssembly.Memory', () => new WebAssembly.Memory({ initial: 1, maximum: 2, shared: true })]]) {
  for (const kind of ['Int32Array', 'BigInt64Array']) {
    test(`a main thread that waits for a word of ${what} is woken by a worklet (${kind})`, async (t) => {
      const context = await playing(t);
      const memory = make();
      const node = new AudioWorkletNode(context, 'notifier', { processorOptions: { memory, at: 1, kind } });
      const words = new globalThis[kind](memory.buffer ?? memory, 16);
      node.port.postMessage(kind === 'Int32Array' ? 5 : 5n);
      await new Promise(setImmediate);   // it is on its way
      assert.notEqual(Atomics.wait(words, 1, words[2], kPatience), 'timed-out');   // words[2]: 0, as a number of its kind
      assert.equal(Number(Atomics.load(words, 1)), 5);
      node.port.start();
      assert.equal((await once(node.port, 'message'))[0].data, 0, 'of the worklet\'s own process nobody waited');
    });
  }
}

test('nobody who waits for another word is woken, and at most as many as are told', async (t) => {
  const context = await playing(t);
  const memory = new SharedArrayBuffer(64);
  const words = new Int32Array(memory);
  const node = new AudioWorkletNode(context, 'notifier', { processorOptions: { memory, at: 0 } });
  const beside = Atomics.waitAsync(words, 5, 0, kPatience);
  const waiting = Atomics.waitAsync(words, 4, 0, kPatience);
  let woken = 0;
  beside.value.then(() => { woken++; });
  node.port.postMessage(1);
  assert.equal(await waiting.value, 'ok');
  assert.equal(woken, 0);
  assert.equal(Atomics.notify(words, 5), 1);
  const three = [0, 1, 2].map(() => Atomics.waitAsync(words, 4, 1, kPatience).value);
  node.port.postMessage({ value: 1, count: 2 });
  assert.deepEqual(await Promise.all(three.slice(0, 2)), ['ok', 'ok'], 'those that have waited longest');
  await new Promise((resolve) => { setTimeout(resolve, 50); });
  assert.equal(Atomics.notify(words, 4), 1, 'the third still waits');
});

test('a worker thread that waits serves a worklet quantum after quantum, while the main thread is blocked', async (t) => {
  const context = await playing(t);
  const memory = new SharedArrayBuffer(64);
  const worker = new Worker(`
    const words = new Int32Array(require('node:worker_threads').workerData);
    for (let served = 0; served < 500; served++) {
      while (Atomics.load(words, 0) === served) Atomics.wait(words, 0, served);
      Atomics.store(words, 1, served + 1);
    }
    Atomics.store(words, 2, 1);
    Atomics.notify(words, 2);`, { eval: true, workerData: memory });
  t.after(() => worker.terminate());
  new AudioWorkletNode(context, 'server', { processorOptions: memory }).connect(context.destination);
  await new Promise((resolve) => { setTimeout(resolve, 50); });
  assert.notEqual(Atomics.wait(new Int32Array(memory), 2, 0, kPatience), 'timed-out');
  assert.equal(new Int32Array(memory)[1], 500);
});

test('what is no word is refused as it is in one process', async (t) => {
  const context = await playing(t);
  const errors = `registerProcessor('wrong', class extends AudioWorkletProcessor { constructor() { super();
    const tried = (f) => { try { return f(); } catch (e) { return e.name; } };
    const words = new Int32Array(new SharedArrayBuffer(8)), own = new Int32Array(4);
    this.port.postMessage([() => Atomics.notify(words, 2), () => Atomics.notify(words, -1), () => Atomics.notify([], 0), () => Atomics.notify(new Float32Array(2), 0), () => Atomics.notify(words, 0, NaN),
      () => Atomics.notify(own, 0), () => Atomics.notify(words, '1', 2.5), () => Atomics.notify(words, 1.7, -3), () => Atomics.notify(words), () => Atomics.notify.length].map(tried)); } process() {} })`;
  await context.audioWorklet.addModule(`data:text/javascript,${encodeURIComponent(errors)}`);
  const { port } = new AudioWorkletNode(context, 'wrong');
  port.start();
  assert.deepEqual((await once(port, 'message'))[0].data, ['RangeError', 'RangeError', 'TypeError', 'TypeError', 0, 0, 0, 0, 0, 3]);
});

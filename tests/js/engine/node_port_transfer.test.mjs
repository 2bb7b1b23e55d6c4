// The port of an AudioWorkletNode, transferred: who gets it and the processor talk directly.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';

import { AudioContext, AudioWorkletNode, OfflineAudioContext } from '../../../lib/index.js';
import { settings } from '../../../lib/settings.js';

settings.device = 'virtual';

const module = `data:text/javascript,${encodeURIComponent(`
  registerProcessor('counter', class extends AudioWorkletProcessor {
    constructor({ processorOptions }) {
      super();
      this.said = 0;
      for (let i = 0; i < (processorOptions?.early ?? 0); i++) this.port.postMessage(this.said++);
      this.port.onmessage = ({ data }) => this.port.postMessage({ echo: data, said: this.said++ });
      this.port.onclose = () => console.log('closed');
    }
    process() { return true; } });
  registerProcessor('caller', class extends AudioWorkletProcessor {
    constructor() { super(); this.port.onmessage = ({ data: { to } }) => { to.onmessage = ({ data }) => this.port.postMessage(data.echo); to.postMessage('hello'); }; }
    process() { return true; } });`)}`;

async function playing(t) {
  const context = new AudioContext();
  t.after(() => context.state !== 'closed' && context.close());
  await context.audioWorklet.addModule(module);
  await context.resume();
  return context;
}
const make = (context, name, processorOptions) => {
  const node = new AudioWorkletNode(context, name, { processorOptions });
  node.connect(context.destination);
  return node;
};
/** Takes a port, sends it `count` numbers, and hands over all that it has heard once that is `wanted` messages; then closes it. */
const listener = () => new Worker(`
  const { parentPort } = require('node:worker_threads');
  parentPort.once('message', ({ nested: [{ port }], count, wanted, done }) => {
    const heard = [];
    port.on('message', (value) => {
      heard.push(value);
      if (heard.length < wanted) return;
      Atomics.store(new Int32Array(done), 0, 1);
      Atomics.notify(new Int32Array(done), 0);
      parentPort.postMessage(heard);
      port.close();
    });
    for (let i = 0; i < count; i++) port.postMessage(i);
  });`, { eval: true });
const handTo = (worker, port, told) => {
  const done = new SharedArrayBuffer(4);
  worker.postMessage({ nested: [{ port }], ...told, done }, [port]);
  return new Int32Array(done);
};

test('a worker thread that has got the port and the processor talk while the main thread is blocked', async (t) => {
  const context = await playing(t);
  const node = make(context, 'counter');
  const worker = listener();
  t.after(() => worker.terminate());
  await once(worker, 'online');
  const done = handTo(worker, node.port, { count: 500, wanted: 500 });
  const heard = once(worker, 'message');
  await new Promise((resolve) => { setTimeout(resolve, 20); });
  assert.notEqual(Atomics.wait(done, 0, 0, 60_000), 'timed-out');
  assert.deepEqual((await heard)[0].map(({ echo }) => echo), Array.from({ length: 500 }, (_, i) => i));
});

test('what was sent before, delivered or not, arrives in order and once', async (t) => {
  const context = await playing(t);
  for (const wait of [0, 1, 3, 10, 30]) {
    const node = make(context, 'counter', { early: 50 });
    const worker = listener();
    for (let i = 0; i < 20; i++) node.port.postMessage(`main ${i}`);
    await new Promise((resolve) => { setTimeout(resolve, wait); });
    handTo(worker, node.port, { count: 100, wanted: 170 });
    const [heard] = await once(worker, 'message');
    assert.deepEqual(heard.map((value) => value.said ?? value), Array.from({ length: 170 }, (_, i) => i), `after ${wait} ms`);
    assert.deepEqual(heard.slice(50).map(({ echo }) => echo), [...Array.from({ length: 20 }, (_, i) => `main ${i}`), ...Array.from({ length: 100 }, (_, i) => i)]);
    await worker.terminate();
  }
});

test('a worklet may get the port of another one', async (t) => {
  const context = await playing(t);
  const [caller, other] = [make(context, 'caller'), make(context, 'counter')];
  caller.port.postMessage({ to: other.port }, [other.port]);
  caller.port.start();
  const [{ data }] = await once(caller.port, 'message');
  assert.equal(data, 'hello');
});

test('offline, too', async () => {
  const context = new OfflineAudioContext(1, 128_000, 48000);
  await context.audioWorklet.addModule(module);
  const node = make(context, 'counter', { early: 3 });
  const { port } = structuredClone({ port: node.port }, { transfer: [node.port] });
  const heard = [];
  port.on('message', (value) => heard.push(value.echo ?? value));
  port.postMessage('a');
  // Rendering goes on as slowly as it takes to hear the answer.
  const pause = async () => {
    await new Promise((resolve) => { setTimeout(resolve, 10); });
    if (heard.length < 4) context.suspend(context.currentTime + 0.004).then(pause);
    context.resume();
  };
  context.suspend(0.004).then(pause);
  await context.startRendering();
  assert.deepEqual(heard, [0, 1, 2, 'a']);
  port.close();
});

test('the port that went away is dead, and one that could not go stays', async (t) => {
  const context = await playing(t);
  const node = make(context, 'counter');
  const { port1, port2 } = new MessageChannel();
  assert.throws(() => port1.postMessage({ not: () => {} }, [node.port]), { name: 'DataCloneError' });
  assert.throws(() => port1.postMessage(0, [node.port, node.port]), { name: 'DataCloneError' });
  assert.throws(() => node.port.postMessage(0, [node.port]), { name: 'DataCloneError' });
  node.port.postMessage('still here');
  node.port.start();
  assert.equal((await once(node.port, 'message'))[0].data.echo, 'still here');
  port1.postMessage(new Map([['port', node.port]]), [node.port]);
  const [message] = await once(port2, 'message');
  assert.throws(() => port1.postMessage(0, [node.port]), { name: 'DataCloneError' });
  node.port.postMessage('nobody hears this');
  message.get('port').postMessage('through the other');
  assert.equal((await once(message.get('port'), 'message'))[0].echo, 'through the other');
  message.get('port').close();
  port1.close();
});

test('a processor that is replaced leaves its port to the next one', async (t) => {
  const context = await playing(t);
  const text = (word) => `data:text/javascript,${encodeURIComponent(`registerProcessor('said', class extends AudioWorkletProcessor {
    constructor() { super(); this.port.onmessage = ({ data }) => this.port.postMessage('${word} ' + data); } process() { return true; } })`)}`;
  await context.audioWorklet.addModule(text('old'));
  const node = make(context, 'said');
  const port = structuredClone(node.port, { transfer: [node.port] });
  port.postMessage(1);
  assert.deepEqual(await once(port, 'message'), ['old 1']);
  await context.audioWorklet.addModule(text('new'), { replace: true });
  port.postMessage(2);
  assert.deepEqual(await once(port, 'message'), ['new 2']);
  port.close();
});

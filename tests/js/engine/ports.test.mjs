// MessagePorts between worklets, the program and its worker threads.
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { createSecretKey } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';

import { AudioContext, AudioWorkletNode, OfflineAudioContext } from '../../../lib/index.js';
import { settings } from '../../../lib/settings.js';

settings.device = 'virtual';

const module = `data:text/javascript,${encodeURIComponent(`
  registerProcessor('echo', class extends AudioWorkletProcessor {
    constructor() { super(); this.port.onmessage = ({ data, ports: [port] }) => {
      port.onmessage = (e) => port.postMessage(e.data, [...e.ports]); port.onclose = () => this.port.postMessage('closed'); this.port.postMessage('here'); }; }
    process() { return true; } });
  registerProcessor('maker', class extends AudioWorkletProcessor {
    constructor() { super(); const { port1, port2 } = new MessageChannel(); port1.onmessage = (e) => port1.postMessage(['made', e.data]); this.port.postMessage(port2, [port2]); port1.onclose = () => this.port.postMessage('closed'); }
    process() { return true; } });
  registerProcessor('deaf', class extends AudioWorkletProcessor {
    constructor() { super(); this.port.onmessage = ({ ports: [port] }) => { port.onmessage = () => this.port.postMessage('message'); port.onmessageerror = () => this.port.postMessage('messageerror'); }; }
    process() { return true; } });
  registerProcessor('talker', class extends AudioWorkletProcessor {
    constructor({ processorOptions }) { super(); if (processorOptions) while (!Atomics.load(new Int32Array(processorOptions.gate), 0)); this.heard = []; this.port.onmessage = ({ data, ports: [port] }) => { port.onmessage = (e) => { this.heard.push([e.data, currentFrame]); if (this.heard.length === 5) this.port.postMessage(this.heard); }; this.out = port; this.name = data; this.n = 0; }; }
    process() { if (this.out && this.n < 5) this.out.postMessage(this.name + this.n++); return true; } });`)}`;

async function playing(t) {
  const context = new AudioContext();
  t.after(() => context.state !== 'closed' && context.close());
  await context.audioWorklet.addModule(module);
  await context.resume();
  return context;
}
const renderHosts = () => execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(process.pid)], { encoding: 'utf8' }).split('\n')
  .filter((line) => line.includes('backline-render')).map((line) => Number.parseInt(line, 10));
const answer = (port) => new Promise((resolve) => { port.ref(); port.addEventListener('message', ({ data }) => resolve(data), { once: true }); });
const make = (context, name) => {
  const node = new AudioWorkletNode(context, name);
  node.connect(context.destination);
  node.port.start();
  return node;
};

/** A worker that sends a count down its port, waits for each echo, and wakes whoever waits for `done`. */
const pinger = () => new Worker(`
  const { parentPort } = require('node:worker_threads');
  parentPort.once('message', ({ port, done, times }) => {
    let n = 0;
    port.on('message', (value) => {
      if (value !== n) throw new Error('got ' + value + ' for ' + n);
      if (++n < times) return port.postMessage(n);
      Atomics.store(new Int32Array(done), 0, n);
      Atomics.notify(new Int32Array(done), 0);
      port.close();
    });
    port.postMessage(n);
  });
  parentPort.postMessage('ready');`, { eval: true });

test('a worker thread and a worklet talk while the main thread is blocked', async (t) => {
  const context = await playing(t);
  const node = make(context, 'echo');
  const worker = pinger();
  t.after(() => worker.terminate());
  await once(worker, 'message');
  const { port1, port2 } = new MessageChannel();
  node.port.postMessage(0, [port1]);
  assert.equal(await answer(node.port), 'here');
  const done = new SharedArrayBuffer(4);
  worker.postMessage({ port: port2, done, times: 100 }, [port2]);
  assert.equal(Atomics.wait(new Int32Array(done), 0, 0, 30_000), 'ok');
  assert.equal(new Int32Array(done)[0], 100);
  assert.equal(await answer(node.port), 'closed');
});

test('a port that a worklet made is one of the program, with a close event at both ends', async (t) => {
  const context = await playing(t);
  const node = make(context, 'maker');
  const port = await answer(node.port);
  assert.ok(port instanceof MessagePort);
  port.start();
  port.postMessage(new Map([['a', Float32Array.of(1)]]));
  assert.deepEqual(await answer(port), ['made', new Map([['a', Float32Array.of(1)]])]);
  port.close();
  assert.equal(await answer(node.port), 'closed');
  const other = make(context, 'maker');
  const second = await answer(other.port);
  second.start();
  second.ref();
  await context.close();
  await once(second, 'close');
});

test('ports travel through ports, and shared memory with them', async (t) => {
  const context = await playing(t);
  const node = make(context, 'echo');
  const { port1, port2 } = new MessageChannel();
  node.port.postMessage(0, [port1]);
  const inner = new MessageChannel();
  const memory = new SharedArrayBuffer(8);
  port2.postMessage({ port: inner.port1, memory, big: new Uint8Array(3_000_000).fill(9) }, [inner.port1]);
  port2.start();
  const { port, memory: back, big } = await answer(port2);
  new Int32Array(back)[1] = 77;
  assert.equal(new Int32Array(memory)[1], 77);
  assert.ok(big.length === 3_000_000 && big.every((byte) => byte === 9));
  inner.port2.postMessage('through');
  port.start();
  assert.equal(await answer(port), 'through');
  port2.close();
  port.close();
});

for (const [name, second] of [['of one context', (t, first) => first], ['of two contexts', playing]]) {
  test(`worklets ${name} talk to each other`, async (t) => {
    const first = await playing(t);
    const nodes = [make(first, 'talker'), make(await second(t, first), 'talker')];
    const { port1, port2 } = new MessageChannel();
    nodes[0].port.postMessage('a', [port1]);
    nodes[1].port.postMessage('b', [port2]);
    const heard = await Promise.all(nodes.map((node) => answer(node.port)));
    assert.deepEqual(heard.map((list) => list.map(([value]) => value)), ['b', 'a'].map((letter) => [0, 1, 2, 3, 4].map((n) => `${letter}${n}`)));
  });
}

test('offline, two worklets hear each other at the same frames every time', async () => {
  const render = async () => {
    const context = new OfflineAudioContext(1, 12800, 48000);
    await context.audioWorklet.addModule(module);
    const nodes = [make(context, 'talker'), make(context, 'talker')];
    const { port1, port2 } = new MessageChannel();
    nodes[0].port.postMessage('a', [port1]);
    nodes[1].port.postMessage('b', [port2]);
    const heard = Promise.all(nodes.map((node) => answer(node.port)));
    await context.startRendering();
    return heard;
  };
  const runs = [await render(), await render(), await render()];
  assert.equal(runs[0][0].length, 5);
  assert.deepEqual(runs[1], runs[0]);
  assert.deepEqual(runs[2], runs[0]);
});

test('ports on their way to offline worklets arrive, though the last render host has gone meanwhile', async () => {
  const live = new AudioContext();
  await live.resume();
  const hosts = renderHosts();
  assert.ok(hosts.length > 0);
  const offline = new OfflineAudioContext(1, 12800, 48000);
  await offline.audioWorklet.addModule(module);
  const gate = new SharedArrayBuffer(4);
  const nodes = ['talker', 'talker'].map((name) => new AudioWorkletNode(offline, name, { processorOptions: { gate } }));
  const { port1, port2 } = new MessageChannel();
  nodes[0].port.postMessage('a', [port1]);
  nodes[1].port.postMessage('b', [port2]);
  await live.close();
  while (hosts.some((pid) => existsSync(`/proc/${pid}`))) await new Promise((resolve) => setTimeout(resolve, 10));
  Atomics.store(new Int32Array(gate), 0, 1);
  const heard = Promise.all(nodes.map((node) => answer(node.port)));
  for (const node of nodes) {
    node.connect(offline.destination);
    node.port.start();
  }
  await offline.startRendering();
  assert.deepEqual((await heard).map((list) => list.map(([value]) => value)), ['b', 'a'].map((letter) => [0, 1, 2, 3, 4].map((n) => `${letter}${n}`)));
});

test('a render host that dies closes the ports that were in it; new ones reach the next', async (t) => {
  const context = await playing(t);
  const node = make(context, 'echo');
  const { port1, port2 } = new MessageChannel();
  node.port.postMessage(0, [port1]);
  assert.equal(await answer(node.port), 'here');
  const [pid] = renderHosts();
  const closed = once(port2, 'close');
  port2.ref();
  port2.start();
  process.kill(pid, 'SIGKILL');
  await closed;
  const next = new MessageChannel();
  node.port.postMessage(0, [next.port1]);
  next.port2.start();
  next.port2.postMessage('again');
  assert.equal(await answer(next.port2), 'again');
  next.port2.close();
});

const rings = `data:text/javascript,${encodeURIComponent(`
  // A single-producer single-consumer ring over shared memory, as ringbuf.js has it: [read, write, samples…]
  const ring = (buffer, at, size) => ({ counters: new Uint32Array(buffer, at, 2), samples: new Float32Array(buffer, at + 8, size) });
  registerProcessor('ring', class extends AudioWorkletProcessor {
    constructor({ processorOptions: { memory } }) { super(); const buffer = memory.buffer ?? memory; this.in = ring(buffer, 0, 1024); this.out = ring(buffer, 8192, 1024); }
    process() {
      for (let read = Atomics.load(this.in.counters, 0); read !== Atomics.load(this.in.counters, 1); read++) {
        const write = Atomics.load(this.out.counters, 1);
        this.out.samples[write % 1024] = 2 * this.in.samples[read % 1024];
        Atomics.store(this.out.counters, 1, write + 1);
        Atomics.store(this.in.counters, 0, read + 1);
      }
      return true;
    } });`)}`;

for (const [kind, make] of [['a SharedArrayBuffer', () => new SharedArrayBuffer(16384)], ['a WebAssembly.Memory', () => new WebAssembly.Memory({ initial: 1, maximum: 4, shared: true })]]) {
  test(`rings in ${kind} carry samples both ways between the program and a worklet in its render host`, async (t) => {
    const context = new AudioContext();
    t.after(() => context.close());
    await context.audioWorklet.addModule(rings);
    await context.resume();
    const memory = make();
    new AudioWorkletNode(context, 'ring', { processorOptions: { memory } }).connect(context.destination);
    const buffer = memory.buffer ?? memory;
    const [inCounters, outCounters] = [new Uint32Array(buffer, 0, 2), new Uint32Array(buffer, 8192, 2)];
    const [inSamples, outSamples] = [new Float32Array(buffer, 8, 1024), new Float32Array(buffer, 8200, 1024)];
    const count = 5000;
    let sent = 0;
    for (let got = 0; got < count;) {
      for (; sent < count && sent - got < 1024; Atomics.store(inCounters, 1, ++sent)) inSamples[sent % 1024] = sent;
      for (; got < Atomics.load(outCounters, 1); got++) assert.equal(outSamples[got % 1024], 2 * got);
      Atomics.store(outCounters, 0, got);
      await new Promise((resolve) => { setTimeout(resolve, 1); });
    }
  });
}

test('ports in a message that cannot be sent on are closed, and the message is a messageerror', async (t) => {
  const context = await playing(t);
  const node = make(context, 'deaf');
  const { port1, port2 } = new MessageChannel();
  node.port.postMessage(0, [port1]);
  const inner = new MessageChannel();
  const closed = once(inner.port2, 'close');
  inner.port2.ref();
  inner.port2.start();
  port2.postMessage({ key: createSecretKey(Buffer.alloc(16)), port: inner.port1 }, [inner.port1]);   // a key lives in this process alone
  assert.equal(await answer(node.port), 'messageerror');
  await closed;
  port2.close();
});

test('a program whose context is closed ends, though it holds ports that were connected to worklets', async () => {
  const program = `import { AudioContext, AudioWorkletNode } from ${JSON.stringify(new URL('../../../lib/index.js', import.meta.url).href)};
    const context = new AudioContext({ sinkId: { type: 'none' } });
    await context.audioWorklet.addModule(${JSON.stringify(module)});
    await context.resume();
    const node = new AudioWorkletNode(context, 'echo');
    const { port1, port2 } = new MessageChannel();
    node.port.postMessage(0, [port1]);
    port2.on('close', () => console.log('closed'));
    port2.on('message', (value) => { console.log(value); context.close(); });
    port2.postMessage('there and back');`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], { timeout: 60_000 });
  assert.equal(stdout, 'there and back\nclosed\n');
});

// Contexts in worker threads.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';

import { AudioContext, ConstantSourceNode } from '../../../lib/index.js';
import { settings } from '../../../lib/settings.js';

settings.device = 'virtual';

const library = new URL('../../../lib/index.js', import.meta.url).href;
const settingsModule = new URL('../../../lib/settings.js', import.meta.url).href;

/** A worker that runs `body`, a function's source, with the library's exports and parentPort. */
function spawn(body) {
  const source = `
    import { parentPort, workerData } from 'node:worker_threads';
    import * as backline from ${JSON.stringify(library)};
    import { settings } from ${JSON.stringify(settingsModule)};
    settings.device = 'virtual';
    await (${body})(backline, parentPort, workerData);`;
  return new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`));
}

const playing = async ({ AudioContext, AudioWorkletNode, OfflineAudioContext, ConstantSourceNode }, port) => {
  const context = new AudioContext();
  await context.resume();
  const module = `registerProcessor('steps', class extends AudioWorkletProcessor {
    constructor() { super(); this.port.onmessage = ({ data }) => this.port.postMessage(data + 1); }
    process(inputs, outputs) { outputs[0][0].fill(0.001); return true; }
  })`;
  await context.audioWorklet.addModule(`data:text/javascript,${encodeURIComponent(module)}`);
  const node = new AudioWorkletNode(context, 'steps');
  node.connect(context.destination);
  node.port.postMessage(1);
  const answer = await new Promise((resolve) => { node.port.onmessage = ({ data }) => resolve(data); });

  const offline = new OfflineAudioContext(1, 300, 48000);
  const source = new ConstantSourceNode(offline, { offset: 0.5 });
  source.connect(offline.destination);
  source.start();
  const samples = (await offline.startRendering()).getChannelData(0);
  port.postMessage({ state: context.state, answer, sample: samples[299] });
  port.once('message', () => context.close());
};

test('contexts in two workers and the main thread play side by side; a worker ends when its context is closed', async (t) => {
  const context = new AudioContext();
  t.after(() => context.close());
  await context.resume();
  const workers = [spawn(playing), spawn(playing)];
  const told = await Promise.all(workers.map(async (worker) => (await once(worker, 'message'))[0]));
  assert.deepEqual(told, Array(2).fill({ state: 'running', answer: 2, sample: 0.5 }));
  const ends = workers.map((worker) => once(worker, 'exit'));
  for (const worker of workers) worker.postMessage('close');
  assert.deepEqual(await Promise.all(ends), [[0], [0]]);
  assert.equal(context.state, 'running');
});

test('a worker that is terminated while it plays takes nothing with it', async (t) => {
  const context = new AudioContext();
  t.after(() => context.close());
  await context.resume();
  const worker = spawn(playing);
  await once(worker, 'message');
  await worker.terminate();
  const source = new ConstantSourceNode(context, { offset: 0 });
  source.connect(context.destination);
  source.start();
  source.stop(context.currentTime + 0.05);
  await once(source, 'ended');
  assert.equal(context.state, 'running');
});

test('a worker may throw while its context plays', async () => {
  const worker = spawn(`async ({ AudioContext }) => {
    await new AudioContext().resume();
    throw new RangeError('thrown on purpose');
  }`);
  const [error] = await once(worker, 'error');
  assert.equal(error.message, 'thrown on purpose');
});

// Handlers that take their time, so that most threads are terminated inside of one.
const busy = async ({ AudioContext, ConstantSourceNode, OfflineAudioContext }, port) => {
  const pass = (milliseconds) => { for (const end = performance.now() + milliseconds; performance.now() < end;); };
  const context = new AudioContext();
  await context.resume();
  context.onstatechange = () => pass(1);
  setInterval(() => {
    context.suspend().then(() => context.resume());
    const source = new ConstantSourceNode(context, { offset: 0 });
    source.connect(context.destination);
    source.onended = () => pass(0.3);
    source.start();
    source.stop(context.currentTime + 0.01);
    new OfflineAudioContext(1, 300, 48000).startRendering().then(() => pass(0.5));
  }, 1);
  port.postMessage('busy');
};

test('workers that are terminated in the midst of their handlers take nothing with them', async () => {
  const one = async () => {
    for (let i = 0; i < 12; i++) {
      const worker = spawn(busy);
      await once(worker, 'message');
      await new Promise((resolve) => { setTimeout(resolve, 17 * i); });
      await worker.terminate();
    }
  };
  await Promise.all([one(), one(), one()]);
});

// Renderings that are delivered in chunks, and OfflineAudioContext.close.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ConstantSourceNode, OfflineAudioContext } from '../../../lib/index.js';

const sampleRate = 44100;
const quantum = 256;
const make = (length) => new OfflineAudioContext({ numberOfChannels: 1, sampleRate, length, renderSizeHint: quantum });

/// A context whose frame n is n + 1.
function counting(length) {
  const context = make(length);
  const source = new ConstantSourceNode(context, { offset: 1 });
  source.offset.setValueAtTime(1, 0).linearRampToValueAtTime(1 + sampleRate, 1);
  source.connect(context.destination);
  source.start();
  return context;
}

test('chunks are whole quanta, the last one what is left, and together the whole', async () => {
  const context = counting(1000);
  const completed = new Promise((resolve) => { context.oncomplete = resolve; });
  const first = await context.startRendering(300);
  assert.equal(first.length, 512);
  assert.equal(context.state, 'running');
  const second = await context.startRendering(300);
  assert.equal(second.length, 488);
  assert.equal(context.state, 'closed');
  assert.equal(context.length, 1000);
  const heard = [...first.getChannelData(0), ...second.getChannelData(0)];
  heard.forEach((sample, i) => assert.ok(Math.abs(sample - (i + 1)) < 0.01, `frame ${i} is ${sample}`));
  assert.equal((await completed).renderedBuffer, second);
  await assert.rejects(context.startRendering(300), { name: 'InvalidStateError' });
});

test('a context without end renders a quantum at a time, or as much as is asked', async () => {
  const context = counting(null);
  assert.equal((await context.startRendering()).length, quantum);
  const next = await context.startRendering(1);
  assert.equal(next.length, quantum);
  assert.ok(Math.abs(next.getChannelData(0)[0] - 257) < 0.01);
  assert.equal((await context.startRendering(quantum + 1)).length, 2 * quantum);
  assert.equal(context.length, null);
  assert.equal(context.currentTime, 4 * quantum / sampleRate);
  await context.close();
  assert.equal(context.state, 'closed');
});

test('calls follow one another until they reach the end', async () => {
  const context = make(1000);
  const chunks = Array.from({ length: 4 }, () => context.startRendering(quantum));
  await assert.rejects(context.startRendering(1), { name: 'InvalidStateError' });
  await assert.rejects(context.startRendering(), { name: 'InvalidStateError' });
  await assert.rejects(make(1000).startRendering(0), { name: 'NotSupportedError' });
  assert.deepEqual((await Promise.all(chunks)).map(({ length }) => length), [256, 256, 256, 232]);
});

test('a suspend at the boundary of two chunks comes with the second, and what is changed there is heard from there', async () => {
  const context = make(2 * quantum);
  const source = new ConstantSourceNode(context);
  source.start();
  const suspended = context.suspend(quantum / sampleRate);
  const first = await context.startRendering(quantum);
  assert.equal(context.state, 'running');
  const second = context.startRendering(quantum);
  await suspended;
  assert.equal(context.state, 'suspended');
  source.connect(context.destination);
  await context.resume();
  assert.deepEqual(first.getChannelData(0), new Float32Array(quantum));
  assert.deepEqual((await second).getChannelData(0), new Float32Array(quantum).fill(1));
  assert.equal(context.state, 'closed');
});

test('close ends what is rendered, queued or suspended, once, and nothing is complete', async () => {
  const context = make(null);
  let completed = false;
  context.oncomplete = () => { completed = true; };
  const states = [];
  context.onstatechange = () => states.push(context.state);
  const reached = context.suspend(0);
  const later = assert.rejects(context.suspend(1), { name: 'InvalidStateError' });
  const chunks = Array.from({ length: 3 }, () => assert.rejects(context.startRendering(300), { name: 'AbortError' }));
  assert.equal(context.state, 'running');
  await reached;
  assert.equal(context.state, 'suspended');
  const closed = context.close();
  await assert.rejects(context.close(), { name: 'InvalidStateError' });
  await assert.rejects(context.resume(), { name: 'InvalidStateError' });
  await assert.rejects(context.startRendering(), { name: 'InvalidStateError' });
  await closed;
  await Promise.all([later, ...chunks]);
  await new Promise((resolve) => setTimeout(resolve, 10));
  assert.deepEqual(states.filter((state) => state === 'closed'), ['closed']);
  assert.equal(completed, false);
});

test('close stops a long rendering, and before any it just closes', async () => {
  const context = make(sampleRate * 3600);
  const rendering = assert.rejects(context.startRendering(), { name: 'AbortError' });
  await context.close();
  await rendering;
  assert.equal(context.state, 'closed');
  const idle = make(null);
  await idle.close();
  assert.equal(idle.state, 'closed');
});

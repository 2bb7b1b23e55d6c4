// AudioContext.sinkId, setSinkId and renderSizeHint over the real engine, on devices without hardware.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';

import { AudioContext, AudioSinkInfo, AudioWorkletNode, ConstantSourceNode } from '../../../lib/index.js';
import { settings } from '../../../lib/settings.js';

settings.device = 'virtual';

const patience = async (condition, what) => {
  for (let i = 0; !condition(); i++) {
    assert.ok(i < 2000, what);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

async function running(t, options) {
  const context = new AudioContext(options);
  t.after(() => context.state === 'closed' || context.close());
  await context.resume();
  return context;
}

/// The names of a context's events with what they show, and what note() adds.
function orderOf(context) {
  const order = [];
  context.onstatechange = () => order.push(context.state);
  context.onsinkchange = () => order.push(['sinkchange', context.sinkId]);
  return order;
}

test('a context that runs moves to another device: suspended, sinkchange, running, and its time goes on', async (t) => {
  const context = await running(t);
  assert.equal(context.sinkId, '');
  const source = new ConstantSourceNode(context);
  source.connect(context.destination);
  source.start();
  await patience(() => context.currentTime > 0.05, 'it does not play');
  const order = orderOf(context);
  let time = context.currentTime;
  let { contextTime } = context.getOutputTimestamp();
  for (const device of ['stepped', 'virtual', { type: 'none' }, '']) {
    order.length = 0;
    const resumed = once(context, 'statechange').then(() => once(context, 'statechange'));
    await context.setSinkId(device).then(() => order.push('resolved'));
    await resumed;
    const sink = typeof device === 'string' ? device : context.sinkId;
    assert.deepEqual(order, ['suspended', ['sinkchange', sink], 'resolved', 'running']);
    assert.deepEqual(context.sinkId, sink);
    assert.ok(context.currentTime >= time, 'currentTime went back');
    const until = context.currentTime + 0.05;
    await patience(() => context.currentTime > until, `it does not play on ${JSON.stringify(device)}`);
    const stamp = context.getOutputTimestamp();
    assert.ok(stamp.contextTime >= contextTime && stamp.contextTime < context.currentTime, 'getOutputTimestamp went back');
    assert.ok(context.playbackStats.totalDuration >= 0);
    ({ contextTime } = stamp);
    time = context.currentTime;
  }
});

test('none is an AudioSinkInfo, the same object as long as it stays, and paces by the clock', async (t) => {
  const context = await running(t, { sinkId: { type: 'none' } });
  const { sinkId } = context;
  assert.ok(sinkId instanceof AudioSinkInfo);
  assert.equal(sinkId.type, 'none');
  assert.equal(context.sinkId, sinkId);
  let changes = 0;
  context.onsinkchange = () => changes++;
  await context.setSinkId({ type: 'none' });
  assert.equal(context.sinkId, sinkId);
  assert.equal(changes, 0);
  await patience(() => context.currentTime > 0.1, 'it does not render');
  await context.setSinkId('stepped');
  assert.equal(context.sinkId, 'stepped');
  await context.setSinkId({ type: 'none' });
  assert.notEqual(context.sinkId, sinkId);
  assert.equal(changes, 2);
});

test('setSinkId refuses by name, and the playing goes on', async (t) => {
  const context = await running(t);
  await assert.rejects(context.setSinkId('nowhere'), { name: 'NotFoundError', constructor: DOMException, message: /'nowhere'.*virtual/ });
  await assert.rejects(context.setSinkId('none'), { name: 'NotFoundError' });
  await assert.rejects(context.setSinkId({ type: 'loud' }), TypeError);
  await assert.rejects(context.setSinkId({}), TypeError);
  await assert.rejects(context.setSinkId(), TypeError);
  await assert.rejects(context.setSinkId(Symbol('s')), TypeError);
  assert.equal(context.sinkId, '');
  assert.equal(context.state, 'running');
  await context.setSinkId('default');
  assert.equal(context.sinkId, 'default');
  const pending = assert.rejects(context.setSinkId('stepped'), { name: 'InvalidStateError' });
  await context.close();
  await pending;
  await assert.rejects(context.setSinkId('stepped'), { name: 'InvalidStateError' });
});

test('calls that overlap follow one another', async (t) => {
  const context = await running(t);
  const order = orderOf(context);
  context.onstatechange = null;
  const results = await Promise.allSettled(['stepped', 'nowhere', { type: 'none' }, 'stepped'].map((sink) => context.setSinkId(sink)));
  assert.deepEqual(results.map(({ status }) => status), ['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
  assert.deepEqual(order.map(([, sink]) => (typeof sink === 'string' ? sink : sink.type)), ['stepped', 'none', 'stepped']);
});

test('a suspended context moves without a change of state, and resumes there', async (t) => {
  const context = await running(t);
  const suspended = once(context, 'statechange');
  await context.suspend();
  await suspended;
  const order = orderOf(context);
  const time = context.currentTime;
  await context.setSinkId('stepped');
  assert.deepEqual(order, [['sinkchange', 'stepped']]);
  assert.equal(context.state, 'suspended');
  assert.equal(context.currentTime, time);
  await context.resume();
  await patience(() => context.currentTime > time + 0.05, 'it does not play');
});

test('a device that is not there at construction is an error event, and the context stays suspended at the default', async (t) => {
  const context = new AudioContext({ sinkId: 'nowhere' });
  t.after(() => context.close());
  const [event] = await once(context, 'error');
  assert.match(event.message, /'nowhere'/);
  assert.equal(context.sinkId, '');
  assert.equal(context.state, 'suspended');
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(context.currentTime, 0);
  await context.resume();
  assert.equal(context.state, 'running');
  await patience(() => context.currentTime > 0, 'it does not play');
});

test('renderSizeHint is the quantum, live and in worklets; hardware is what the device takes, told once it runs', async (t) => {
  const frames = `data:text/javascript,${encodeURIComponent(`registerProcessor('frames', class extends AudioWorkletProcessor {
    process(inputs, [[output]]) {
      this.port.postMessage([output.length, renderQuantumSize, currentFrame % output.length]);
      return false;
    }
  })`)}`;
  for (const hint of [1, 100, 128, 1000, 4096, 'default', 'hardware']) {
    const context = new AudioContext({ renderSizeHint: hint });
    t.after(() => context.state === 'closed' || context.close());
    if (hint === 'hardware') assert.equal(context.renderQuantumSize, 0);
    await context.resume();
    const quantum = context.renderQuantumSize;
    if (hint === 'hardware') assert.ok(quantum > 0);
    else assert.equal(quantum, hint === 'default' ? 128 : hint);
    await context.audioWorklet.addModule(frames);
    const node = new AudioWorkletNode(context, 'frames');
    const answer = new Promise((resolve) => { node.port.onmessage = ({ data }) => resolve(data); });
    node.connect(context.destination);
    assert.deepEqual(await answer, [quantum, quantum, 0], `${hint}`);
    await context.close();
  }
});

test('a renderSizeHint that is no quantum is refused', () => {
  assert.throws(() => new AudioContext({ renderSizeHint: 0 }), { name: 'NotSupportedError', message: /renderSizeHint/ });
  assert.throws(() => new AudioContext({ renderSizeHint: -1 }), { name: 'NotSupportedError' });
  assert.throws(() => new AudioContext({ renderSizeHint: 48000 * 6 + 1, sampleRate: 48000 }), { name: 'NotSupportedError' });
  assert.throws(() => new AudioContext({ renderSizeHint: 48000 * 6 + 1 }), { name: 'NotSupportedError' });
  assert.throws(() => new AudioContext({ renderSizeHint: 'software' }), TypeError);
});

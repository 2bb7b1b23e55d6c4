// The port of an AudioWorkletNode, as a program sees it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';

import { AudioContext, AudioWorkletNode, OfflineAudioContext } from '../../../lib/index.js';
import { interfaceNamed, unwrap } from '../../../lib/webidl/platform_object.js';
import { calls, installFake, lastCall, onEvent } from '../support/fake_native.mjs';

installFake();

const context = new AudioContext();
const nodeIn = (each) => new AudioWorkletNode(each, 'p');
const receive = (node, message) => onEvent(unwrap(node, interfaceNamed('AudioNode')), 'message', message);
const immediately = () => new Promise(setImmediate);

test('the port is a MessagePort and an EventTarget', () => {
  const node = nodeIn(context);
  assert.ok(node.port instanceof MessagePort && node.port instanceof EventTarget);
  assert.equal(node.port, node.port);
  assert.equal(String(node.port), '[object MessagePort]');
});

test('a message is cloned when it is posted', () => {
  const { port } = nodeIn(context);
  const message = { deep: [1, 2], map: new Map([['a', 1n]]) };
  port.postMessage(message);
  const [sent] = lastCall('postMessage');
  assert.deepEqual(sent, { value: message, sameProcess: false });
  assert.notEqual(sent.value, message);
});

test('an offline context shares memory with its processors', () => {
  nodeIn(new OfflineAudioContext(1, 1, 48000)).port.postMessage(1);
  assert.deepEqual(lastCall('postMessage'), [{ value: 1, sameProcess: true }]);
});

test('transferred memory moves, by either form of the second argument', () => {
  const { port } = nodeIn(context);
  for (const wrap of [(list) => list, (transfer) => ({ transfer }), (list) => new Set(list)]) {
    const array = Float32Array.of(1, 2);
    port.postMessage({ array }, wrap([array.buffer]));
    assert.equal(array.length, 0);
    assert.deepEqual(lastCall('postMessage')[0].value.array, Float32Array.of(1, 2));
  }
});

test('a port that is started holds the program until it is closed, unreferenced or without its handler', () => {
  const { port } = nodeIn(context);
  const count = calls.length;
  const told = () => calls.slice(count).filter(([name]) => name === 'listen').map(([, begins]) => begins);
  port.addEventListener('message', () => {});
  assert.deepEqual([told(), port.hasRef()], [[], false]);
  port.start();
  port.start();
  assert.deepEqual([told(), port.hasRef()], [[true], true]);
  port.unref();
  port.ref();
  port.onmessage = () => {};
  assert.deepEqual(told(), [true, false, true]);
  port.onmessage = null;
  port.onmessage = () => {};
  port.close();
  port.ref();
  assert.deepEqual([told(), port.hasRef()], [[true, false, true, false, true, false], false]);
});

test('what cannot be cloned or transferred is a DataCloneError and sends nothing', () => {
  const { port } = nodeIn(context);
  const detached = new ArrayBuffer(2);
  structuredClone(detached, { transfer: [detached] });
  const untouched = new ArrayBuffer(2);
  const count = calls.length;
  for (const [message, transfer] of [
    [() => {}], [Symbol('s')], [1, [detached]], [1, [untouched, untouched]], [1, [{}]], [1, [port]],
  ]) {
    assert.throws(() => port.postMessage(message, transfer), { name: 'DataCloneError' });
  }
  assert.equal(calls.length, count);
  assert.equal(untouched.byteLength, 2);
  assert.throws(() => port.postMessage(), TypeError);
  assert.throws(() => port.postMessage(1, 5), TypeError);
  assert.throws(() => port.postMessage({ get thrown() { throw new RangeError('mine'); } }), { name: 'RangeError' });
});

test('messages wait until onmessage is set, then come in order, each in its own task', async () => {
  const node = nodeIn(context);
  const order = [];
  for (const value of [1, 2]) receive(node, { value });
  await immediately();
  node.port.onmessage = function (event) {
    assert.ok(event instanceof MessageEvent);
    order.push(event.data, this === node.port);
    queueMicrotask(() => order.push(`after ${event.data}`));
  };
  receive(node, { value: 3 });
  assert.deepEqual(order, []);
  while (order.length < 9) await immediately();
  assert.deepEqual(order, [1, true, 'after 1', 2, true, 'after 2', 3, true, 'after 3']);
});

test('listeners alone do not start the port, start() does', async () => {
  const node = nodeIn(context);
  const seen = [];
  node.port.addEventListener('message', ({ data }) => seen.push(data));
  receive(node, { value: 1 });
  await immediately();
  assert.deepEqual(seen, []);
  node.port.start();
  await once(node.port, 'message');
  receive(node, { value: 2 });
  assert.deepEqual(seen, [1, 2]);
});

test('a message that cannot be read is a messageerror', () => {
  const node = nodeIn(context);
  let event;
  node.port.onmessage = () => assert.fail('no message');
  node.port.onmessageerror = (each) => { event = each; };
  receive(node, { broken: true });
  assert.equal(event.type, 'messageerror');
});

test('a closed port neither sends nor receives', async () => {
  const node = nodeIn(context);
  receive(node, { value: 1 });
  node.port.onmessage = () => assert.fail('received');
  node.port.close();
  const count = calls.length;
  node.port.postMessage(1);
  receive(node, { value: 2 });
  await immediately();
  assert.equal(calls.length, count);
});

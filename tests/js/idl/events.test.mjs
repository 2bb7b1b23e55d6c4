// Events and event handler attributes.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { relative } from 'node:path';
import { test } from 'node:test';

import {
  AudioContext, AudioWorkletNode, ErrorEvent, OfflineAudioCompletionEvent, OfflineAudioContext, OscillatorNode,
} from '../../../lib/index.js';
import { unwrap, interfaceNamed } from '../../../lib/webidl/platform_object.js';
import { installFake, onEvent } from '../support/fake_native.mjs';

installFake();

const context = new AudioContext();
const implOf = (wrapper, name) => unwrap(wrapper, interfaceNamed(name));

test('an event handler is null until it is set to an object', () => {
  const node = new OscillatorNode(context);
  assert.equal(node.onended, null);
  for (const value of [5, 'text', true, undefined, null, Symbol('s')]) {
    node.onended = value;
    assert.equal(node.onended, null);
  }
  const object = {};
  node.onended = object;
  assert.equal(node.onended, object);
  onEvent(implOf(node, 'AudioNode'), 'ended');
});

test('a handler is called in the place where it was first set, and keeps it when replaced', () => {
  const node = new OscillatorNode(context);
  const order = [];
  node.addEventListener('ended', () => order.push('first'));
  node.onended = () => order.push('old');
  node.addEventListener('ended', () => order.push('last'));
  node.onended = function (event) { order.push([this === node, event.type, event.target === node]); };
  onEvent(implOf(node, 'AudioNode'), 'ended');
  assert.deepEqual(order, ['first', [true, 'ended', true], 'last']);
});

test('a handler that was removed takes a new place when set again', () => {
  const node = new OscillatorNode(context);
  const order = [];
  node.onended = () => order.push('handler');
  node.addEventListener('ended', () => order.push('listener'));
  node.onended = null;
  node.onended = () => order.push('handler');
  onEvent(implOf(node, 'AudioNode'), 'ended');
  assert.deepEqual(order, ['listener', 'handler']);
});

test('a handler that returns false cancels the event', () => {
  const node = new OscillatorNode(context);
  node.onended = () => false;
  assert.equal(node.dispatchEvent(new Event('ended', { cancelable: true })), false);
});

test('a finished rendering fires complete, after its promise, with the same buffer', async () => {
  const offline = new OfflineAudioContext(1, 8, 48000);
  const order = [];
  let rendered;
  offline.oncomplete = (event) => {
    assert.ok(event instanceof OfflineAudioCompletionEvent);
    order.push('complete', event.renderedBuffer);
  };
  const rendering = offline.startRendering().then((buffer) => order.push('promise', rendered = buffer));
  onEvent(implOf(offline, 'BaseAudioContext'), 'complete');
  await once(offline, 'complete');
  await rendering;
  assert.deepEqual(order, ['promise', rendered, 'complete', rendered]);
});

test('a processor error is an ErrorEvent with its place', () => {
  const node = new AudioWorkletNode(context, 'p');
  let event;
  node.onprocessorerror = (each) => { event = each; };
  onEvent(implOf(node, 'AudioNode'), 'processorerror',
    { name: 'RangeError', message: 'too much', filename: 'file:///a.js', lineno: 3, colno: 7, stack: 'RangeError: too much\n at a.js' });
  assert.ok(event instanceof ErrorEvent);
  assert.deepEqual([event.message, event.filename, event.lineno, event.colno], ['too much', 'file:///a.js', 3, 7]);
  assert.equal(String(event.error), 'RangeError: too much');
});

test('errors that nobody listens for become warnings that name the place', async () => {
  const node = new AudioWorkletNode(context, 'p');
  const warned = once(process, 'warning');
  onEvent(implOf(node, 'AudioNode'), 'processorerror', { name: 'Error', message: 'lost', filename: 'file:///b.js', lineno: 1, colno: 2, stack: '' });
  assert.match((await warned)[0].message, /lost\n +at file:\/\/\/b\.js:1:2/);
  const again = once(process, 'warning');
  onEvent(implOf(context, 'BaseAudioContext'), 'error', { message: 'the device has gone' });
  assert.match((await again)[0].message, /the device has gone/);
});

test('event constructors convert their dictionaries', () => {
  const buffer = context.createBuffer(1, 1, 48000);
  const event = new OfflineAudioCompletionEvent('done', { renderedBuffer: buffer, bubbles: 1 });
  assert.equal(event.renderedBuffer, buffer);
  assert.equal(event.bubbles, true);
  assert.equal(event.type, 'done');
  assert.throws(() => new OfflineAudioCompletionEvent('done', {}), /renderedBuffer/);
  assert.throws(() => new OfflineAudioCompletionEvent('done'), /2 arguments required/);
  const error = new ErrorEvent('error', { message: 5, lineno: -1 });
  assert.deepEqual([error.message, error.lineno, error.filename, error.error], ['5', 4294967295, '', undefined]);
});

test("a worklet's console lines are printed on the program's", (t) => {
  const lines = [];
  t.mock.method(console, 'warn', (line) => lines.push(line));
  onEvent(implOf(context, 'BaseAudioContext'), 'console', { level: 'warn', text: 'hot', place: '' });
  onEvent(implOf(context, 'BaseAudioContext'), 'console', { level: 'warn', text: 'hotter', place: `${import.meta.url}:7:3` });
  onEvent(implOf(context, 'BaseAudioContext'), 'console', { level: 'warn', text: 'hottest', place: 'http://localhost/a.js:1:2' });
  assert.deepEqual(lines, ['[worklet] hot', `[worklet ${relative(process.cwd(), import.meta.filename)}:7:3] hotter`, '[worklet http://localhost/a.js:1:2] hottest']);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Session } from './driver.mjs';

/** The value of an expression in a worklet's scope, by way of JSON. */
function value(expression, session = new Session()) {
  session.load(`console.log(JSON.stringify(${expression}))`);
  return JSON.parse(session.console().at(-1).slice('log: '.length));
}
function logged(code) {
  const s = new Session();
  s.load(code);
  return s.console();
}

test('the scope is an AudioWorkletGlobalScope with what browsers have there', () => {
  assert.equal(value('globalThis instanceof AudioWorkletGlobalScope && globalThis instanceof WorkletGlobalScope'), true);
  for (const name of ['AudioWorkletProcessor', 'WebAssembly', 'Event', 'EventTarget', 'MessageEvent', 'MessagePort', 'DOMException', 'SharedArrayBuffer', 'registerProcessor', 'queueMicrotask', 'structuredClone',
    'atob', 'btoa', 'setTimeout', 'setInterval', 'clearTimeout', 'clearInterval', 'TextDecoder', 'TextEncoder', 'URL', 'URLSearchParams', 'Performance']) {
    assert.equal(value(`typeof ${name}`), 'function'.replace('function', name === 'WebAssembly' ? 'object' : 'function'), name);
  }
  for (const name of ['window', 'self', 'fetch', 'require', 'process', 'Buffer', 'Worker']) assert.equal(value(`typeof ${name}`), 'undefined', name);
});

test('the attributes of the scope are read-only', () => {
  assert.deepEqual(value('["currentFrame", "currentTime", "sampleRate", "renderQuantumSize"].map((k) => { try { globalThis[k] = 1; return "set"; } catch (e) { return e.name; } })'), Array(4).fill('TypeError'));
  assert.deepEqual(value('[currentFrame, currentTime, sampleRate, renderQuantumSize]'), [0, 0, 48000, 128]);
});

test('sampleRate is the float of the session', () => {
  assert.equal(value('sampleRate', new Session({ sampleRate: 22050.1 })), Math.fround(22050.1));
});

test('platform objects cannot be made by script where the standard says so', () => {
  assert.deepEqual(value('[MessagePort, AudioWorkletProcessor, AudioWorkletGlobalScope, WorkletGlobalScope].map((C) => { try { new C(); return "made"; } catch (e) { return e.name; } })'), Array(4).fill('TypeError'));
});

test('tampering with the built-in objects does not disturb the scope', () => {
  const s = new Session();
  s.load(`Array.prototype[Symbol.iterator] = null; Function.prototype.call = null; Reflect.construct = null; Map.prototype.get = Map.prototype.get;
    registerProcessor('p', class extends AudioWorkletProcessor { constructor() { super(); this.port.onmessage = (e) => this.port.postMessage(e.data); } process(i, o) { o[0][0].fill(1); return true; } })`);
  const node = s.create('p');
  assert.equal(s.quantum(node)[0].outputs[0][0], 1);
});

test('EventTarget dispatches in order, once, with objects, and stops when told', () => {
  assert.deepEqual(value(`(() => {
    const t = new EventTarget(); const seen = [];
    const twice = () => seen.push('same');
    t.addEventListener('x', twice); t.addEventListener('x', twice);
    t.addEventListener('x', { handleEvent(e) { seen.push(this.name); }, name: 'object' }, { once: true });
    t.addEventListener('x', (e) => { if (seen.length > 2) e.stopImmediatePropagation(); });
    t.addEventListener('x', (e) => { seen.push('last'); e.preventDefault(); });
    const results = [t.dispatchEvent(new Event('x', { cancelable: true })), t.dispatchEvent(new Event('x', { cancelable: true }))];
    t.removeEventListener('x', twice);
    t.dispatchEvent(new Event('x'));
    return [seen, results]; })()`), [['same', 'object', 'last', 'same'], [false, true]]);
});

test('an event is not dispatched twice at once', () => {
  assert.equal(value('(() => { const t = new EventTarget(); const e = new Event("x"); let r; t.addEventListener("x", () => { try { t.dispatchEvent(e); } catch (error) { r = error.name; } }); t.dispatchEvent(e); return r; })()'), 'InvalidStateError');
});

test('DOMException has the legacy codes and is an Error', () => {
  assert.deepEqual(value('(() => { const e = new DOMException("m", "DataCloneError"); return [e.name, e.message, e.code, e instanceof Error, DOMException.DATA_CLONE_ERR, String(e), typeof e.stack]; })()'),
    ['DataCloneError', 'm', 25, true, 25, 'DataCloneError: m', 'string']);
  assert.equal(value('DOMException.INVALID_STATE_ERR'), 11);
});

test('console formats as Node does', () => {
  assert.deepEqual(logged(`
    console.log('a', 1, -0, 2n, true, null, undefined, Symbol('s'));
    console.info('%s is %d years and %i, %f', 'Bob', '42', 42.9, '1.5', 'extra');
    console.warn({ a: 1, b: 'x', c: [1, [2, [3, [4]]]], 'd-e': () => {}, get g() { return 1; } });
    console.error(new Map([['k', { v: 1 }]]), new Set([1]), new Float32Array(2), [], {});
    console.debug('100%', '%', '%%');
    class Foo { x = 1 }
    console.log(new Foo(), Foo, Object.create(null));
    const circle = {}; circle.me = circle; console.log(circle);`), [
    'log: a 1 -0 2n true null undefined Symbol(s)',
    'info: Bob is 42 years and 42, 1.5 extra',
    "warn: { a: 1, b: 'x', c: [ 1, [ 2, [Array] ] ], 'd-e': [Function: d-e], g: [Getter] }",
    "error: Map(1) { 'k' => { v: 1 } } Set(1) { 1 } Float32Array(2) [ 0, 0 ] [] {}",
    'debug: 100% % %%',
    'log: Foo { x: 1 } [class Foo] [Object: null prototype] {}',
    'log: { me: [Circular *1] }',
  ]);
});

test('console shows an Error by its stack', () => {
  assert.match(logged('console.log(new RangeError("r"))')[0], /^log: RangeError: r\n +at /);
});

test('a line of the console and the message of an error have an end', () => {
  const s = new Session();
  s.load('console.log("x".repeat(1e6))');
  const [line] = s.console();
  assert.equal(line.length, 'log: '.length + 65536 + '… and 934464 more characters'.length);
  const error = s.evaluate('throw new Error("y".repeat(1e6))');
  assert.equal(error.message.length, 65537);
  assert.ok(error.stack.length < 70000);
});

test('console survives values that throw when looked at', () => {
  assert.match(logged('console.log(new Proxy({}, { ownKeys() { throw 1; }, getPrototypeOf() { throw 1; } }))')[0], /cannot be shown/);
});

test('console counts, groups and asserts', () => {
  assert.deepEqual(logged('console.count(); console.count(); console.group("g"); console.log("a\\nb"); console.groupEnd(); console.assert(true, "no"); console.assert(false, "yes", 1);'),
    ['log: default: 1', 'log: default: 2', 'log: g', 'log:   a\n  b', 'error: Assertion failed: yes 1']);
});

test('a rejection that nobody handles is told on the console, one that is handled is not', () => {
  const lines = logged('Promise.reject(new Error("lost")); Promise.reject(new Error("found")).catch(() => {}); const p = Promise.reject(1); queueMicrotask(() => p.catch(() => {}));');
  assert.equal(lines.length, 1);
  assert.match(lines[0], /^error: Uncaught \(in promise\) Error: lost/);
});

test('an exception in a microtask is told on the console', () => {
  assert.match(logged('queueMicrotask(() => { throw new TypeError("micro"); })')[0], /^error: Uncaught TypeError: micro/);
});

test('Atomics.wait is not allowed', () => {
  assert.deepEqual(value('(() => { try { Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1); return "waited"; } catch (e) { return e.name; } })()'), 'TypeError');
});

test('a line of the console comes with the place of its call', () => {
  const s = new Session();
  s.load('\n  console.log("here");\nfunction f() { console.warn("there"); } f();', 'test:places.js');
  assert.deepEqual(s.events('console').map((e) => e.place), ['test:places.js:2:11', 'test:places.js:3:24']);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Session, deserialize, serialize } from './driver.mjs';

const emptyModule = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);

/** A session with one node of a class whose constructor runs `body` after super(). */
function withNode(body, options) {
  const s = new Session(options);
  s.load(`registerProcessor('p', class extends AudioWorkletProcessor { constructor(o) { super(); ${body} } process() { return true; } })`);
  const node = s.create('p');
  assert.equal(typeof node, 'number', JSON.stringify(node));
  return [s, node];
}
const echo = 'this.port.onmessage = (e) => this.port.postMessage(e.data);';

test('a message arrives as an equal value and comes back', () => {
  const [s, node] = withNode(echo);
  const circle = { self: null };
  circle.self = circle;
  const values = [1, -0, 1n, 'text', 'zwölf ♪', null, undefined, true, new Date(7), /x/gi, new Map([[{ a: 1 }, new Set([2])]]),
    [, 1], new Float32Array([1, 2]), new Uint8Array([1]).buffer, new RangeError('why'), circle, new Boolean(false)];
  for (const value of values) s.send(node, value);
  s.quantum(node);
  assert.deepEqual(s.messages(), values);
});

test('a message sent before a quantum is delivered before process() of that quantum', () => {
  const s = new Session();
  s.load(`registerProcessor('p', class extends AudioWorkletProcessor {
    constructor() { super(); this.port.onmessage = (e) => { this.got = e.data; }; }
    process() { this.port.postMessage([this.got, currentFrame]); return true; } })`);
  const node = s.create('p');
  s.quantum(node);
  s.send(node, 'now');
  s.quantum(node);
  assert.deepEqual(s.messages(), [[undefined, 0], ['now', 128]]);
});

test('messages of several nodes are delivered in the order they were sent', () => {
  const s = new Session();
  s.load(`registerProcessor('p', class extends AudioWorkletProcessor { constructor() { super(); this.port.onmessage = (e) => this.port.postMessage(e.data); } })`);
  const [a, b] = [s.create('p'), s.create('p')];
  for (let i = 0; i < 10; ++i) s.send(i % 3 ? a : b, i);
  s.quantum();
  assert.deepEqual(s.messages(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('ports are served without any process() call', () => {
  const [s, node] = withNode(echo);
  s.send(node, 'suspended');
  s.quantum();
  assert.deepEqual(s.messages(), ['suspended']);
});

test('messages wait until the port is started, in order', () => {
  const [s, node] = withNode(`this.port.addEventListener('message', (e) => { this.port.postMessage(e.data); });
    globalThis.go = () => this.port.start();`);
  s.send(node, 1);
  s.send(node, 2);
  s.quantum();
  assert.deepEqual(s.messages(), []);
  s.load('go()');
  s.send(node, 3);
  s.quantum();
  assert.deepEqual(s.messages(), [1, 2, 3]);
});

test('a port started by another\'s message gets what waited before what follows', () => {
  const s = new Session();
  s.load(`let late;
    registerProcessor('late', class extends AudioWorkletProcessor { constructor() { super(); late = this.port; late.addEventListener('message', (e) => late.postMessage(e.data)); } });
    registerProcessor('starter', class extends AudioWorkletProcessor { constructor() { super(); this.port.onmessage = () => late.start(); } });`);
  const late = s.create('late');
  const starter = s.create('starter');
  s.send(late, 1);
  s.send(starter, 'start');
  s.send(late, 2);
  s.quantum();
  assert.deepEqual(s.messages(), [1, 2]);
});

test('setting onmessage starts the port, setting it to null leaves it started', () => {
  const [s, node] = withNode('this.port.onmessage = null; this.port.addEventListener("message", (e) => this.port.postMessage(e.data));');
  s.send(node, 1);
  s.quantum();
  assert.deepEqual(s.messages(), [1]);
});

test('each message is a task of its own: microtasks run between two', () => {
  const [s, node] = withNode('let n = 0; this.port.onmessage = () => { this.port.postMessage(n); Promise.resolve().then(() => ++n); };');
  s.send(node, 'a');
  s.send(node, 'b');
  s.quantum();
  assert.deepEqual(s.messages(), [0, 1]);
});

test('listeners get a trusted MessageEvent whose target is the port', () => {
  const [s, node] = withNode(`this.port.onmessage = function (e) { this.postMessage([e instanceof MessageEvent, e instanceof Event, e.isTrusted, e.type,
    e.target === this, e.currentTarget === this, e.ports.length, e.origin, e.source, this instanceof MessagePort, this instanceof EventTarget]); };`);
  s.send(node, 0);
  s.quantum();
  assert.deepEqual(s.messages(), [[true, true, true, 'message', true, true, 0, '', null, true, true]]);
});

test('a handler that throws is told on the console; processing goes on and processorerror is not fired', () => {
  const [s, node] = withNode('this.port.onmessage = () => { throw new Error("clumsy"); }; this.port.addEventListener("message", (e) => this.port.postMessage("second"));');
  s.send(node, 0);
  assert.equal(s.quantum(node)[0].result, 'keepAlive');
  assert.match(s.console()[0], /^error: Uncaught Error: clumsy\n    at port.onmessage .test:module-\d+:\d+:\d+\)?\n    in the processor 'p'$/);
  assert.deepEqual(s.messages(), ['second']);
  assert.deepEqual(s.errors(), []);
});

test('a closed port neither receives nor sends', () => {
  const [s, node] = withNode(`${echo} this.port.close(); this.port.postMessage('sent');`);
  s.send(node, 'received');
  s.quantum();
  assert.deepEqual(s.messages(), []);
});

test('a port of a destroyed processor is closed', () => {
  const [s, node] = withNode('globalThis.kept = this.port;');
  s.destroy(node);
  s.load('kept.postMessage("to nobody")');
  assert.deepEqual(s.messages(), []);
});

test('messages that find no room are kept, in order, and sent after later quanta', () => {
  const [s, node] = withNode('for (let i = 0; i < 6; ++i) this.port.postMessage(i);');
  s.room(0);
  s.messages();
  const s2 = new Session();
  s2.load(`registerProcessor('p', class extends AudioWorkletProcessor { n = 0; process() { this.port.postMessage(this.n++); this.port.postMessage(this.n++); return true; } })`);
  const p = s2.create('p');
  s2.room(1);
  s2.quantum(p);
  s2.quantum(p);
  assert.deepEqual(s2.messages(), [0]);
  s2.room(2);
  s2.quantum();
  assert.deepEqual(s2.messages(), [1, 2]);
  s2.room(100);
  s2.quantum(p);
  assert.deepEqual(s2.messages(), [3, 4, 5]);
  s.close();
});

test('transferred buffers arrive and are detached where they came from', () => {
  const [s] = withNode(`const b = new Float32Array([1, 2]); this.port.postMessage(b, [b.buffer]);
    const c = new ArrayBuffer(3); this.port.postMessage(c, {transfer: new Set([c])}); this.port.postMessage([b.length, c.byteLength]);`);
  assert.deepEqual(s.messages(), [new Float32Array([1, 2]), new ArrayBuffer(3), [0, 0]]);
});

test('what cannot be cloned or transferred is a DataCloneError and nothing is detached', () => {
  const [s] = withNode(`
    const detached = new ArrayBuffer(1); this.port.postMessage(0, [detached]);
    const fine = new ArrayBuffer(8);
    const attempts = [[() => {}], [Symbol('s')], [this.port], [this], [new Event('x')], [{ f() {} }], [new WeakMap()], [Promise.resolve()],
      [1, [fine, fine]], [1, [detached]], [1, [{}]], [1, [this.port]], [1, [new SharedArrayBuffer(1)]], [detached], [1, [new WebAssembly.Memory({initial: 1}).buffer]],
      [() => {}, [fine]]];
    this.port.postMessage(attempts.map((args) => { try { this.port.postMessage(...args); return 'sent'; } catch (e) { return e instanceof DOMException ? [e.name, e.code] : String(e); } }));
    this.port.postMessage(fine.byteLength);`);
  const [, results, length] = s.messages();
  assert.deepEqual(results, Array(16).fill(['DataCloneError', 25]));
  assert.equal(length, 8);
});

test('wrong arguments of postMessage are TypeErrors', () => {
  const [s] = withNode(`this.port.postMessage([[], [1, 3], [1, [3]], [1, {transfer: 3}], [1, {transfer: [1]}]].map((args) => {
    try { this.port.postMessage(...args); return 'sent'; } catch (e) { return e.name; } }));`);
  assert.deepEqual(s.messages(), [Array(5).fill('TypeError')]);
});

test('a getter that throws while a message is cloned throws out of postMessage', () => {
  const [s] = withNode('try { this.port.postMessage({ get x() { throw new RangeError("x"); } }); } catch (e) { this.port.postMessage(e.name); }');
  assert.deepEqual(s.messages(), ['RangeError']);
});

test('a WebAssembly.Module passes both ways', () => {
  const [s, node] = withNode(`this.port.onmessage = ({data}) => this.port.postMessage([data.module instanceof WebAssembly.Module, data.module, data.module]);`);
  s.send(node, { module: new WebAssembly.Module(emptyModule), padding: 'x' });
  s.quantum();
  const [[was, first, second]] = s.messages();
  assert.equal(was, true);
  assert.ok(first instanceof WebAssembly.Module);
  assert.equal(first, second);
});

test('a module passes to another process too', () => {
  const [s, node] = withNode('this.port.onmessage = ({data}) => this.port.postMessage(data instanceof WebAssembly.Module);', { sameProcess: false });
  s.send(node, new WebAssembly.Module(emptyModule));
  s.quantum();
  assert.deepEqual(s.messages(), [true]);
});

test('a SharedArrayBuffer is shared with the program in the same process', () => {
  const [s, node] = withNode('this.port.onmessage = ({data}) => { const v = new Int32Array(data.a); Atomics.add(v, 0, 1); this.port.postMessage([data.a === data.b, data.a]); };');
  const memory = new SharedArrayBuffer(8);
  s.send(node, { a: memory, b: memory });
  s.quantum();
  const [[same, back]] = s.messages();
  assert.equal(same, true);
  assert.equal(new Int32Array(memory)[0], 1);
  new Int32Array(back)[1] = 9;
  assert.equal(new Int32Array(memory)[1], 9);
});

test('a shared WebAssembly.Memory is shared with the program in the same process', () => {
  const [s, node] = withNode('this.port.onmessage = ({data}) => { new Int32Array(data.buffer)[3] = 42; this.port.postMessage(0); };');
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 2, shared: true });
  s.send(node, memory);
  s.quantum();
  assert.equal(new Int32Array(memory.buffer)[3], 42);
});

test('bytes that are no message fire messageerror', () => {
  const [s, node] = withNode('this.port.onmessageerror = (e) => this.port.postMessage([e.type, e.data]); this.port.start();');
  const good = serialize({ a: 'b' });
  const foreign = serialize(new SharedArrayBuffer(4), { sameProcess: true });
  foreign[16] ^= 1;   // another process' ticket
  const wrong = [new Uint8Array(0), new Uint8Array(7), new Uint8Array(64), good.slice(0, 20), foreign];
  for (const bytes of wrong) s.receive(node, bytes);
  const huge = good.slice();
  new DataView(huge.buffer).setUint32(8, 0xffffffff, true);   // more modules than bytes
  s.receive(node, huge);
  s.quantum(node);
  assert.deepEqual(s.messages(), Array(6).fill(['messageerror', null]));
});

test('no corruption of a message does more than fire messageerror', () => {
  const [s, node] = withNode('this.port.onmessage = () => {};');
  const good = serialize({ a: [1, 'two', 3n, new Date(), new Float64Array(4), new Map([[1, 2]])], b: /x/ });
  const seed = Number(process.env.SEED ?? 1 + Math.floor(Math.random() * 1e6));
  console.log(`seed ${seed}`);
  let state = seed;
  const random = (n) => { state = (state * 48271) % 2147483647; return state % n; };
  for (let i = 0; i < 2000; ++i) {
    const bad = good.slice(0, random(4) ? good.length : random(good.length));
    for (let k = 0; k < 3 && bad.length; ++k) bad[random(bad.length)] = random(256);
    s.receive(node, bad);
  }
  assert.equal(s.quantum(node)[0].result, 'keepAlive');
  assert.throws(() => deserialize(new Uint8Array(3)));
  assert.throws(() => deserialize('text'), TypeError);
});

test('the program\'s serialize refuses what cannot be cloned with its own DOMException', () => {
  for (const value of [() => {}, new WeakMap(), new MessageChannel().port1]) {
    assert.throws(() => serialize(value), (e) => e instanceof DOMException && e.name === 'DataCloneError');
  }
});

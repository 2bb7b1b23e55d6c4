// SharedArrayBuffers between a program and the worklets of another process. The other process is played by a session that maps everything a
// second time, as a render host does.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { Session, adoptMemory, allocateShared, deserialize, serialize, setMemoryMaker, sharedBytes } from './driver.mjs';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
const task = () => new Promise((resolve) => { setImmediate(resolve); });

async function collectUntil(done) {
  for (let i = 0; i < 50 && !done(); i++) {
    collect();
    await task();
  }
}

function withNode(constructor) {
  const s = new Session({ sameProcess: false });
  s.load(`registerProcessor('p', class extends AudioWorkletProcessor { constructor() { super(); ${constructor} } process() { return true; } });`);
  const node = s.create('p');
  const messages = () => s.events('message').map(({ message }) => deserialize(message));
  return [s, node, messages];
}

test('the memory of a program is the memory of a processor, in messages and in processorOptions, and comes back as the same', () => {
  const [s, node, messages] = withNode(`this.port.onmessage = ({data}) => {
    const v = new Int32Array(data.a); Atomics.add(v, 0, 1); this.port.postMessage([data.a === data.b, data.a instanceof SharedArrayBuffer, data.a]); };`);
  const memory = allocateShared(1000);
  assert.ok(memory instanceof SharedArrayBuffer);
  assert.equal(memory.byteLength, 1000);
  assert.ok(new Uint8Array(memory).every((byte) => byte === 0));
  s.send(node, { a: memory, b: memory });
  s.quantum(node);
  const [[same, instance, back]] = messages();
  assert.deepEqual([same, instance, back.byteLength], [true, true, 1000]);
  const mine = new Int32Array(memory), theirs = new Int32Array(back);
  assert.equal(mine[0], 1);
  theirs[9] = -5;
  assert.equal(mine[9], -5);
  assert.equal(Atomics.notify(theirs, 0), 0);
  s.load('registerProcessor("q", class extends AudioWorkletProcessor { constructor({ processorOptions }) { super(); new Int32Array(processorOptions)[3] = 77; } });');
  s.create('q', { options: { processorOptions: memory } });
  assert.equal(mine[3], 77);
});

test('memory that a processor makes reaches the program and another processor, and what slice() gives is such memory too', () => {
  const [s, node, messages] = withNode(`this.memory = new SharedArrayBuffer(64); new Uint8Array(this.memory)[1] = 5;
    this.port.postMessage([this.memory, this.memory.slice(1, 3), new SharedArrayBuffer(0), this.memory.constructor === SharedArrayBuffer]);
    this.port.onmessage = ({data}) => this.port.postMessage(data === this.memory || new Uint8Array(data)[2]);`);
  const [[memory, slice, empty, named]] = messages();
  assert.deepEqual([memory.byteLength, slice.byteLength, empty.byteLength, named], [64, 2, 0, true]);
  assert.equal(new Uint8Array(memory)[1], 5);
  assert.equal(new Uint8Array(slice)[0], 5);
  new Uint8Array(memory)[2] = 6;
  s.send(node, memory);
  s.quantum(node);
  assert.deepEqual(messages(), [6]);
});

test('a class derived from SharedArrayBuffer, odd lengths and what can grow are as without it', () => {
  const [, , messages] = withNode(`class Mine extends SharedArrayBuffer { get half() { return this.byteLength / 2; } }
    const mine = new Mine(10);
    const kinds = ['3', 2.9, undefined, NaN, null].map((length) => new SharedArrayBuffer(length).byteLength);
    const refused = [-1, 2 ** 53, Symbol('s'), 1n].map((length) => { try { new SharedArrayBuffer(length); return 'made'; } catch (e) { return e.name; } });
    let plain; try { SharedArrayBuffer(1); } catch (e) { plain = e.name; }
    this.port.postMessage([mine.half, mine instanceof Mine && mine instanceof SharedArrayBuffer, kinds, refused, plain, SharedArrayBuffer.name, SharedArrayBuffer.length]);`);
  assert.deepEqual(messages(), [[5, true, [3, 2, 0, 0, 0], ['RangeError', 'RangeError', 'TypeError', 'TypeError'], 'TypeError', 'SharedArrayBuffer', 1]]);
});

test('what cannot be shared with another process is a DataCloneError that says what to do', () => {
  const refused = (value) => assert.throws(() => serialize(value, { sameProcess: false }),
    (e) => e instanceof DOMException && e.name === 'DataCloneError' && /another process.*after the import, or send a copy/.test(e.message));
  refused(new SharedArrayBuffer(8));   // of this program, which has not imported Backline
  refused([allocateShared(8), new SharedArrayBuffer(8)]);
  const [, , messages] = withNode(`const growable = new SharedArrayBuffer(8, { maxByteLength: 16 });
    try { this.port.postMessage(growable.growable ? growable : new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer); } catch (e) { this.port.postMessage(e.name); }`);
  assert.deepEqual(messages(), ['DataCloneError']);
});

test('memory is free when neither side has it, whoever had it last, and whether or not its messages were read', async () => {
  collect();
  await task();
  const before = sharedBytes();   // of the sessions above
  const [s, node, messages] = withNode('this.kept = []; this.port.onmessage = ({data}) => { if (data === 0) this.kept = []; else this.kept.push(data); this.port.postMessage(this.kept.length); };');
  for (let i = 0; i < 10; i++) s.send(node, allocateShared(100_000));
  s.quantum(node);
  assert.equal(messages().at(-1), 10);
  await collectUntil(() => sharedBytes() < 1_000_000);
  assert.ok(sharedBytes() >= before + 1_000_000, 'the processor still has it');
  const [other, deaf] = withNode('');
  other.send(deaf, allocateShared(100_000));   // its port is never started
  other.quantum(deaf);
  assert.ok(sharedBytes() >= before + 1_100_000);
  other.close();
  s.send(node, 0);
  s.quantum(node);
  s.close();
  await collectUntil(() => sharedBytes() === before);
  assert.equal(sharedBytes(), before);
  serialize(allocateShared(100_000), { sameProcess: false });   // a message that nobody will ever read holds its memory
  await collectUntil(() => sharedBytes() === before);
  assert.ok(sharedBytes() >= before + 100_000);
});

const { Memory } = WebAssembly;
setMemoryMaker((initial, maximum) => new Memory({ initial, maximum, shared: true }).buffer);
/** As lib/shared_memory.js makes them. */
function shareable(initial, maximum) {
  const memory = new Memory({ initial, maximum, shared: true });
  adoptMemory(memory.buffer, maximum);
  return memory;
}
// (func (export "add") (param address, value) memory[address] += value), with a shared memory of 1 to 4 pages imported as m.m
const adding = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 6, 1, 96, 2, 127, 127, 0, 2, 9, 1, 1, 109, 1, 109, 2, 3, 1, 4, 3, 2, 1, 0, 7, 7, 1, 3, 97, 100, 100, 0, 0, 10, 13, 1, 11, 0, 32, 0, 32, 1, 254, 30, 2, 0, 26, 11]);

test('a shared WebAssembly.Memory of the program is one of a processor, with the same pages, in code too; it comes back as the same', () => {
  const [s, node, messages] = withNode(`this.port.onmessage = ({ data: { memory, module } }) => {
    const { add } = new WebAssembly.Instance(module, { m: { m: memory } }).exports; add(8, 5); new Uint8Array(memory.buffer)[65535] = 3;
    this.memory = memory; this.port.postMessage([memory instanceof WebAssembly.Memory, memory.buffer instanceof SharedArrayBuffer, memory.buffer.byteLength, memory]); };`);
  const memory = shareable(1, 4);
  const module = new WebAssembly.Module(adding);
  const { add } = new WebAssembly.Instance(module, { m: { m: memory } }).exports;
  add(8, 37);
  s.send(node, { memory, module });
  s.quantum(node);
  const [[isMemory, isShared, bytes, back]] = messages();
  assert.deepEqual([isMemory, isShared, bytes], [true, true, 65536]);
  assert.equal(new Int32Array(memory.buffer)[2], 42);
  assert.equal(new Uint8Array(memory.buffer)[65535], 3);
  new Int32Array(back.buffer)[1] = -9;
  assert.equal(new Int32Array(memory.buffer)[1], -9);
  add(8, 1);
  assert.equal(new Int32Array(back.buffer)[2], 43);
});

test('each side grows its own, up to the same pages; one sent after it has grown arrives so', () => {
  const [s, node, messages] = withNode(`this.port.onmessage = ({ data }) => { const memory = data.memory ?? this.memory; this.memory = memory; if (data.grow) memory.grow(data.grow); if (data.at) new Int32Array(memory.buffer)[data.at] = data.value; this.port.postMessage(memory.buffer.byteLength / 65536); };`);
  const memory = shareable(1, 4);
  memory.grow(1);
  s.send(node, { memory, at: 20000, value: 11 });
  s.quantum(node);
  assert.deepEqual(messages(), [2]);
  assert.equal(new Int32Array(memory.buffer)[20000], 11);
  memory.grow(2);
  s.send(node, { grow: 1, at: 40000, value: 12 });
  s.quantum(node);
  assert.deepEqual(messages(), [3]);
  assert.equal(new Int32Array(memory.buffer)[40000], 12);
  assert.throws(() => memory.grow(1), RangeError);
});

test('a shared WebAssembly.Memory that a processor makes reaches the program; its buffer alone does, too', () => {
  const [, , messages] = withNode(`const memory = new WebAssembly.Memory({ initial: 1, maximum: 2, shared: true }); new Uint8Array(memory.buffer)[7] = 70;
    this.port.postMessage([memory, memory.constructor === WebAssembly.Memory]); this.port.postMessage(memory.buffer);`);
  const [[memory, named], buffer] = messages();
  assert.ok(memory instanceof WebAssembly.Memory && named);
  assert.equal(new Uint8Array(memory.buffer)[7], 70);
  new Uint8Array(buffer)[8] = 80;
  assert.equal(new Uint8Array(memory.buffer)[8], 80);
});

test('one that was not adopted, and one that is not shared, is a DataCloneError', () => {
  assert.throws(() => serialize(new Memory({ initial: 1, maximum: 1, shared: true }), { sameProcess: false }), { name: 'DataCloneError', message: /new WebAssembly.Memory/ });
  assert.throws(() => serialize(new Memory({ initial: 1 }), { sameProcess: false }), { name: 'DataCloneError' });
  const [, , messages] = withNode('try { this.port.postMessage(new WebAssembly.Memory({ initial: 1 })); } catch (e) { this.port.postMessage(e.name); } try { new WebAssembly.Memory({ initial: 1, shared: true }); } catch (e) { this.port.postMessage(e.name); }');
  assert.deepEqual(messages(), ['DataCloneError', 'TypeError']);
});

test('the pages of a WebAssembly.Memory are free when neither side has it', async () => {
  collect();
  await task();
  const before = sharedBytes();
  const [s, node] = withNode('this.port.onmessage = ({ data }) => { this.memory = data; };');
  s.send(node, shareable(1, 16));
  s.quantum(node);
  await collectUntil(() => false);
  assert.ok(sharedBytes() >= before + (1 << 20), 'the processor still has it');
  s.close();
  await collectUntil(() => sharedBytes() <= before);
  assert.ok(sharedBytes() <= before);
});

// Calls that take too long or too much: they end, their node falls silent, and the scope goes on.
import assert from 'node:assert/strict';
import { test } from 'node:test';

// Read when the add-on is loaded: megabytes.
process.env.BACKLINE_WORKLET_HEAP = '48';
process.env.BACKLINE_WORKLET_BUFFERS = '64';
const { Session } = await import('./driver.mjs');

const budget = 0.05;
const innocent = `registerProcessor('innocent', class extends AudioWorkletProcessor {
  process(i, [[x]]) { x.fill(0.5); return true; } });`;

/** A session with an innocent processor beside `source`. */
function playing(source, options = { budget }) {
  const s = new Session(options);
  s.load(innocent);
  if (source) s.load(source, 'test:guilty');
  const other = s.create('innocent');
  s.events();
  return { s, other };
}

function goesOn(s, other) {
  for (let i = 0; i < 4; ++i) assert.equal(s.quantum(other).at(-1).outputs[0][7], 0.5, 'the processor beside it sounds');
}

const asProcess = (body) => `registerProcessor('guilty', class extends AudioWorkletProcessor {
  process(inputs, outputs) {
    ${body}
    return true;
  } });`;

/** The guilty one's process() is ended with this message, and everything else goes on. */
function endsAlone(source, message, line) {
  const { s, other } = playing(source);
  const guilty = s.create('guilty');
  const [bad, good] = s.quantum(guilty, other);
  assert.equal(bad.result, 'failed');
  assert.ok(bad.outputs[0].every((v) => v === 0), 'it is silent');
  assert.equal(good.outputs[0][7], 0.5, 'the next one in the same quantum is called');
  const [error, ...more] = s.errors();
  assert.deepEqual(more, []);
  assert.equal(error.node, guilty);
  assert.match(error.message, message);
  assert.equal(error.url, 'test:guilty');
  if (line) assert.equal(error.line, line);
  goesOn(s, other);
  assert.equal(s.quantum(guilty)[0].result, 'failed', 'it is not called again');
  assert.deepEqual(s.errors(), []);
  s.close();
}

const tooLong = /ran for more than 0\.05 s of processor time and was terminated/;

test('a loop in process() ends, and its place is told', () => endsAlone(asProcess('for (;;);'), tooLong, 3));
test('a loop that catches everything ends', () => endsAlone(asProcess('for (;;) try { for (;;); } catch { } finally { continue; }'), tooLong, 3));
test('a regular expression that backtracks for ever ends', () => endsAlone(asProcess("/(a*)*b/.test('a'.repeat(40));"), tooLong, 3));
test('a WebAssembly loop ends', () => endsAlone(`
  const bytes = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 9, 1, 7, 0, 3, 64, 12, 0, 11, 11]);
  const { f } = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
  ${asProcess('f();')}`, tooLong));
test('recursion without end is a RangeError, as anywhere', () => {
  const { s, other } = playing(asProcess('const f = () => f() + 1; f();'));
  const guilty = s.create('guilty');
  s.quantum(guilty, other);
  const [error] = s.errors();
  assert.equal(error.name, 'RangeError');
  assert.match(error.message, /call stack/);
  goesOn(s, other);
});
test('on a render thread of its own recursion ends as well', async () => {
  const { s, other } = playing(asProcess('const f = (a, b, c, d) => f(b, c, d, a) + 1; f(1, 2, 3, 4);'));
  const guilty = s.create('guilty');
  s.startPaced(100, guilty, other);
  let errors = [];
  while (!errors.length) {
    await new Promise((done) => setTimeout(done, 5));
    errors = s.errors();
  }
  s.stopThread();
  assert.match(errors[0].message, /call stack/);
  goesOn(s, other);
});

test('objects without end: the call that fills the heap ends, and what it held goes', () => {
  const { s, other } = playing(asProcess('this.all ??= []; for (;;) this.all.push({ n: this.all.length });'), { budget: 30 });
  const guilty = s.create('guilty');
  s.quantum(guilty, other);
  const [error] = s.errors();
  assert.equal(error.node, guilty);
  assert.equal(error.name, 'RangeError');
  assert.match(error.message, /filled the worklet's heap of \d+ MB/);
  goesOn(s, other);
  // There is room again, several times over.
  s.load(`registerProcessor('large', class extends AudioWorkletProcessor {
    process() { this.all = Array.from({ length: 2e5 }, (_, n) => ({ n })); this.port.postMessage(this.all.length); return true; } });`);
  const large = s.create('large');
  for (let i = 0; i < 5; ++i) s.quantum(large);
  assert.deepEqual(s.messages(), [2e5, 2e5, 2e5, 2e5, 2e5]);
  assert.deepEqual(s.errors(), []);
});

test('a heap that fills over many quanta ends the one who fills it', () => {
  const { s } = playing(asProcess('this.all ??= []; for (let i = 0; i < 2e4; ++i) this.all.push({ i });'), { budget: 30 });
  const guilty = s.create('guilty');
  let errors = [];
  for (let i = 0; i < 500 && !errors.length; ++i) {
    s.quantum(guilty);
    errors = s.errors();
  }
  assert.equal(errors[0]?.node, guilty);
  assert.match(errors[0].message, /heap/);
  goesOn(s, s.create('innocent'));
});

test('ArrayBuffers beyond their cap are a RangeError, and free ones count no more', () => {
  const { s, other } = playing(asProcess('this.all ??= []; for (;;) this.all.push(new ArrayBuffer(1 << 20));'));
  const guilty = s.create('guilty');
  s.quantum(guilty, other);
  const [error] = s.errors();
  assert.equal(error.name, 'RangeError');
  assert.match(error.message, /Array buffer allocation failed/);
  goesOn(s, other);
  s.load(`registerProcessor('garbage', class extends AudioWorkletProcessor {
    process() { new ArrayBuffer(4 << 20); return true; } });`);
  s.destroy(guilty);
  const garbage = s.create('garbage');
  for (let i = 0; i < 200; ++i) s.quantum(garbage);
  assert.deepEqual(s.errors(), []);
});

test('the arrays of process() are there though the cap is used up', () => {
  const { s, other } = playing('globalThis.all = []; try { for (;;) all.push(new ArrayBuffer(1 << 20)); } catch { }', {});   // unwatched: filling it takes its time
  s.configure(other, { inputs: [[new Float32Array(128)]], outputs: [2] });
  assert.equal(s.quantum(other)[0].outputs[0][7], 0.5);
  assert.deepEqual(s.errors(), []);
});


test('a loop in a port handler: its node falls silent and hears nothing more', () => {
  const { s, other } = playing(`registerProcessor('guilty', class extends AudioWorkletProcessor {
    constructor() { super(); this.port.onmessage = () => { for (;;); }; }
    process(i, [[x]]) { x.fill(1); return true; } });`);
  const guilty = s.create('guilty');
  assert.equal(s.quantum(guilty)[0].outputs[0][0], 1);
  s.send(guilty, 'loop');
  s.send(guilty, 'again');
  const [{ result }] = s.quantum(guilty, other);
  assert.equal(result, 'failed');
  const errors = s.errors();
  assert.equal(errors.length, 1);
  assert.equal(errors[0].node, guilty);
  assert.match(errors[0].message, /a handler of its port ran for more than/);
  assert.equal(errors[0].line, 2);
  goesOn(s, other);
});

test('a loop in a constructor: there is no processor, and the scope goes on', () => {
  const { s, other } = playing(`registerProcessor('guilty', class extends AudioWorkletProcessor {
    constructor() { super(); for (;;); }
    process() { return true; } });`);
  const error = s.create('guilty');
  assert.match(error.message, /the constructor ran for more than/);
  assert.equal(error.url, 'test:guilty');
  assert.equal(error.line, 2);
  assert.equal(s.instances(), 1);
  goesOn(s, other);
});

for (const [what, chain] of [['a microtask that loops', 'Promise.resolve().then(() => { for (;;); });'],
  ['microtasks that follow each other for ever', 'const f = () => { Promise.resolve().then(f); }; f();']]) {
  test(`${what} is its processor's, though another ran after it`, () => {
    const { s, other } = playing(asProcess(chain));
    const guilty = s.create('guilty');
    const third = s.create('innocent');
    s.quantum(other, guilty, third);
    const [error] = s.errors();
    assert.equal(error?.node, guilty, JSON.stringify(s.console()));
    assert.match(error.message, /a microtask ran for more than/);
    assert.equal(s.quantum(guilty)[0].result, 'failed');
    goesOn(s, other);
    goesOn(s, third);
  });
}

test('a module that loops at its top level is an error of its evaluation, and may be tried again', () => {
  const { s, other } = playing();
  for (let i = 0; i < 2; ++i) {
    const error = s.evaluate([{ url: 'test:guilty', source: 'let n = 0;\nfor (;;) ++n;' }]);
    assert.match(error.message, /the module ran for more than 0\.05 s/);
    assert.equal(error.url, 'test:guilty');
    assert.equal(error.line, 2);
  }
  goesOn(s, other);
});

test('a module that loops after an await ends as well', () => {
  const { s, other } = playing();
  const error = s.evaluate('await null;\nfor (;;);');
  assert.match(error.message, /ran for more than/);
  goesOn(s, other);
});

test('many calls that are short are no long one', () => {
  const { s } = playing(asProcess('for (let i = 0; i < 2e5; ++i) this.x = i;'));
  const nodes = Array.from({ length: 8 }, () => s.create('guilty'));
  for (let i = 0; i < 400; ++i) s.quantum(...nodes);
  assert.deepEqual(s.errors(), []);
});

test('the guilty alone pays, however close the innocent follow', () => {
  const { s } = playing(asProcess('for (const end = ++this.n % 2; ; ) if (this.done?.()) break; else this.k = (this.k ?? 0) + 1;'));
  const innocents = Array.from({ length: 30 }, () => s.create('innocent'));
  const guilty = Array.from({ length: 5 }, () => s.create('guilty'));
  s.quantum(...guilty.flatMap((g, i) => [...innocents.slice(i * 6, i * 6 + 6), g]), innocents[0]);
  assert.deepEqual(s.errors().map((e) => e.node), guilty);
  for (const result of s.quantum(...innocents)) assert.equal(result.outputs[0][7], 0.5);
});

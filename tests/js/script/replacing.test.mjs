// A module that replaces another while its processors play.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { Session } from './driver.mjs';

const kFadeFrames = 480;   // ten milliseconds at 48 kHz
const url = 'test:osc.js';
const constant = (value, more = '') => `registerProcessor('p', class P extends AudioWorkletProcessor {
  ${more}
  process(i, outputs) { for (const output of outputs) for (const channel of output) channel.fill(${value}); return true; }
});`;

/** The samples of one channel over some quanta. */
function listen(session, node, quanta, { output = 0, channel = 0 } = {}) {
  const samples = [];
  for (let i = 0; i < quanta; ++i) samples.push(...session.quantum(node)[0].outputs[output].slice(channel * 128, channel * 128 + 128));
  return samples;
}

test('a registered name is refused a second time, unless the module replaces', () => {
  const s = new Session();
  s.load(constant(1), url);
  assert.equal(s.evaluate(constant(2), 'test:other.js').name, 'NotSupportedError');
  assert.equal(s.replace(constant(2), 'test:other.js'), null);
  assert.equal(s.replace(constant(3) + constant(4), 'test:other.js').name, 'NotSupportedError', 'twice in one module');
});

test('running nodes fade to the new class in ten milliseconds, with equal gain, on every channel of every output', () => {
  const s = new Session();
  s.load(constant(1), url);
  const node = s.create('p', { outputs: 2 });
  s.configure(node, { outputs: [2, 1] });
  assert.ok(listen(s, node, 2).every((x) => x === 1));
  assert.equal(s.replace(constant(-1), url), null);
  const all = { a: [], b: [], c: [] };
  for (let i = 0; i < 6; ++i) {
    const [{ outputs }] = s.quantum(node);
    all.a.push(...outputs[0].slice(0, 128));
    all.b.push(...outputs[0].slice(128));
    all.c.push(...outputs[1]);
  }
  for (const samples of Object.values(all)) {
    samples.forEach((x, n) => assert.ok(Math.abs(x - (1 - 2 * Math.min(1, (n + 1) / kFadeFrames))) < 1e-5, `frame ${n}: ${x}`));
  }
});

test('what two classes have in common stays as loud as it is while they fade', () => {
  const s = new Session();
  const sine = (more) => `registerProcessor('p', class extends AudioWorkletProcessor {
    phase = 0;
    ${more}
    process(i, [[x]]) { for (let n = 0; n < 128; ++n) x[n] = Math.sin(this.phase++ * 0.05); return true; } });`;
  s.load(sine(''), url);
  const node = s.create('p');
  listen(s, node, 7);
  assert.equal(s.replace(sine('constructor(options, previous) { super(); this.phase = previous.phase; }'), url), null);
  const samples = listen(s, node, 8);
  samples.forEach((x, n) => assert.ok(Math.abs(x - Math.sin((7 * 128 + n) * 0.05)) < 1e-6, `frame ${n}`));
});

test('the constructor gets the options of the node and the processor before it; a first one gets one argument', () => {
  const s = new Session();
  const source = (version) => `registerProcessor('p', class extends AudioWorkletProcessor {
    version = ${version};
    constructor(options, previous) {
      super();
      this.port.postMessage([arguments.length, options.processorOptions.key, previous?.version, previous?.port === this.port]);
    }
    process() { return true; } });`;
  s.load(source(1), url);
  const node = s.create('p', { options: { processorOptions: { key: 'k' } } });
  assert.equal(s.replace(source(2), url), null);
  listen(s, node, 5);
  assert.equal(s.replace(source(3), url), null);
  s.create('p', { options: { processorOptions: { key: 'new' } } });
  assert.deepEqual(s.messages(), [[1, 'k', undefined, false], [2, 'k', 1, false], [2, 'k', 2, false], [1, 'new', undefined, false]]);
});

test('messages go to the new processor, those too that were not delivered yet; the one before can still post while it fades', () => {
  const s = new Session();
  const source = (version, listens) => `registerProcessor('p', class extends AudioWorkletProcessor {
    constructor() { super(); ${listens ? 'this.port.onmessage = ({ data }) => this.port.postMessage([this.version, data]);' : ''} }
    version = ${version};
    process() { if (!this.said) { this.said = true; this.port.postMessage([this.version, 'plays']); } return true; } });`;
  s.load(source(1, false), url);
  const node = s.create('p');
  s.send(node, 'early');
  s.quantum();
  assert.equal(s.replace(source(2, true), url), null);
  s.send(node, 'late');
  s.quantum(node);
  assert.deepEqual(s.messages(), [[2, 'early'], [2, 'late'], [1, 'plays'], [2, 'plays']]);
});

test('the one before is called as long as it fades, and then goes', () => {
  setFlagsFromString('--expose-gc');
  const s = new Session();
  setFlagsFromString('--no-expose-gc');
  const source = (version) => `
    globalThis.registry ??= new FinalizationRegistry((held) => port.postMessage(held));
    globalThis.calls ??= [0, 0, 0];
    registerProcessor('p', class extends AudioWorkletProcessor {
      constructor() { super(); registry.register(this, 'gone ${version}'); }
      process() { ++calls[${version}]; return true; } });`;
  s.load(source(1), url);
  const node = s.create('p');
  assert.equal(s.replace(source(2), url), null);
  for (let i = 0; i < 10; ++i) s.quantum(node);
  s.load('gc(); port.postMessage(calls);');
  for (let i = 0; i < 10; ++i) s.quantum(node);
  assert.deepEqual(s.messages(), [[0, Math.ceil(kFadeFrames / 128), 10], 'gone 1']);
});

test('a second replacement within the fade takes the place of the first', () => {
  const s = new Session();
  s.load(constant(1), url);
  const node = s.create('p');
  s.quantum(node);
  assert.equal(s.replace(constant(2), url), null);
  s.quantum(node);
  assert.equal(s.replace(constant(3), url), null);
  const samples = listen(s, node, 5);
  assert.ok(samples[0] > 1.9 && samples[0] < 2.1, `${samples[0]}`);
  assert.equal(samples.at(-1), 3);
});

for (const [what, source, error] of [
  ['does not parse', 'registerProcessor(;', 'SyntaxError'],
  ['throws at its top level', `${constant(2)} throw new RangeError('no');`, 'RangeError'],
  ['rejects at its top level', `${constant(2)} await null; null.x;`, 'TypeError'],
  ['waits for ever', `${constant(2)} await new Promise(() => {});`, 'Error'],
  ['imports what is not there', `import 'nowhere'; ${constant(2)}`, 'TypeError'],
  ['has bad descriptors', constant(2, 'static parameterDescriptors = [{ name: "a", minValue: 2 }];'), 'InvalidStateError'],
  ['has a constructor that throws', constant(2, 'constructor() { super(); throw new EvalError("not me"); }'), 'EvalError'],
]) {
  test(`a module that ${what} changes nothing and says why`, () => {
    const s = new Session();
    s.load(constant(1), url);
    const node = s.create('p');
    s.events();
    const failure = s.replace(`registerProcessor('extra', class extends AudioWorkletProcessor {}); ${source}`, url);
    assert.equal(failure.name, error, failure.message);
    assert.equal(failure.url, url);
    assert.ok(listen(s, node, 8).every((x) => x === 1));
    assert.deepEqual(s.events('registered'), []);
    assert.equal(s.create('extra').name, 'InvalidStateError', 'what else it registered is not there either');
    const other = s.create('p');
    assert.ok(listen(s, other, 1).every((x) => x === 1));
    assert.equal(s.replace(constant(5), url), null, 'and it can be mended');
    assert.equal(listen(s, node, 8).at(-1), 5);
  });
}

test('a constructor that fails for one node fails for all, and the error names the processor', () => {
  const s = new Session();
  s.load(constant(1), url);
  const nodes = [1, 2, 3].map((key) => s.create('p', { options: { processorOptions: { key } } }));
  const failure = s.replace(constant(2, 'constructor({ processorOptions }) { super(); if (processorOptions.key === 2) throw new Error("two"); }'), url);
  assert.match(failure.message, /^'p' is not replaced, .*two$/);
  assert.equal(failure.line, 2);
  assert.equal(s.instances(), 3);
  for (const node of nodes) assert.ok(listen(s, node, 8).every((x) => x === 1));
});

test('a constructor that runs without end is terminated, and nothing has changed', () => {
  const s = new Session({ budget: 0.2 });
  s.load(constant(1), url);
  const node = s.create('p');
  const failure = s.replace(constant(2, 'constructor() { super(); for (;;); }'), url);
  assert.match(failure.message, /terminated/);
  assert.ok(listen(s, node, 8).every((x) => x === 1));
});

test('a new process() that throws while it fades in is taken back: the one before plays on, and the console says why', () => {
  const s = new Session();
  s.load(constant(1), url);
  const node = s.create('p');
  s.quantum(node);
  assert.equal(s.replace(`registerProcessor('p', class extends AudioWorkletProcessor {
    process(i, [[x]]) { x.fill(7); typo(); return true; } });`, url), null);
  assert.ok(listen(s, node, 8).every((x) => x === 1));
  assert.deepEqual(s.errors(), [], 'the node has not failed');
  assert.match(s.console().join('\n'), /ReferenceError: typo is not defined\n.*test:osc\.js:2:36.*\n.*'p', which has just been replaced: the one before plays on/);
  assert.equal(s.replace(constant(3), url), null);
  assert.equal(listen(s, node, 8).at(-1), 3);
});

test('a processor that had failed plays again, at once, without what it was', () => {
  const s = new Session();
  s.load('registerProcessor("p", class extends AudioWorkletProcessor { process() { throw new Error("once"); } });', url);
  const node = s.create('p');
  s.quantum(node);
  assert.equal(s.errors().length, 1);
  assert.equal(s.replace(constant(4, 'constructor(options, previous) { super(); this.port.postMessage(previous); }'), url), null);
  assert.ok(listen(s, node, 1).every((x) => x === 4));
  assert.deepEqual(s.messages(), [undefined]);
});

test('parameters are known by their names: kept ones go on, new ones have their default, old ones are not shown', () => {
  const s = new Session();
  const source = (...names) => `registerProcessor('p', class extends AudioWorkletProcessor {
    static parameterDescriptors = ${JSON.stringify(names.map((name, i) => ({ name, defaultValue: 100 + i })))};
    process(i, o, parameters) { this.port.postMessage(Object.entries(parameters).map(([name, values]) => [name, values.length, values[0]])); return true; } });`;
  s.load(source('a', 'b'), url);
  const node = s.create('p');
  s.configure(node, { params: [new Float32Array(128).fill(1), 2] });
  s.quantum(node);
  assert.equal(s.replace(source('c', 'b', 'a'), url), null);
  s.quantum(node);
  const [first, old, now] = s.messages();
  assert.deepEqual(first, [['a', 128, 1], ['b', 1, 2]]);
  assert.deepEqual(old, first);
  assert.deepEqual(now, [['c', 1, 100], ['b', 1, 2], ['a', 128, 1]]);
  const later = s.create('p', { params: ['c', 'b', 'a'] });
  s.configure(later, { params: [7, 8, 9] });
  s.quantum(later);
  assert.deepEqual(s.messages(), [[['c', 1, 7], ['b', 1, 8], ['a', 1, 9]]]);
});

test('imports that have another text are evaluated anew, with what imports them; the others keep what they are', () => {
  const s = new Session();
  const graph = (gain, middle = '') => [
    { url, source: `import { gain } from './m.js'; import { made } from './kept.js'; import './kept.js';
        globalThis.kept = made; ${constant('gain')}`, imports: { './m.js': 'test:m.js', './kept.js': 'test:kept.js' } },
    { url: 'test:m.js', source: `${middle}export { gain } from './gain.js';`, imports: { './gain.js': 'test:gain.js' } },
    { url: 'test:gain.js', source: `export const gain = ${gain};` },
    { url: 'test:kept.js', source: 'export const made = globalThis.count = (globalThis.count ?? 0) + 1;' },
  ];
  s.load(graph(1));
  const node = s.create('p');
  assert.equal(s.replace(graph(0.5)), null);
  assert.equal(listen(s, node, 8).at(-1), 0.5);
  assert.equal(s.replace(graph(0.25, 'nonsense(')).name, 'SyntaxError');
  assert.equal(s.replace(graph(0.5)), null);
  assert.equal(listen(s, node, 8).at(-1), 0.5);
  s.load('port.postMessage([count, kept]);');
  s.quantum();
  assert.deepEqual(s.messages(), [[1, 1]]);
});

test('a quantum without a processor waits for no module', () => {
  const s = new Session();
  s.startPaced(100);
  s.load('const end = Date.now() + 300; while (Date.now() < end);');
  const longest = s.stopThread() / 1e6;
  assert.ok(longest < 150, `a quantum took ${longest} ms beside a module of 300 ms`);
});

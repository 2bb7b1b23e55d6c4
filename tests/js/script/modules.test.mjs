import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Session } from './driver.mjs';

test('imports are bound by the given map, and every url is evaluated once', () => {
  const s = new Session();
  const shared = { url: 'test:shared.js', source: 'console.log("shared"); export let n = 0; export const next = () => ++n;' };
  const a = { url: 'test:a.js', source: 'import {next} from "./shared.js"; import "other"; console.log("a", next());', imports: { './shared.js': 'test:shared.js', other: 'test:b.js' } };
  const b = { url: 'test:b.js', source: 'import {next} from "up/shared.js"; console.log("b", next());', imports: { 'up/shared.js': 'test:shared.js' } };
  s.load([a, shared, b]);
  s.load([a, shared, b]);
  s.load([{ url: 'test:c.js', source: 'import {n} from "s"; console.log("c", n)', imports: { s: 'test:shared.js' } }, shared]);
  assert.deepEqual(s.console(), ['log: shared', 'log: b 1', 'log: a 2', 'log: c 2']);
});

test('modules may import each other in a circle', () => {
  const s = new Session();
  s.load([
    { url: 'test:a.js', source: 'import {b} from "b"; export function a() { return "a"; } console.log(b());', imports: { b: 'test:b.js' } },
    { url: 'test:b.js', source: 'import {a} from "a"; export function b() { return a() + "b"; }', imports: { a: 'test:a.js' } },
  ]);
  assert.deepEqual(s.console(), ['log: ab']);
});

test('import.meta.url is the module\'s own', () => {
  const s = new Session();
  s.load([{ url: 'test:dir/a.js', source: 'import "b"; console.log(import.meta.url)', imports: { b: 'test:b.js' } }, { url: 'test:b.js', source: 'console.log(import.meta.url)' }]);
  assert.deepEqual(s.console(), ['log: test:b.js', 'log: test:dir/a.js']);
});

test('import() rejects with a TypeError', () => {
  const s = new Session();
  s.load('try { await import("./x.js"); } catch (e) { console.log(e instanceof TypeError, e.message); }');
  assert.match(s.console()[0], /^log: true .*'\.\/x\.js'/);
});

test('top-level await is waited for, through microtasks and through V8\'s own tasks', () => {
  const s = new Session();
  s.load(`for (let i = 0; i < 10; ++i) await null;
    const bytes = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
    const module = await WebAssembly.compile(bytes);
    const { instance } = await WebAssembly.instantiate(bytes);
    console.log(module instanceof WebAssembly.Module, instance instanceof WebAssembly.Instance);`);
  assert.deepEqual(s.console(), ['log: true true']);
});

test('top-level await of a timer of Atomics.waitAsync is waited for', () => {
  const s = new Session();
  s.load('console.log(await Atomics.waitAsync(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 30).value)');
  assert.deepEqual(s.console(), ['log: timed-out']);
});

test('a top-level await that nothing can settle is an error, not a hang', () => {
  const s = new Session();
  const error = s.evaluate('await new Promise(() => {});', 'test:forever.js');
  assert.match(error.message, /awaits something that cannot happen/);
  assert.equal(error.url, 'test:forever.js');
});

test('a syntax error is told with its place', () => {
  const s = new Session();
  const error = s.evaluate('const a = 1;\nconst b = ;\n', 'test:bad.js');
  assert.equal(error.name, 'SyntaxError');
  assert.equal(error.url, 'test:bad.js');
  assert.equal(error.line, 2);
  assert.equal(error.column, 11);
});

test('a syntax error in an import names the import, and the repaired module can be loaded', () => {
  const s = new Session();
  const a = { url: 'test:a.js', source: 'import "b"; console.log("a")', imports: { b: 'test:b.js' } };
  const error = s.evaluate([a, { url: 'test:b.js', source: '\n\n  oh no' }]);
  assert.equal(error.url, 'test:b.js');
  assert.equal(error.line, 3);
  s.load([a, { url: 'test:b.js', source: 'console.log("b")' }]);
  assert.deepEqual(s.console(), ['log: b', 'log: a']);
});

test('an exception of a module is told with name, message, place and stack', () => {
  const s = new Session();
  const error = s.evaluate('function f() {\n  throw new RangeError("no");\n}\nf();', 'test:throws.js');
  assert.deepEqual([error.name, error.message, error.url, error.line], ['RangeError', 'no', 'test:throws.js', 2]);
  assert.match(error.stack, /at f \(test:throws\.js:2:9\)/);
  assert.equal(s.evaluate('never compiled again', 'test:throws.js').message, 'no', 'the module map keeps the error');
});

test('an exception after top-level await is told with its place', () => {
  const error = new Session().evaluate('await null;\nnull.x;', 'test:late.js');
  assert.deepEqual([error.name, error.url, error.line], ['TypeError', 'test:late.js', 2]);
});

test('a missing export is a SyntaxError that names it', () => {
  const error = new Session().evaluate([{ url: 'test:a.js', source: 'import {nope} from "b"', imports: { b: 'test:b.js' } }, { url: 'test:b.js', source: '' }]);
  assert.equal(error.name, 'SyntaxError');
  assert.match(error.message, /nope/);
});

test('an import that was not resolved or not loaded is a TypeError that names both modules', () => {
  const unresolved = new Session().evaluate('import "somewhere"', 'test:a.js');
  assert.equal(unresolved.name, 'TypeError');
  assert.match(unresolved.message, /'somewhere' from test:a\.js/);
  const missing = new Session().evaluate([{ url: 'test:a.js', source: 'import "b"', imports: { b: 'test:b.js' } }]);
  assert.match(missing.message, /test:b\.js was not loaded/);
});

test('nothing to evaluate is an error', () => {
  assert.equal(new Session().evaluate([]).name, 'TypeError');
});

const filler = (kilobytes) => `// ${'x'.repeat(1022)}\n`.repeat(kilobytes);

test('a large module is compiled aside with all that a small one has', () => {
  const s = new Session();
  s.load([
    { url: 'test:big.js', source: `${filler(64)}import { n } from 'other'; console.log(import.meta.url, n, '…é');`, imports: { other: 'test:other.js' } },
    { url: 'test:other.js', source: `export const n = 3; ${filler(64)}` },
  ]);
  assert.deepEqual(s.console(), ['log: test:big.js 3 …é']);
  const error = s.evaluate(`${filler(64)}const a = 1;\nconst b = ;`, 'test:bad.js');
  assert.deepEqual([error.name, error.url, error.line, error.column], ['SyntaxError', 'test:bad.js', 66, 11]);
  s.load(`${filler(64)}console.log('mended')`, 'test:bad.js');
  assert.deepEqual(s.console(), ['log: mended']);
});

test('processors play while large modules are compiled, and a session may end meanwhile', () => {
  const s = new Session();
  s.load('registerProcessor("p", class extends AudioWorkletProcessor { process() { this.garbage = new Array(1000).fill({}); return true; } })');
  s.startPaced(100, s.create('p'));
  for (let i = 0; i < 5; ++i) s.load(`${filler(200)}export const f = () => ${i};\n${'export function g() { return [1, 2, 3]; }'.replace('g', `g${i}`)}`);
  s.stopThread();
  s.close();
});

test('a session survives every failed module', () => {
  const s = new Session();
  for (const source of ['throw 1', 'syntax error', 'await new Promise(() => {})', 'import "x"']) assert.ok(s.evaluate(source));
  s.load('console.log("alive")');
  assert.deepEqual(s.console(), ['log: alive']);
});

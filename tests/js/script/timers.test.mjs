// setTimeout and its kin, paced by the audio clock.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Session } from './driver.mjs';

/** A session in which `code` was evaluated; what it logged, quantum by quantum: [[frame at the quantum's begin, lines]…]. */
function run(code, quanta, options) {
  const s = new Session(options);
  s.load(code);
  const seen = [];
  for (let i = 0; i < quanta; i++) {
    s.quantum();
    const lines = s.console().map((line) => line.replace(/^log: /, ''));
    if (lines.length > 0) seen.push([i * s.quantumSize, ...lines]);
  }
  return seen;
}

test('a timer fires at the first quantum boundary that is not before its due frame', () => {
  const code = 'for (const ms of [0, 1, 2, 3, 8, 8 / 3, 16 / 3]) setTimeout(() => console.log(ms, currentFrame), ms);';
  // 8/3 and 16/3 are whole milliseconds to setTimeout, as in browsers: 2 and 5.
  assert.deepEqual(run(code, 6), [[0, '0 0'], [128, '1 128', '2 128', '2.6666666666666665 128'], [256, '3 256', '5.333333333333333 256'], [384, '8 384']]);
  assert.deepEqual(run(code, 3, { quantum: 441, sampleRate: 44100 }), [[0, '0 0'], [441, '1 441', '2 441', '2.6666666666666665 441', '3 441', '5.333333333333333 441', '8 441']]);
});

test('timers fire in the order of their due frames, then in that in which they were set', () => {
  assert.deepEqual(run('setTimeout(() => console.log("c"), 5); setTimeout(() => console.log("a"), 3); setTimeout(() => console.log("b"), 3); setTimeout(() => console.log("d"), 5);', 3),
    [[256, 'a', 'b', 'c', 'd']]);
});

test('an interval does not drift from the audio clock', () => {
  const ticks = run('let n = 0; const id = setInterval(() => { console.log(currentFrame); if (++n === 100) clearInterval(id); }, 10);', 500);
  assert.equal(ticks.length, 100);
  for (const [i, [frame, line]] of ticks.entries()) {
    assert.equal(String(frame), line);
    assert.ok(frame >= (i + 1) * 480 && frame < (i + 1) * 480 + 128, `tick ${i} at ${frame}`);
  }
});

test('arguments are passed, `this` is the scope, clearing works before and from within, wrong numbers are passed over', () => {
  assert.deepEqual(run(`setTimeout(function (...args) { console.log(args.join(), this === globalThis); }, 0, 1, 'x', null);
    const a = setTimeout(() => console.log('never'), 0); clearInterval(a);
    let b; setTimeout(() => { clearTimeout(b); }, 0); b = setTimeout(() => console.log('never'), 0);
    clearTimeout(); clearTimeout(undefined); clearTimeout(-1); clearTimeout({}); clearTimeout('x'); clearTimeout(a);
    console.log(typeof a, a > 0, b > a);`, 1), [[0, 'number true true', '1,x, true']]);
});

test('timeouts are converted as Web IDL has it, and only functions are called', () => {
  assert.deepEqual(run('for (const t of [-5, NaN, Infinity, undefined, null, "0", {}, 2 ** 32]) setTimeout(() => console.log(String(t)), t);', 2),
    [[0, '-5', 'NaN', 'Infinity', 'undefined', 'null', '0', '[object Object]', '4294967296']]);
  assert.deepEqual(run('for (const call of [() => setTimeout(), () => setTimeout("1"), () => setInterval(null), () => setTimeout({})]) try { call(); console.log("set"); } catch (e) { console.log(e.name); }', 1),
    [[0, ...Array(4).fill('TypeError')]]);
});

test('one that is set by a timer fires at the next boundary at the earliest, and deep nests wait four milliseconds', () => {
  const frames = run('const again = () => { console.log(currentFrame); setTimeout(again, 0); }; setTimeout(again, 0);', 14).map(([frame]) => frame);
  assert.deepEqual(frames, [0, 128, 256, 384, 512, 640, 896, 1152, 1408, 1664]);   // 192 frames are four milliseconds
});

test('each timer is a task of its own: microtasks run between two, and one that throws is told with its place', () => {
  const s = new Session();
  s.load('setTimeout(() => { console.log(1); queueMicrotask(() => console.log(2)); throw new Error("late"); });\nsetTimeout(() => console.log(3));', 'test:timers.js');
  s.quantum();
  const lines = s.console();
  assert.equal(lines[0], 'log: 1');
  assert.match(lines[1], /^error: Uncaught Error: late\n    at test:timers.js:1:\d+/);
  assert.deepEqual(lines.slice(2), ['log: 2', 'log: 3']);
});

test('time stands still while nothing is rendered', () => {
  const s = new Session();
  s.load('setTimeout(() => console.log("due"), 1)');
  assert.deepEqual(s.console(), []);
  s.quantum();
  assert.deepEqual(s.console(), []);
  s.quantum();
  assert.deepEqual(s.console(), ['log: due']);
});

test('ten thousand timers that are set and cleared leave nothing behind and disturb no other', () => {
  const lines = run(`setTimeout(() => console.log('kept'), 3); const ids = [];
    for (let i = 0; i < 10000; i++) ids.push(setTimeout(() => console.log('never'), i % 50)); for (const id of ids) clearTimeout(id);
    let order = []; for (let i = 0; i < 1000; i++) setTimeout(() => order.push(i), (i * 7919) % 40);
    setTimeout(() => console.log(order.length, order.every((v, j) => j === 0 || (order[j - 1] * 7919) % 40 <= (v * 7919) % 40)), 41);`, 20);
  assert.deepEqual(lines, [[256, 'kept'], [2048, '1000 true']]);
});

test('a timer that never returns is terminated, named, and its processor silenced; an interval of it ends', () => {
  const s = new Session({ budget: 0.05 });
  s.load(`registerProcessor('p', class extends AudioWorkletProcessor { constructor() { super(); setInterval(() => { for (;;); }, 1); } process() { return true; } });`);
  const node = s.create('p');
  for (let i = 0; i < 10; i++) s.quantum(node);
  const errors = s.errors();
  assert.equal(errors.length, 1);
  assert.equal(errors[0].node, node);
  assert.match(errors[0].message, /^a timer's handler ran for more than 0.05 s/);
});

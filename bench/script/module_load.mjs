// How long a quantum takes at worst while a module is added, in milliseconds: the render thread waits for the isolate's lock, which
// the compile thread holds to evaluate it. Usage: node bench/script/module_load.mjs [kilobytes]

import { Session } from '../../tests/js/script/driver.mjs';

const kilobytes = Number(process.argv[2] ?? 1024);
const line = (i) => `export function f${i}(x) { const y = x * ${i}.5 + Math.sin(x); return y > ${i} ? y : [x, y, 'text ${i}'].length; }\n`;
let source = '';
for (let i = 0; source.length < kilobytes * 1024; ++i) source += line(i);

const session = new Session();
session.load('registerProcessor("empty", class extends AudioWorkletProcessor { process() { return true; } });');
const node = session.create('empty');
const rounds = [];
for (let round = 0; round < 5; ++round) {
  session.startPaced(300, node);
  const begin = performance.now();
  session.load(`${source}// ${round}`);
  const took = performance.now() - begin;
  rounds.push({ took, longest: session.stopThread() / 1e6 });
}
const median = (key) => rounds.map((round) => round[key]).sort((a, b) => a - b)[rounds.length >> 1];
console.log(`a module of ${kilobytes} KB: added in ${median('took').toFixed(1)} ms, longest quantum meanwhile ${median('longest').toFixed(2)} ms`);

// What a process() call costs without its arithmetic, in nanoseconds: filling and emptying the arrays, entering JavaScript, coming back.
// The goal is 1000. Usage: node bench/script/process_call.mjs [calls]

import { Session } from '../../tests/js/script/driver.mjs';

const calls = Number(process.argv[2] ?? 400000);
const session = new Session();
session.load(`
  registerProcessor('empty', class extends AudioWorkletProcessor { process() { return true; } });
  registerProcessor('params', class extends AudioWorkletProcessor {
    static parameterDescriptors = [{name: 'a'}, {name: 'b'}, {name: 'c'}, {name: 'd'}];
    process() { return true; }
  });
  registerProcessor('copy', class extends AudioWorkletProcessor {
    process(inputs, outputs) {
      for (let c = 0; c < inputs[0].length; ++c) outputs[0][c].set(inputs[0][c]);
      return true;
    }
  });`);
const channel = new Float32Array(128).fill(0.5);
const cases = [
  ['empty', 'no input, one output', {}],
  ['empty', 'stereo in and out', { inputs: [[channel, channel]], outputs: [2] }],
  ['params', 'four parameters, one of them moving', { params: [1, 2, 3, channel] }],
  ['copy', 'stereo copied', { inputs: [[channel, channel]], outputs: [2] }],
];
for (const [name, what, setup] of cases) {
  const node = session.create(name);
  session.configure(node, setup);
  session.measure(node, 20000, 16);
  const runs = Array.from({ length: 5 }, () => session.measure(node, calls / 5, 16)).sort((a, b) => a - b);
  console.log(`${`${name}: ${what}`.padEnd(48)} ${runs[0].toFixed(0).padStart(6)} ns a call (median ${runs[2].toFixed(0)})`);
}

// 16 worklets that make 1 KB of garbage each every quantum, with port traffic both ways: the longest quantum after a warm-up.
// node bench/worklets.mjs [--seconds N]   (default 300; the aim: no quantum above 2 ms)
import { AudioContext, AudioWorkletNode } from 'backline';

import { interfaceNamed, unwrap } from '../lib/webidl/platform_object.js';

const flag = process.argv.indexOf('--seconds');
const seconds = flag < 0 ? 300 : Number(process.argv[flag + 1]);
const warmUp = Math.min(5, seconds / 3);

const source = `registerProcessor('garbage', class extends AudioWorkletProcessor {
  constructor() { super(); this.count = 0; this.port.onmessage = ({ data }) => this.port.postMessage(data); }
  process(inputs, [output]) {
    const kept = [];
    for (let i = 0; i < 16; ++i) kept.push({ a: i, b: [i, i], c: currentFrame });
    for (let i = 0; i < output[0].length; ++i) output[0][i] = Math.sin(++this.count * 0.01) * 0.01 + kept.length * 1e-9;
    return true;
  }
});`;

const context = new AudioContext();
await context.audioWorklet.addModule(`data:text/javascript,${encodeURIComponent(source)}`);
let answers = 0;
const nodes = Array.from({ length: 16 }, () => {
  const node = new AudioWorkletNode(context, 'garbage');
  node.connect(context.destination);
  node.port.onmessage = () => { ++answers; };
  return node;
});
const traffic = setInterval(() => { for (const node of nodes) node.port.postMessage({ at: context.currentTime, list: [1, 2, 3] }); }, 20);

const playback = (running) => unwrap(running, interfaceNamed('AudioContext')).playback();
const worst = [];
const averages = [];
const begin = performance.now();
const look = setInterval(() => {
  const now = playback(context);
  if ((performance.now() - begin) / 1000 > warmUp) { worst.push(now.costWorst * 1e3); averages.push(now.costAverage * 1e3); }
}, 500);
setTimeout(async () => {
  clearInterval(traffic);
  clearInterval(look);
  const { underruns } = playback(context);
  await context.close();
  worst.sort((a, b) => a - b);
  averages.sort((a, b) => a - b);
  const median = (list) => list[list.length >> 1];
  console.log(`16 worklets, ${seconds} s (${warmUp} s warm-up left out): average quantum ${median(averages).toFixed(3)} ms, ` +
    `longest of a second: median ${median(worst).toFixed(3)} ms, of all ${worst.at(-1).toFixed(3)} ms; ${answers} answers, ${underruns} underruns`);
}, seconds * 1000);

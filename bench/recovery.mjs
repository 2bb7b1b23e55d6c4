// How long a program is without sound when its render host is killed: from the kill to the first frame that the next host has rendered.
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';

const kUsage = `Usage: node bench/recovery.mjs [--kills N] [--no-spare]

Kills the render host of a playing program N times (default 50), each time after it has played for 11 s, and prints the median and the
worst of the milliseconds until the next host renders.
  --no-spare  no host stands by: each time one is started first`;

const { values } = parseArgs({ options: { kills: { type: 'string', default: '50' }, 'no-spare': { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } });
if (values.help) {
  console.log(kUsage);
  process.exit(0);
}
if (values['no-spare']) process.env.BACKLINE_SPARE = 'off';
const kills = Number(values.kills);
if (!Number.isInteger(kills) || kills < 1) {
  console.error(`recovery: --kills takes a number from 1, not '${values.kills}'`);
  process.exit(1);
}

const { AudioContext, AudioWorkletNode, GainNode, OscillatorNode } = await import('../lib/index.js');
const { settings } = await import('../lib/settings.js');
settings.device = 'virtual';

const kEnough = 11;   // seconds between kills: deaths in a row are answered more and more slowly
const pause = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

/** The child that has a render thread. */
function renderHost() {
  const children = readdirSync('/proc/self/task').flatMap((task) => readFileSync(`/proc/self/task/${task}/children`, 'utf8').split(' ').filter(Boolean));
  const renders = (pid) => readdirSync(`/proc/${pid}/task`).some((task) => readFileSync(`/proc/${pid}/task/${task}/comm`, 'utf8') === 'render\n');
  return Number(children.find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('backline-render') && renders(pid)));
}

const context = new AudioContext();
await context.audioWorklet.addModule(`data:text/javascript,${encodeURIComponent(`registerProcessor('pass', class extends AudioWorkletProcessor {
  process([input], [output]) { input.forEach((channel, c) => output[c].set(channel)); return true; } });`)}`);
const source = new OscillatorNode(context);
source.connect(new AudioWorkletNode(context, 'pass')).connect(new GainNode(context, { gain: 0.1 })).connect(context.destination);
source.start();
await context.resume();

const times = [];
for (let i = 0; i < kills; ++i) {
  await pause(1000 * kEnough);
  const pid = renderHost();
  const before = context.currentTime;
  const interrupted = once(context, 'statechange');
  const killed = performance.now();
  process.kill(pid, 'SIGKILL');
  await interrupted;
  if (context.state !== 'interrupted') throw new Error(`the context is ${context.state}`);
  // The host has gone: whatever is rendered from now on is another one's.
  const time = context.currentTime;
  while (context.currentTime === time) await pause(0);
  times.push(performance.now() - killed);
  if (time < before || context.currentTime < time) throw new Error('currentTime went back');
  if (context.state !== 'running') await once(context, 'statechange');
}
times.sort((a, b) => a - b);
console.log(`${kills} kills ${values['no-spare'] ? 'without' : 'with'} a spare host: median ${times[times.length >> 1].toFixed(0)} ms, worst ${times.at(-1).toFixed(0)} ms until the next host renders`);
await context.close();

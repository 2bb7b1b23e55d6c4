// What the three processes of one program cost while they have nothing to do: CPU of each, playing silence and suspended.
// node bench/idle.mjs [--seconds N]   (default 20 for each; the aim: below 1 % of a core when suspended)
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { AudioContext } from 'backline';

import { native } from '../lib/native.js';

const flag = process.argv.indexOf('--seconds');
const seconds = flag < 0 ? 20 : Number(process.argv[flag + 1]);
const kTicksASecond = 100;

/** CPU seconds that a process has used. */
function used(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
  return (Number(fields[11]) + Number(fields[12])) / kTicksASecond;
}

async function measure(title, processes) {
  await sleep(1000);
  const before = processes.map(([, pid]) => used(pid));
  const start = performance.now();
  await sleep(seconds * 1000);
  const elapsed = (performance.now() - start) / 1000;
  const shares = processes.map(([name, pid], i) => `${name} ${(100 * (used(pid) - before[i]) / elapsed).toFixed(2)} %`);
  console.log(`${title}: ${shares.join(', ')} of a core`);
}

const context = new AudioContext();
await context.resume();
const { audioPid, renderPid } = native().status();
const processes = [['program', process.pid], ['render', renderPid], ['audio', audioPid]];
await measure('running, an empty graph', processes);
await context.suspend();
await measure('suspended', processes);
await context.close();

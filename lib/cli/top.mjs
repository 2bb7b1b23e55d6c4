// backline top: what all running programs are doing.

import { setTimeout as sleep } from 'node:timers/promises';
import { loadAddon } from '../build.js';
import { Failure } from './failure.mjs';
import { numberOption } from './options.mjs';
import { Screen } from './screen.mjs';
import { summarize } from './top_report.mjs';
import { lines } from './top_text.mjs';

export const help = `Usage: backline top [--once] [--interval S] [--json]

Shows every running program of this user that has an AudioContext: its sessions, what they cost and which of their nodes and
worklets cost most, their device, ring, latency and underruns. Ctrl-C or q ends it.

  --once        show it once, instead of again and again
  --interval S  show it every S seconds (1)
  --json        as JSON, once; with --interval a line each time. Times are seconds, costs seconds a quantum, shares parts of 1
`;

export const positionals = [];
export const options = { once: { type: 'boolean' }, interval: { type: 'string' }, json: { type: 'boolean' } };

const kInterval = 1;         // seconds
const kMostInterval = 3600;

/** What there is to show. The addon finds it: no program is asked, so a blocked one is shown too. */
function read(addon) {
  return { time: new Date().toISOString(), programs: addon.programs().map(summarize) };
}

async function showLive(addon, interval) {
  const screen = new Screen(process.stdout);
  try {
    while (!screen.left) {
      const { columns, rows } = screen;
      screen.show(lines(read(addon), columns, rows));
      await screen.pause(interval * 1000);
    }
  } finally {
    screen.close();
  }
}

export async function run({ values }) {
  const interval = numberOption(values, 'interval', { most: kMostInterval, unit: 'seconds' });
  if (values.once && interval !== undefined) throw new Failure('top: --once and --interval do not go together; see backline top --help');
  let addon;
  try {
    addon = loadAddon('backline.node');
  } catch (error) {
    throw new Failure(error.message, { cause: error });
  }
  if (!values.json && !values.once && process.stdout.isTTY) return showLive(addon, interval ?? kInterval);
  const again = interval !== undefined || (!values.once && !values.json);
  process.stdout.on('error', () => process.exit(0));   // whoever read us has enough
  for (;;) {
    const report = read(addon);
    if (values.json) console.log(JSON.stringify(report, null, again ? undefined : 2));
    else console.log(lines(report, process.stdout.columns ?? 120).join('\n'));
    if (!again) return;
    await sleep((interval ?? kInterval) * 1000);
  }
}

// Whether a program that makes and drops the same again and again stays as large as it was, with its render host and its audio server.
import { setFlagsFromString } from 'node:v8';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { runInNewContext } from 'node:vm';

const kUsage = `Usage: node bench/churn.mjs [--kind KIND] [--minutes N | --rounds N] [--samples N] [--memory MB]

Makes and drops KIND (nodes, worklets, contexts, sinks, devices, hosts; default nodes) for N minutes (default 10), or N rounds without pause; takes
figures of all three processes now and then (default 30 times), and says whether they grew: from the middle third of the samples to the last one, by
more than a few descriptors, mappings or threads, or by more than MB of memory of its own (default 6). Exit status 1 if they did.
`;

const { values } = parseArgs({ options: {
  kind: { type: 'string', default: 'nodes' }, minutes: { type: 'string' }, rounds: { type: 'string' }, samples: { type: 'string', default: '30' },
  memory: { type: 'string', default: '6' },
  help: { type: 'boolean', short: 'h' },
} });
if (values.help) {
  console.log(kUsage);
  process.exit(0);
}
process.env.BACKLINE_SPARE = 'off';   // one render host, so that it is the one that is looked at
const { kinds } = await import('./churn/kinds.mjs');
const { native } = await import('../lib/native.js');
const { figuresOf, shown } = await import('./churn/figures.mjs');
const { growths, kBounds } = await import('./churn/verdict.mjs');

const number = (name, least) => {
  const value = Number(values[name]);
  if (value >= least) return value;
  console.error(`churn: --${name} takes a number from ${least}, not '${values[name]}'`);
  process.exit(1);
};
const kind = kinds[values.kind];
if (!kind) {
  console.error(`churn: there is no kind '${values.kind}'; there are: ${Object.keys(kinds).join(', ')}`);
  process.exit(1);
}
const samplesWanted = number('samples', 6);
const rounds = values.rounds === undefined ? Infinity : number('rounds', samplesWanted);
const minutes = values.minutes === undefined ? (rounds < Infinity ? Infinity : 10) : number('minutes', 0.1);

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

const sessionsNow = () => native().programs().find(({ pid }) => pid === process.pid)?.sessions ?? [];
const kLook = 60;         // milliseconds
const kMostLooks = 150;
const kFirst = 2;         // samples that tell what is always there: some threads begin when they are first needed

const plain = () => ({ nodes: sessionsNow().reduce((sum, session) => sum + session.nodes, 0), descriptors: figuresOf(process.pid).descriptors });

/** Collects until all that was let go of has gone, as far as it does: what that is may take seconds, such as the tail of a delay. */
async function settle() {
  let looks = 0;
  for (let now; looks < kMostLooks; looks++) {
    collect();
    await sleep(kLook);
    now = plain();
    if (samples.length >= kFirst && looks >= 4 && now.nodes <= least.nodes && now.descriptors <= least.descriptors + 2) break;
    if (samples.length < kFirst && looks > 20) {
      least = now;
      break;
    }
  }
  return plain().nodes;
}

const samples = [];
let least;   // of what is there while nothing is made

async function sample(elapsed, round) {
  const nodes = await settle();
  const { audioPid, renderPid } = native().status();
  const taken = {
    program: { ...figuresOf(process.pid), heap: process.memoryUsage().heapUsed, sessions: sessionsNow().length },
    'render host': { ...figuresOf(renderPid), nodes },
    'audio server': figuresOf(audioPid),
  };
  samples.push(taken);
  console.log(`${(elapsed / 60000).toFixed(1)} min, round ${round}: ${nodes} nodes, heap ${(taken.program.heap / 2 ** 20).toFixed(1)} MB`);
  if (nodes > least.nodes) console.log(`  there are still: ${sessionsNow().flatMap(({ costliest }) => costliest.map(({ type, processor }) => processor ?? type)).join(', ')}`);
  for (const [name, figures] of Object.entries(taken)) console.log(`  ${name.padEnd(12)} ${shown(figures)}`);
}

const churn = await kind.start();
console.log(`${values.kind}: ${kind.what}`);
const start = performance.now();
const done = (round) => Math.max(round / rounds, (performance.now() - start) / 60000 / minutes);
let round = 0;
for (; done(round) < 1; round++) {
  if (done(round) >= samples.length / samplesWanted) await sample(performance.now() - start, round);
  const next = performance.now() + kind.pace;
  await churn.round(round);
  if (rounds === Infinity) await sleep(Math.max(0, next - performance.now()));
  else await sleep(1);
}
while (samples.length < samplesWanted + 1) await sample(performance.now() - start, round);
await churn.close();

const grown = growths(samples, { ...kBounds, own: number('memory', 1) * 2 ** 20 });
for (const { process: name, figure, from, to } of grown) console.log(`grew: ${figure} of the ${name}, from ${from} to ${to}`);
console.log(`${round} rounds of ${values.kind}: ${grown.length ? 'NOT flat' : 'flat'}`);
process.exitCode = grown.length ? 1 : 0;

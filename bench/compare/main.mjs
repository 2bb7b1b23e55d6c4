// The same offline renderings on Backline, node-web-audio-api and Chromium, in turn within one run: medians and ratios.
import { parseArgs } from 'node:util';

import { cases } from './cases/render.mjs';
import { differenceInDecibels, peakInDecibels } from './difference.mjs';
import { EngineAbsent, kEngines, openEngine } from './engines.mjs';

const kUsage = `Usage: node bench/compare/main.mjs [--rounds N] [--case TEXT] [--engine NAME]… [--seconds N] [--check] [--json] [--list]

Renders each case in turn on ${kEngines.join(', ')} and prints the median of what building and rendering
its graph took, in ms, and how many times as long as Backline each other engine took.
  --rounds N     renderings of each case (default 5), after one that is not counted
  --case TEXT    only cases whose name has TEXT in it
  --engine NAME  only this engine; may be repeated
  --seconds N    of sound in every case, instead of the case's own
  --check        also how far the rendered samples are apart: the largest difference in dB of full scale, by pairs
  --json         one object instead of tables, with build and render apart
COMPARE_NODE in the environment is the Node that runs node-web-audio-api, whose worklets need 22 or newer.`;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' }, case: { type: 'string', default: '' }, engine: { type: 'string', multiple: true, default: kEngines },
    seconds: { type: 'string' }, check: { type: 'boolean' }, json: { type: 'boolean' }, list: { type: 'boolean' }, help: { type: 'boolean', short: 'h' },
  },
});

const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
const shown = (number, digits = number < 10 ? 2 : number < 100 ? 1 : 0) => number.toFixed(digits);
const decibels = (value) => (value === -Infinity ? 'equal' : shown(value, 0));

/** Every case on every engine, `rounds` times: case → engine → {ms, build, render} or why there is nothing. */
async function measure(engines, wanted, { rounds, seconds }) {
  const times = wanted.map(() => engines.map(() => []));
  const results = wanted.map(() => engines.map(() => ({})));
  const sounds = [];
  for (const [c, { name }] of wanted.entries()) {
    process.stderr.write(`\r\x1b[K${name}`);
    const rendered = [];
    for (const [e, engine] of engines.entries()) {
      const first = await engine.render({ name, seconds, samples: Boolean(values.check) });
      if (first.absent) results[c][e] = { nothing: `no ${first.absent}` };
      else if (first.error) results[c][e] = { nothing: 'fails', why: first.error };
      rendered.push(first.channels);
    }
    for (let round = 0; round < rounds; ++round) {
      for (const [e, engine] of engines.entries()) {
        if (results[c][e].nothing) continue;
        const taken = await engine.render({ name, seconds });
        if (taken.error) results[c][e] = { nothing: 'fails', why: taken.error };
        else times[c][e].push(taken);
      }
    }
    for (const e of engines.keys()) {
      if (results[c][e].nothing) continue;
      const build = median(times[c][e].map((taken) => taken.build)), render = median(times[c][e].map((taken) => taken.render));
      results[c][e] = { ms: median(times[c][e].map((taken) => taken.build + taken.render)), build, render };
    }
    sounds.push(values.check ? compareSounds(engines, rendered) : undefined);
  }
  process.stderr.write('\r\x1b[K');
  return wanted.map(({ name, open }, c) => ({ name, open, results: Object.fromEntries(engines.map(({ name: engine }, e) => [engine, results[c][e]])), sound: sounds[c] }));
}

/** The peak of the first engine's sound and the differences of all pairs, where both have one. */
function compareSounds(engines, rendered) {
  const sound = {};
  engines.forEach(({ name }, e) => {
    if (!rendered[e]) return;
    sound.peak ??= peakInDecibels(rendered[e]);
    for (let other = e + 1; other < engines.length; ++other)
      if (rendered[other]) sound[`${name} – ${engines[other].name}`] = differenceInDecibels(rendered[e], rendered[other]);
  });
  return sound;
}

/** Markdown, as docs/measurements.md has it. */
function table(header, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map((_, i) => (i ? '---:' : '---'))), ...rows.map(line)].join('\n');
}

function report(engines, measured) {
  const names = engines.map(({ name }) => name), [first, ...others] = names;
  const cell = ({ nothing, ms }) => nothing ?? shown(ms);
  const ratio = (one, base) => (one.nothing || base.nothing ? '' : shown(one.ms / base.ms, 2));
  console.log(engines.map(({ name, version }) => `${name} ${version}`).join(' · '));
  console.log('');
  console.log(table(['case', ...names.map((name) => `${name}, ms`), ...others.map((name) => `${name} ÷ ${first}`)],
    measured.map(({ name, results }) => [name, ...names.map((one) => cell(results[one])), ...others.map((one) => ratio(results[one], results[first]))])));
  for (const { name, results } of measured)
    for (const engine of names) if (results[engine].why) console.log(`${engine} fails at "${name}": ${results[engine].why}`);
  if (!values.check) return;
  const pairs = [...new Set(measured.flatMap(({ sound }) => Object.keys(sound)))].filter((key) => key !== 'peak');
  console.log(`\nThe largest difference, in dB of full scale:\n`);
  console.log(table(['case', 'peak', ...pairs, 'left open by the specification'],
    measured.map(({ name, sound, open }) => [name, 'peak' in sound ? shown(sound.peak, 0) : '', ...pairs.map((pair) => (pair in sound ? decibels(sound[pair]) : '')), open ?? ''])));
}

async function main() {
  if (values.help) return console.log(kUsage);
  const wanted = cases.filter(({ name }) => name.includes(values.case));
  if (values.list) return console.log(wanted.map(({ name, seconds }) => `${name} (${seconds} s)`).join('\n'));
  const unknown = values.engine.find((name) => !kEngines.includes(name));
  const rounds = Number(values.rounds), seconds = values.seconds === undefined ? undefined : Number(values.seconds);
  if (unknown) throw new Error(`no engine ${unknown}: ${kEngines.join(', ')}`);
  if (!wanted.length) throw new Error(`no case has "${values.case}" in its name; --list shows them`);
  if (!(rounds >= 1)) throw new Error('--rounds must be 1 or more');
  if (seconds !== undefined && !(seconds > 0)) throw new Error('--seconds must be above 0');
  const engines = [];
  try {
    for (const name of kEngines.filter((one) => values.engine.includes(one))) {
      try {
        engines.push(await openEngine(name));
      } catch (error) {
        if (!(error instanceof EngineAbsent)) throw error;
        console.error(`compare: left out: ${error.message}`);
      }
    }
    if (!engines.length) throw new Error('no engine is here');
    const measured = await measure(engines, wanted, { rounds, seconds });
    if (values.json) console.log(JSON.stringify({ versions: Object.fromEntries(engines.map(({ name, version }) => [name, version])), cases: measured }, null, 1));
    else report(engines, measured);
    return measured;
  } finally {
    for (const engine of engines) await engine.close();
  }
}

main().catch((error) => {
  console.error(`compare: ${error.message}`);
  process.exitCode = 1;
});

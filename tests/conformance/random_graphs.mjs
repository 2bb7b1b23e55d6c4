// Renders random offline graphs on Backline and in Chromium and tells how far they are apart. See docs/conformance.md.

import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import '../../lib/globals.js';
import { openChromium } from '../../bench/compare/chromium.mjs';
import { render } from './random/build.mjs';
import { difference } from './random/difference.mjs';
import { generate, kDefaults } from './random/generate.mjs';
import { minimise } from './random/minimise.mjs';

const kUsage = `Usage: node tests/conformance/random_graphs.mjs [options]

  --seed N        the first seed (1)
  --count N       how many seeds (100)
  --limit DB      a graph that differs by more than so far below full scale is a finding (90)
  --types A,B     only nodes of these types
  --with A,B      also what implementations may do as they like: ${Object.keys(kDefaults).filter((name) => kDefaults[name] === false).join(', ')}
  --steady        without automation
  --minimise      prints each finding as the smallest graph that still differs so
  --verbose       prints every seed

Exit status: 0 if there was no finding, 1 if there was, 2 for bad arguments.
`;

function readArguments() {
  const text = (value) => ({ type: 'string', default: value });
  const { values } = parseArgs({
    options: {
      seed: text('1'), count: text('100'), limit: text('90'), types: { type: 'string' }, with: text(''), steady: { type: 'boolean' },
      minimise: { type: 'boolean' }, verbose: { type: 'boolean' }, help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    process.stdout.write(kUsage);
    process.exit(0);
  }
  const number = (name) => {
    if (!Number.isFinite(Number(values[name]))) throw new Error(`--${name} ${values[name]} is no number`);
    return Number(values[name]);
  };
  const traits = { automation: !values.steady, types: values.types?.split(',') };
  for (const name of values.with.split(',').filter(Boolean)) {
    if (kDefaults[name] !== false) throw new Error(`--with ${name} is not known`);
    traits[name] = true;
  }
  return { seed: number('seed'), count: number('count'), limit: -number('limit'), minimise: values.minimise, verbose: values.verbose, traits };
}

const kBuild = fileURLToPath(new URL('./random/build.mjs', import.meta.url));
const channelsOf = (buffer) => Array.from({ length: buffer.numberOfChannels }, (_, channel) => buffer.getChannelData(channel));

/** The difference of the two renderings; an engine that throws alone is +∞ dB away. */
async function compare(graph, chromium) {
  const [ours, theirs] = await Promise.allSettled([render(graph), chromium.call(kBuild, 'render', graph)]);
  if (ours.reason && theirs.reason) return { dB: -Infinity, error: String(ours.reason) };
  if (ours.reason) return { dB: Infinity, error: `only Backline throws ${ours.reason}` };
  if (theirs.reason) return { dB: Infinity, error: `only Chromium throws ${theirs.reason}` };
  return difference(channelsOf(ours.value), theirs.value.channels);
}

function describe(graph, { dB, error, channel, frame, ours, theirs }) {
  const where = error ?? (frame === undefined ? 'the same' : `channel ${channel}, frame ${frame}: ${ours}, Chromium ${theirs}`);
  return `seed ${graph.seed}: ${dB.toFixed(1)} dB (${where})  ${graph.nodes.map(({ type }) => type.replace(/Node$/, '')).join(' ')}`;
}

let settings;
try {
  settings = readArguments();
} catch (error) {
  process.stderr.write(`${error.message}\n\n${kUsage}`);
  process.exit(2);
}

const chromium = await openChromium();
let findings = 0;
try {
  for (let seed = settings.seed; seed < settings.seed + settings.count; seed++) {
    const graph = generate(seed, settings.traits);
    const found = await compare(graph, chromium);
    const isFinding = !(found.dB <= settings.limit);
    findings += isFinding;
    if (isFinding || settings.verbose) console.log(describe(graph, found));
    if (!isFinding || !settings.minimise) continue;
    const small = await minimise(graph, async (next) => !((await compare(next, chromium)).dB <= settings.limit));
    console.log(`  smallest: ${describe(small, await compare(small, chromium))}\n  ${JSON.stringify(small)}`);
  }
} finally {
  await chromium.close();
}
console.log(`${findings} of ${settings.count} graphs differ by more than ${settings.limit} dB from Chromium ${chromium.version}`);
process.exit(findings ? 1 : 0);

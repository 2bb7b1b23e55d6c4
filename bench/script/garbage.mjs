// How long quanta take in which a processor makes garbage, by the flags that V8 runs with: p50, p99 and the worst of all, on a thread as a render
// host's, one quantum every 2.67 ms. The flags take turns, a stretch of a few seconds each, so that what else the machine does meets all of them.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const kUsage = `Usage: node bench/script/garbage.mjs [--seconds N] [--stretch N] [--flags "A,B C,…"]

  --seconds N   of quanta with each set of flags and each amount of garbage (default 300)
  --stretch N   after how many seconds another one has its turn (default 5)
  --flags LIST  sets of V8's flags with commas between them, the flags of one with spaces; an empty one: none`;

const kSets = ',--single-threaded-gc,--single-threaded-gc --max-semi-space-size=1,--single-threaded-gc --min-semi-space-size=16 --max-semi-space-size=16';
const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '300' }, stretch: { type: 'string', default: '5' }, flags: { type: 'string', default: kSets }, measure: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
});
if (values.help) {
  console.log(kUsage);
  process.exit(0);
}
for (const name of ['seconds', 'stretch']) {
  if (Number(values[name]) > 0) continue;
  console.error(`garbage: --${name} takes a number above 0, not '${values[name]}'`);
  process.exit(1);
}
const kKilobytes = [1, 20];
const kQuantaASecond = 375;

/** In a process of its own, with its flags: seconds of each quantum, after one second that is not counted. */
async function measure(kilobytes, quanta) {
  const { Session } = await import('../../tests/js/script/driver.mjs');
  const session = new Session();
  // Objects of 24 bytes and more, as code that is written without care makes them; some live for a few quanta.
  session.load(`registerProcessor('garbage', class extends AudioWorkletProcessor {
    live = new Map(); count = 0;
    process(inputs, outputs) {
      let last = null;
      for (let i = 0; i < ${kilobytes} * 26; ++i) last = { next: i % 8 ? last : null, value: i, frame: currentFrame };
      this.live.set(++this.count % 64, last);
      const output = outputs[0][0];
      for (let i = 0; i < output.length; ++i) output[i] = last.value * 1e-6;
      return true;
    }
  });`);
  const node = session.create('garbage');
  session.pace([node], kQuantaASecond);
  return [...session.pace([node], quanta)];
}

function percentile(sorted, part) { return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]; }

if (values.measure) {
  console.log(JSON.stringify(await measure(Number(values.measure), Number(values.stretch) * kQuantaASecond)));
} else {
  const sets = values.flags.split(',').map((set) => set.split(' ').filter(Boolean));
  const stretch = Number(values.stretch);
  const rounds = Math.max(1, Math.round(Number(values.seconds) / stretch));
  const all = sets.map(() => kKilobytes.map(() => []));
  for (let round = 0; round < rounds; ++round) {
    for (const [s, flags] of sets.entries()) {
      for (const [k, kilobytes] of kKilobytes.entries()) {
        const text = execFileSync(process.execPath, [...flags, fileURLToPath(import.meta.url), '--measure', String(kilobytes), '--stretch', String(stretch)], { encoding: 'utf8', maxBuffer: 1 << 28 });
        all[s][k].push(...JSON.parse(text));
      }
    }
  }
  const microseconds = (seconds) => (seconds * 1e6).toFixed(seconds < 1e-4 ? 1 : 0);
  console.log(`${rounds * stretch} s of each; µs a quantum\n\n| flags | garbage a quantum | p50 | p99 | p99.9 | worst |\n|---|---:|---:|---:|---:|---:|`);
  for (const [s, flags] of sets.entries()) {
    for (const [k, kilobytes] of kKilobytes.entries()) {
      const sorted = Float64Array.from(all[s][k]).sort();
      const cells = [percentile(sorted, 0.5), percentile(sorted, 0.99), percentile(sorted, 0.999), sorted.at(-1)].map(microseconds);
      console.log(`| ${flags.length ? `\`${flags.join(' ')}\`` : 'none'} | ${kilobytes} KB | ${cells.join(' | ')} |`);
    }
  }
}

// Runs web-platform-tests' webaudio folder against this checkout. See docs/conformance.md.

import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { findTests, pageOf } from './discover.mjs';
import { runPage } from './page_process.mjs';
import { describeFolders, describePage } from './report.mjs';
import { compareWithList, describeWhole, readList, updateList } from './results.mjs';
import { serve } from './server.mjs';
import { tally, total } from './tally.mjs';

const kUsage = `Usage: node tests/conformance/run.mjs --wpt DIR [FILTER…] [options]

Runs the tests below DIR/webaudio whose path contains a FILTER.
  --wpt DIR           a checkout of web-platform-tests; its folders webaudio and resources are enough
  --list-failures     also tell which subtests failed, and why
  --json FILE         also write all results there
  --jobs N            pages at a time (1)
  --timeout-factor N  how much longer than in a browser a test may take (3)
  --device NAME       what AudioContexts play on: virtual, stepped or a device (virtual)
  --update            write what the pages came to into results.json; without it they are compared with that list

Exit status: 0 if nothing failed but for what is not implemented yet and what known.json explains, and nothing came to less than in
the list, otherwise 1; 2 for bad arguments.
`;

function readArguments() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      wpt: { type: 'string' }, json: { type: 'string' }, jobs: { type: 'string', default: '1' },
      'timeout-factor': { type: 'string', default: '3' }, device: { type: 'string', default: 'virtual' },
      'list-failures': { type: 'boolean', default: false }, update: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(kUsage);
    process.exit(0);
  }
  const settings = {
    tree: resolve(values.wpt ?? ''), filters: positionals, json: values.json, listFailures: values['list-failures'],
    jobs: Number(values.jobs), timeoutMultiplier: Number(values['timeout-factor']), device: values.device, update: values.update,
  };
  if (values.wpt === undefined) throw new Error('--wpt DIR is missing');
  for (const folder of ['webaudio', 'resources']) {
    if (!statSync(join(settings.tree, folder), { throwIfNoEntry: false })) throw new Error(`${values.wpt} has no folder ${folder}`);
  }
  if (!(settings.jobs >= 1)) throw new Error(`--jobs ${values.jobs} is no count`);
  if (!(settings.timeoutMultiplier > 0)) throw new Error(`--timeout-factor ${values['timeout-factor']} is no factor`);
  return settings;
}

/** Runs the tests, some at a time; calls done(index, page) as each ends. */
async function runAll(tests, { origin, scratch, jobs, timeoutMultiplier, device }, done) {
  let next = 0;
  const work = async (job) => {
    while (next < tests.length) {
      const index = next++;
      const { path, isLong } = tests[index];
      const results = join(scratch, `${job}.jsonl`);
      const found = await runPage(`${origin}/${pageOf(path)}`, { isLong, timeoutMultiplier, results, device });
      done(index, { path, tally: tally(path, found), ...found });
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs, tests.length) }, (_, job) => work(job)));
}

let settings;
try {
  settings = readArguments();
} catch (error) {
  process.stderr.write(`${error.message}\n\n${kUsage}`);
  process.exit(2);
}

const tests = findTests(settings.tree, settings.filters);
if (!tests.length) {
  process.stderr.write(`no test below ${settings.tree}/webaudio has ${settings.filters.join(' or ')} in its path\n`);
  process.exit(2);
}
const server = await serve(settings.tree);
const scratch = mkdtempSync(join(tmpdir(), 'backline-conformance-'));
const pages = [];
let told = 0;
try {
  await runAll(tests, { ...settings, origin: server.origin, scratch }, (index, page) => {
    pages[index] = page;
    for (; pages[told]; told++) console.log(describePage(pages[told], settings.listFailures));
  });
} finally {
  server.close();
  rmSync(scratch, { recursive: true });
}
const sum = total(pages.map((page) => page.tally));
if (settings.json) writeFileSync(settings.json, `${JSON.stringify({ total: sum, pages }, null, 1)}\n`);
const bad = sum.failed + sum.timedOut;
console.log(`\n${describeFolders(pages)}\n\n${sum.passed} passed, ${bad} failed` +
  `${sum.timedOut ? ` (${sum.timedOut} of them timed out)` : ''}${sum.known ? `, ${sum.known} known` : ''}${sum.needed ? `, ${sum.needed} need what is not implemented yet` : ''}`);
console.log(describeWhole(pages));
if (settings.update) updateList(pages);
const { regressed, news } = compareWithList(pages, readList() ?? new Map());
for (const [title, lines] of [['less than in results.json:', regressed], ['news:', news]]) if (lines.length) console.log(`\n${title}\n${lines.join('\n')}`);
process.exitCode = bad || regressed.length ? 1 : 0;

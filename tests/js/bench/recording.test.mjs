// bench/recording in short: a recording beside busy cores, a worklet that makes garbage and a blocked main thread.
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { differences, judge } from '../../../bench/recording/counter.mjs';

const main = fileURLToPath(new URL('../../../bench/recording.mjs', import.meta.url));
const run = (...args) => promisify(execFile)(process.execPath, [main, ...args]).catch((error) => error);

test('what is missing, twice, silent or faded in a counter is told', () => {
  assert.deepEqual(judge([0, 0, 5, 6, 7, 8, 0]), { frames: 4, first: 5, last: 8, missing: 0, twice: 0, silent: 0, strange: 0 });
  assert.deepEqual(judge([1, 2, 5, 5, 6, 0, 0, 7, 7.5, 8]), { frames: 10, first: 1, last: 8, missing: 2, twice: 1, silent: 2, strange: 1 });
  assert.deepEqual(differences([0, 3, 4, 9], [1, 2, 3, 4, 5, 6]), { compared: 3, different: 1 });
  assert.deepEqual(differences([0, 0], [1, 2]), { compared: 0, different: 2 });
});

test('a recording loses and doubles no frame of what its device got, whatever goes on beside it', async () => {
  const { stdout, stderr, code } = await run('--seconds', '5');
  assert.match(stdout, /^compared with what the device got: 0 of \d+ frames differ$/m, stderr);
  assert.match(stdout, /^nothing was lost$/m, stdout);
  assert.equal(code, undefined);
});

test('the same through JACK, whose own xruns are told apart', { skip: spawnSync('jackd', ['--version']).error !== undefined }, async () => {
  const { stdout, stderr, code } = await run('--seconds', '3', '--jack');
  assert.match(stdout, /^JACK tells of \d+ xruns$/m, stderr);
  assert.match(stdout, /^nothing was lost$/m, stdout);
  assert.equal(code, undefined);
});

test('what it is asked for and cannot do is said', async () => {
  const { code, stderr } = await run('--seconds', '1000');
  assert.equal(code, 1);
  assert.match(stderr, /--seconds takes a number above 0 and at most 170, not '1000'/);
});

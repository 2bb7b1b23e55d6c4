// bench/recording in short: a recording beside busy cores, a worklet that makes garbage and a blocked main thread.
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { differences, judge, withoutGaps } from '../../../bench/recording/counter.mjs';

const main = fileURLToPath(new URL('../../../bench/recording.mjs', import.meta.url));
const run = (...args) => promisify(execFile)(process.execPath, [main, ...args]).catch((error) => error);

const run64 = (first) => Array.from({ length: 64 }, (_, i) => first + i);

test('what is missing, twice and disturbed in a counter is told', () => {
  for (const first of [1, 5]) {
    assert.deepEqual(judge([0, 0, ...run64(first), 0]), { frames: 64, first, last: first + 63, missing: 0, twice: 0, disturbed: 0 });
  }
  assert.deepEqual(judge([...run64(1), ...run64(68), ...run64(130)]), { frames: 192, first: 1, last: 193, missing: 3, twice: 2, disturbed: 0 });
  assert.deepEqual(judge([...run64(1), 60.5, 30, 0, 0, 33, 66.5, ...run64(71)]), { frames: 134, first: 1, last: 134, missing: 0, twice: 0, disturbed: 6 });
  assert.deepEqual(judge([0, 0]), { frames: 0, first: 0, last: 0, missing: 0, twice: 0, disturbed: 0 });
  assert.deepEqual([...withoutGaps(Float64Array.of(1, 2, 0, 0, 3, 0, 4), [{ frame: 2, frames: 2 }, { frame: 5, frames: 1 }])], [1, 2, 3, 4]);
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
  assert.match(stdout, /^JACK tells of \d+ xruns/m, stderr);
  assert.match(stdout, /^nothing was lost/m, stdout);
  assert.equal(code, undefined);
});

test('what it is asked for and cannot do is said', async () => {
  const { code, stderr } = await run('--seconds', '1000');
  assert.equal(code, 1);
  assert.match(stderr, /--seconds takes a number above 0 and at most 170, not '1000'/);
});

// bench/long_play.mjs, short: it plays to the end, and memory stays where it is.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { test } from 'node:test';

const bench = fileURLToPath(new URL('../../../bench/long_play.mjs', import.meta.url));

test('a file of a minute is played sixteen times as fast, to its end, in memory that does not grow', async () => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [bench, '--minutes', '1'], { env: { ...process.env, BACKLINE_DEVICE: 'virtual' }, timeout: 120000 });
  assert.equal(stderr, '');
  const [, minutes] = stdout.match(/^([\d.]+) minutes played/) ?? assert.fail(stdout);
  assert.equal(minutes, '1.0');
  for (const name of ['program', 'render host', 'decoder']) {
    const [, low, high] = stdout.match(new RegExp(`${name} ([\\d.]+) to ([\\d.]+),`)) ?? assert.fail(stdout);
    assert.ok(high - low < 20, stdout);   // a minute of floats is 23 MB
  }
});

// bench/recovery: a killed render host is measured.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const main = fileURLToPath(new URL('../../../bench/recovery.mjs', import.meta.url));
const recovery = (...args) => promisify(execFile)(process.execPath, [main, ...args]);

test('a kill is measured, and what is no number is refused', async () => {
  assert.match((await recovery('--kills', '1')).stdout, /^1 kills with a spare host: median \d+ ms, worst \d+ ms/);
  await assert.rejects(recovery('--kills', 'x'), { code: 1, stderr: /--kills takes a number from 1, not 'x'/ });
});

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from './driver.mjs';

test('the benchmark of process() calls runs and reports every case', () => {
  const bench = fileURLToPath(new URL('../../../bench/script/process_call.mjs', import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [bench, '500'], { env: { ...process.env, BACKLINE_BUILD: build }, encoding: 'utf8', timeout: 60000 });
  assert.equal(status, 0, stderr);
  assert.equal(stdout.trim().split('\n').filter((line) => /\d+ ns a call/.test(line)).length, 4);
});

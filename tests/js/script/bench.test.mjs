import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from './driver.mjs';

const bench = (name) => fileURLToPath(new URL(`../../../bench/script/${name}.mjs`, import.meta.url));
const run = (name, argument) => spawnSync(process.execPath, [bench(name), argument], { env: { ...process.env, BACKLINE_BUILD: build }, encoding: 'utf8', timeout: 60000 });

test('the benchmark of module loading runs and reports', () => {
  const { status, stdout, stderr } = run('module_load', '64');
  assert.equal(status, 0, stderr);
  assert.match(stdout, /a module of 64 KB: added in \d+\.\d ms, longest quantum meanwhile \d+\.\d+ ms/);
});

test('the benchmark of process() calls runs and reports every case', () => {
  const { status, stdout, stderr } = run('process_call', '500');
  assert.equal(status, 0, stderr);
  assert.equal(stdout.trim().split('\n').filter((line) => /\d+ ns a call/.test(line)).length, 4);
});

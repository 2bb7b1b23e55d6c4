// bench/ports: round trips of messages are measured.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const main = fileURLToPath(new URL('../../../bench/ports.mjs', import.meta.url));
const ports = (...args) => promisify(execFile)(process.execPath, [main, ...args]);

test('both ways are measured in both states, and what is no number is refused', async () => {
  const lines = (await ports('--messages', '20')).stdout.trim().split('\n');
  const ways = ['transferred port', 'by way of the main thread'];
  const expected = ['suspended', 'running'].flatMap((state) => ways.map((way) => `${state}, ${way}`));
  assert.deepEqual(lines.map((line) => line.replace(/: p50 \d+ µs, p99 \d+ µs$/, '')), expected);
  await assert.rejects(ports('--messages', '0'), { code: 1, stderr: /--messages takes a number from 1, not '0'/ });
});

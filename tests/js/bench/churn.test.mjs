// bench/churn in short: what is made and dropped is gone in all three processes. Memory has a generous bound here; the long form is told in docs/resilience.md.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { growths } from '../../../bench/churn/verdict.mjs';
import { hasPulse } from '../support/pulse.mjs';

const main = fileURLToPath(new URL('../../../bench/churn.mjs', import.meta.url));
const churn = (...args) => promisify(execFile)(process.execPath, [main, ...args]);

/** Nine samples of one process and one figure. */
const samples = (figure, values) => values.map((value) => ({ program: { [figure]: value } }));

test('what grows is told, warm-up and outliers are not', () => {
  const megabyte = 2 ** 20;
  assert.deepEqual(growths(samples('own', [1, 30, 40, 40, 41, 40, 41, 90, 40].map((n) => n * megabyte))), []);
  assert.deepEqual(growths(samples('own', [10, 20, 30, 40, 50, 60, 70, 80, 90].map((n) => n * megabyte))),
    [{ process: 'program', figure: 'own', from: 50 * megabyte, to: 80 * megabyte }]);
  assert.deepEqual(growths(samples('descriptors', [20, 20, 20, 24, 22, 23, 26, 25, 24])), []);
  assert.equal(growths(samples('descriptors', [20, 20, 20, 24, 26, 28, 30, 32, 34])).length, 1);
  assert.equal(growths(samples('nodes', [2, 9, 15, 22, 29, 36, 43, 50, 57])).length, 1);
  assert.throws(() => growths(samples('own', [1, 2, 3, 4, 5])), /too few/);
});

test('nodes, worklets, contexts, outputs and devices that are made and dropped leave nothing behind', async (t) => {
  const kinds = { nodes: 100, worklets: 50, contexts: 25, sinks: 40, ...(hasPulse ? { devices: 12 } : {}) };
  await Promise.all(Object.entries(kinds).map(([kind, rounds]) => t.test(kind, async () => {
    const { stdout } = await churn('--kind', kind, '--rounds', String(rounds), '--samples', '6', '--memory', '64').catch((error) => error);
    assert.match(stdout, new RegExp(`^${rounds} rounds of ${kind}: flat$`, 'm'), stdout);
  })));
});

test('what it is asked for and does not know is said', async () => {
  await assert.rejects(churn('--kind', 'cats'), { code: 1, stderr: /there is no kind 'cats'; there are: nodes, / });
  await assert.rejects(churn('--samples', '2'), { code: 1, stderr: /--samples takes a number from 6, not '2'/ });
});

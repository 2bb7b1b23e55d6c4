// The real-time rule in the live processes: the guard preloaded into program, render host and audio server.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { backline, firstSound, root } from '../cli/support.mjs';

const build = process.env.BACKLINE_BUILD ?? join(root, 'build/release');
const guard = join(build, 'tests/support/librealtime_guard.so');

test('while a program with a worklet plays, nothing on the render thread or in the device callback allocates, locks or blocks', async () => {
  assert.ok(existsSync(guard), `${guard} is missing: the C++ tests are not built`);
  const { status, stdout, stderr } = await backline(['play', firstSound, '--seconds', '2', '--device', 'virtual'], {
    env: { LD_PRELOAD: guard, BACKLINE_REALTIME_GUARD: 'abort' },   // an offender ends, and with it the program, with status 1
  });
  assert.equal(status, 0, stderr);
  assert.match(stdout, /played/);
});

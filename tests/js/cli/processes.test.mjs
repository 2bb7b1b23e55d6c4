import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { allGone, firstSound, lives, pidsOf, start } from './support.mjs';

const virtual = { env: { BACKLINE_DEVICE: 'virtual' } };
const sharedMemory = () => readdirSync('/dev/shm').filter((name) => name.startsWith('backline'));

for (const victim of ['render', 'audio']) {
  test(`a killed ${victim} helper is replaced: the program plays to its end and leaves nothing`, async () => {
    const playing = start(['play', firstSound, '--seconds', '3'], virtual);
    const pids = await pidsOf(playing);
    process.kill(pids[victim], 'SIGKILL');
    const { status, stderr } = await playing.ended;
    assert.equal(status, 0, stderr);
    await allGone([pids.render, pids.audio]);
    assert.deepEqual(sharedMemory(), []);
  });
}

for (const signal of ['SIGKILL', 'SIGTERM']) {
  test(`a program ended by ${signal} leaves neither process nor shared memory`, async () => {
    const playing = start(['play', firstSound], virtual);
    const pids = await pidsOf(playing);
    assert.equal(pids.program, playing.child.pid);
    playing.child.kill(signal);
    await playing.ended;
    await allGone([pids.render, pids.audio]);
    assert.deepEqual(sharedMemory(), []);
  });
}

test('a second Ctrl-C ends a program at once', async () => {
  const playing = start(['play', firstSound], virtual);
  const { render, audio } = await pidsOf(playing);
  process.kill(audio, 'SIGSTOP');  // so that closing in order takes its time
  playing.child.kill('SIGINT');
  await new Promise((resolve) => setTimeout(resolve, 100));
  playing.child.kill('SIGINT');
  const { status } = await playing.ended;
  assert.equal(status, 130);
  if (lives(audio)) process.kill(audio, 'SIGCONT');
  await allGone([render, audio]);
});

test("what the helpers write to standard error comes out of the program's", async () => {
  // The dynamic linker, asked to, writes a process's statistics when it begins and when it ends.
  const playing = start(['play', firstSound, '--seconds', '0.2'], { env: { BACKLINE_DEVICE: 'virtual', LD_DEBUG: 'statistics' } });
  const pids = await pidsOf(playing);
  const { status, stderr } = await playing.ended;
  assert.equal(status, 0, stderr);
  for (const name of ['render', 'audio']) {
    assert.match(stderr, new RegExp(`^ *${pids[name]}:.*number of relocations`, 'm'), `${name} helper, process ${pids[name]}`);
  }
});

// decodeAudioData away from the program: many at once, processes that are killed, helpers that are not there, programs that end meanwhile.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';

import { OfflineAudioContext } from '../../../lib/index.js';
import { patience } from '../support/pulse.mjs';
import { numbered, wavBytes } from '../support/sounds.mjs';

const index = fileURLToPath(new URL('../../../lib/index.js', import.meta.url));
const bufferOf = (bytes) => Uint8Array.from(bytes).buffer;
const contextAt = (sampleRate) => new OfflineAudioContext({ length: 1, sampleRate });

/// Threads and processes end while one looks.
function ifThere(look, otherwise) {
  try {
    return look();
  } catch {
    return otherwise;
  }
}
const textOf = (path) => ifThere(() => readFileSync(path, 'utf8'), '');
const childrenOf = (pid) => ifThere(() => readdirSync(`/proc/${pid}/task`), [])
  .flatMap((thread) => textOf(`/proc/${pid}/task/${thread}/children`).split(' ').filter(Boolean).map(Number));
const nameOf = (pid) => textOf(`/proc/${pid}/cmdline`).split('\0')[0];
const decodingFor = (pid) => childrenOf(pid).filter((child) => textOf(`/proc/${child}/comm`) === 'decoding\n');
const helperOf = (pid) => childrenOf(pid).find((child) => nameOf(child) === 'backline-decode');

/// Seconds of sound that take a while, because the context wants another rate.
const longFile = () => bufferOf(wavBytes(3_000_000, { sampleRate: 8000, samples: numbered }));

test('a hundred files are decoded at once, each to its own samples', async () => {
  const context = contextAt(48000);
  const buffers = await Promise.all(Array.from({ length: 100 }, (_, i) => context.decodeAudioData(bufferOf(wavBytes(1000 + i, { samples: (frame) => numbered(frame, i) })))));
  for (const [i, buffer] of buffers.entries()) {
    assert.equal(buffer.length, 1000 + i);
    assert.equal(buffer.getChannelData(0)[999], numbered(999, i));
  }
});

/// A helper of this program's, and a long file that it decodes.
async function decodingLong(context) {
  await context.decodeAudioData(bufferOf(wavBytes(10)));
  const helper = helperOf(process.pid);
  const long = context.decodeAudioData(longFile());
  long.catch(() => {});
  await patience(() => decodingFor(helper).length > 0, 'nothing decodes');
  return { helper, long };
}

test('files are read while as many are decoded as can be at once', async () => {
  const context = contextAt(48000);
  await context.decodeAudioData(bufferOf(wavBytes(10)));
  const helper = helperOf(process.pid);
  const files = [1, 2, 3, 4].map(longFile);
  const all = files.map((file) => context.decodeAudioData(file));
  const stopped = new Set();
  await patience(() => {
    for (const pid of decodingFor(helper)) {
      process.kill(pid, 'SIGSTOP');
      stopped.add(pid);
    }
    return stopped.size === all.length;
  }, 'not all four are decoded');
  assert.match(await readFile(fileURLToPath(import.meta.url), 'utf8'), /files are read while/);
  for (const pid of stopped) process.kill(pid, 'SIGCONT');
  for (const buffer of await Promise.all(all)) assert.equal(buffer.length, 18_000_000);
});

test('a process that is killed while it decodes rejects that promise and no other', async () => {
  const context = contextAt(48000);
  const { helper, long } = await decodingLong(context);
  const [victim] = decodingFor(helper);
  const short = context.decodeAudioData(bufferOf(wavBytes(100)));
  process.kill(victim, 'SIGSEGV');
  await assert.rejects(long, { name: 'EncodingError', message: /ended by signal 11 \(Segmentation fault\)/ });
  assert.equal((await short).length, 100);
});

test('a helper that is killed rejects what it decodes; the next file starts another', async () => {
  const context = contextAt(48000);
  const { helper, long } = await decodingLong(context);
  process.kill(helper, 'SIGKILL');
  await assert.rejects(long, { name: 'EncodingError', message: /backline-decode/ });
  assert.equal((await context.decodeAudioData(bufferOf(wavBytes(100)))).length, 100);
  assert.notEqual(helperOf(process.pid), helper);
});

test('a worker decodes with a helper of its own, which ends with it', async () => {
  const worker = new Worker(`
    import { parentPort } from 'node:worker_threads';
    import { OfflineAudioContext } from ${JSON.stringify(index)};
    parentPort.once('message', async (data) => {
      parentPort.postMessage((await new OfflineAudioContext({ length: 1, sampleRate: 48000 }).decodeAudioData(data)).length);
      parentPort.once('message', () => {});
    });`, { eval: true, execArgv: ['--input-type=module'] });
  const answer = new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  const before = childrenOf(process.pid);
  worker.postMessage(bufferOf(wavBytes(123)));
  assert.equal(await answer, 123);
  const own = childrenOf(process.pid).filter((pid) => !before.includes(pid) && nameOf(pid) === 'backline-decode');
  assert.equal(own.length, 1);
  await worker.terminate();
  await patience(() => !childrenOf(process.pid).includes(own[0]), 'its helper is still there');
});

/// What a program that runs `source` prints, and how it ends.
function run(source, env = {}) {
  const program = `import { OfflineAudioContext } from ${JSON.stringify(index)};
    import { wavBytes } from ${JSON.stringify(fileURLToPath(new URL('../support/sounds.mjs', import.meta.url)))};
    const context = new OfflineAudioContext({ length: 1, sampleRate: 48000 });
    const file = (frames) => Uint8Array.from(wavBytes(frames, { sampleRate: 8000 })).buffer;
    ${source}`;
  return spawnSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8', env: { ...process.env, ...env }, timeout: 60000 });
}

test('a program ends when it has decoded, though its helper waits for more', () => {
  const { status, stdout, stderr } = run('console.log((await context.decodeAudioData(file(100))).length);');
  assert.equal(stderr, '');
  assert.equal(stdout, '600\n');
  assert.equal(status, 0);
});

test('a program may exit while it decodes', () => {
  const { status, stderr } = run('context.decodeAudioData(file(3_000_000)); setTimeout(() => process.exit(7), 50);');
  assert.equal(stderr, '');
  assert.equal(status, 7);
});

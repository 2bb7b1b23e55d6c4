// backline record: what it writes, how it ends, what it says. Inputs are the virtual one, which is silent here, and a PulseAudio server's of the test's own.
import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

import { durationOption } from '../../../lib/cli/options.mjs';
import { clock, recordText, sizeText } from '../../../lib/cli/record_line.mjs';
import { backline, root, start, temporaryDirectory, until } from './support.mjs';

const kFormats = ['wav', 'flac', 'ogg', 'opus'];
const has = (command) => spawnSync('which', [command]).status === 0;
const virtual = ['--device', 'virtual'];
const record = (...args) => backline(['record', ...args]);
const recorded = (output) => Number(/: (\d+) frames/.exec(output)?.[1]);

/** What ffprobe finds wrong with a file. */
const faults = async (path) => (await promisify(execFile)('ffprobe', ['-v', 'error', '-i', path])).stderr;
const durationOf = (path) => Number(execFileSync('ffprobe', ['-v', 'error', '-show_entries', 'format=duration', '-of', 'csv=p=0', path], { encoding: 'utf8' }));

/** Everything that reads sound files reads this one, and finds so many frames. */
async function readByAll(t, path, frames) {
  if (has('ffprobe')) {
    assert.equal(await faults(path), '', path);
    assert.ok(Math.abs(durationOf(path) * 48000 - frames) < 1000, `${path}: ${durationOf(path)} s, not ${frames} frames`);
  }
  if (has('sndfile-info')) assert.match(execFileSync('sndfile-info', [path], { encoding: 'utf8' }), new RegExp(`Frames +: ${frames}\\b`), path);
  // Debian's sox knows no Opus.
  if (has('sox') && !path.endsWith('.opus')) assert.equal(execFileSync('sox', ['--i', '-r', path], { encoding: 'utf8' }).trim(), '48000', path);
  t.diagnostic(`${path.split('/').at(-1)}: ${statSync(path).size} bytes`);
}

for (const format of kFormats) {
  test(`record writes exactly the seconds that it is told, as ${format}`, async (t) => {
    const path = join(temporaryDirectory(t), `take.${format}`);
    const { status, stdout, stderr } = await record('-o', path, ...virtual, '--seconds', '1.5');
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^recording What 'virtual' plays \(virtual\), 2 channels at 48000 Hz, into .*take\.\w+; Ctrl-C stops$/m);
    assert.match(stdout, /take\.\w+: 72000 frames, 0:01\.5, .*; \d+ gaps?.*; peak -inf, -inf dB$/m);
    await readByAll(t, path, 72000);
  });

  test(`a recording as ${format} that is killed leaves a file that opens and lacks no second`, { skip: !has('ffprobe') }, async (t) => {
    const path = join(temporaryDirectory(t), `take.${format}`);
    const { child, output, ended } = start(['record', '-o', path, ...virtual, '--format', format]);
    await until('the recording', () => /^recording /m.test(output()));
    const begin = performance.now();
    await until('three seconds', () => performance.now() - begin > 3000);
    child.kill('SIGKILL');
    await ended;
    assert.equal(await faults(path), '');
    assert.ok(durationOf(path) > 2, `${durationOf(path)} s of three`);
    const { status, stdout } = await backline(['repair', path]);
    assert.equal(status, 0);
    assert.match(stdout, /mended|is whole/);
    assert.match((await backline(['repair', path])).stdout, /is whole, nothing was done/);
  });
}

for (const [signal, wanted] of [['SIGINT', 0], ['SIGTERM', 143], ['SIGHUP', 129]]) {
  test(`${signal} finishes the file`, async (t) => {
    const path = join(temporaryDirectory(t), 'take.flac');
    const { child, output, ended } = start(['record', '-o', path, ...virtual]);
    await until('the file that grows', () => existsSync(path) && statSync(path).size > 35000 && output());
    child.kill(signal);
    const { status, stdout, stderr } = await ended;
    assert.equal(status, wanted, stderr);
    await readByAll(t, path, recorded(stdout));
  });
}

test('--split begins another file every so often, to the frame', async (t) => {
  const directory = temporaryDirectory(t);
  const { status, stdout, stderr } = await record('-o', join(directory, 'take.wav'), ...virtual, '--split', '2s', '--seconds', '5', '--channels', '3');
  assert.equal(status, 0, stderr);
  assert.match(stdout, /take-001\.wav … take-003\.wav \(3 files\): 240000 frames, 0:05\.0/);
  assert.deepEqual(readdirSync(directory).sort(), ['take-001.wav', 'take-002.wav', 'take-003.wav']);
  for (const [name, frames] of [['take-001.wav', 96000], ['take-002.wav', 96000], ['take-003.wav', 48000]]) await readByAll(t, join(directory, name), frames);
});

test('a file that is there stays, unless --force says otherwise; where no name is given it is the date', async (t) => {
  const directory = temporaryDirectory(t);
  const path = join(directory, 'take.wav');
  writeFileSync(path, 'before');
  const refused = await record('-o', path, ...virtual, '--seconds', '0.1');
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /take\.wav is there already; --force replaces it/);
  assert.equal(readFileSync(path, 'utf8'), 'before');
  assert.equal((await record('-o', path, ...virtual, '--seconds', '0.1', '--force')).status, 0);
  assert.equal(statSync(path).size, 32768 + 4800 * 8);
  const { status, stderr } = await backline(['record', ...virtual, '--seconds', '0.1', '--format', 'ogg'], { cwd: directory });
  assert.equal(status, 0, stderr);
  assert.match(readdirSync(directory).find((name) => name !== 'take.wav'), /^\d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d\.ogg$/);
});

test('what cannot be recorded is said, with what to do', async (t) => {
  const directory = temporaryDirectory(t);
  const take = join(directory, 'take.wav');
  const errorOf = async (args, env = {}) => {
    const { status, signal, stderr } = await backline(['record', ...args], { env });
    assert.deepEqual([status, signal], [1, null], stderr);
    assert.match(stderr, /^backline: /);
    assert.doesNotMatch(stderr, /node:internal/);
    return stderr;
  };
  const none = { JACK_DEFAULT_SERVER: 'backline-test-none', PULSE_SERVER: 'unix:/nowhere', XDG_RUNTIME_DIR: directory, BACKLINE_INPUT: '' };
  assert.match(await errorOf(['-o', take], none), /there is no microphone; "backline devices" lists what there is, and --device virtual, which is silent, needs no hardware/);
  assert.match(await errorOf(['-o', take, ...virtual], { BACKLINE_CAPTURE: 'off' }), /BACKLINE_CAPTURE forbids programs to record; unset it/);
  assert.match(await errorOf(['-o', take, '--device', 'kazoo'], none), /there is no input "kazoo"; there are: .*virtual/);
  assert.match(await errorOf(['-o', join(directory, 'take.mp3'), ...virtual]), /there is no sound format "mp3"; --format takes wav, flac, ogg, opus/);
  assert.match(await errorOf(['-o', take, ...virtual, '--format', 'aiff']), /there is no sound format "aiff"/);
  assert.match(await errorOf(['-o', join(directory, 'no/take.wav'), ...virtual]), /cannot write .*: there is no directory .*no$/m);
  mkdirSync(join(directory, 'folder.wav'));
  assert.match(await errorOf(['-o', join(directory, 'folder.wav'), ...virtual, '--force']), /folder\.wav: it is a directory/);
  assert.match(await errorOf(['-o', '/proc/take.wav', ...virtual]), /cannot write \/proc\/take\.wav: No such file/);
  assert.match(await errorOf(['-o', join(directory, 'a.flac'), ...virtual, '--channels', '9']), /flac takes 1 … 8 channels .*, not 9 at 48000 Hz; .*wav takes every rate/);
  for (const channels of ['0', '2.5', '33', 'many']) assert.match(await errorOf(['-o', take, ...virtual, '--channels', channels]), /--channels must be a whole number/);
  for (const split of ['0', 'soon', '-1s', '']) assert.match(await errorOf(['-o', take, ...virtual, `--split=${split}`]), /--split must be a time above 0/);
  assert.deepEqual(readdirSync(directory).filter((name) => name.startsWith('take') || name.startsWith('a.')), []);
  if (process.getuid() !== 0) {
    chmodSync(directory, 0o500);
    assert.match(await errorOf(['-o', take, ...virtual]), /cannot write .*: Permission denied/);
  }
});

test('repair says what it cannot mend', async (t) => {
  const directory = temporaryDirectory(t);
  const path = join(directory, 'song.mp3');
  writeFileSync(path, 'ID3 and so on and on');
  const { status, stderr } = await backline(['repair', path]);
  assert.equal(status, 1);
  assert.match(stderr, /cannot mend .*song\.mp3: it is no WAV, RF64, FLAC or Ogg file/);
  assert.match((await backline(['repair', join(directory, 'none.wav')])).stderr, /cannot mend .*none\.wav: No such file/);
  assert.deepEqual(readdirSync(directory), ['song.mp3']);
});

test('times and sizes are written for people, and read from them', () => {
  assert.deepEqual(['90', '90s', '15m', '1h', '1h30m', '0.5s'].map((text) => durationOption({ split: text }, 'split')), [90, 90, 900, 3600, 5400, 0.5]);
  assert.deepEqual([0, 75.26, 3675, Infinity].map(clock), ['0:00.0', '1:15.2', '1:01:15.0', '∞']);
  assert.deepEqual([0, 999, 1500, 4.2e9].map(sizeText), ['0 bytes', '999 bytes', '1.5 kB', '4.2 GB']);
  const text = recordText({ paused: false, seconds: 61, bytes: 23.4e6, gaps: 1, left: 7200, levels: [0.5, 1] });
  assert.equal(text, '● 1:01.0 · ████████░  -6.0  █████████   0.0!dB · 23.4 MB · disk for 2:00:00 · 1 gap');
});

/** The command in a terminal of its own, made by script(1). keys(text): types. screen(): all that it has written. */
function inTerminal(args) {
  const command = [process.execPath, join(root, 'lib/cli/main.mjs'), ...args].map((word) => `'${word}'`).join(' ');
  const child = spawn('script', ['--quiet', '--return', '--command', `stty rows 24 cols 120; ${command}`, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text) => { said += text; });
  return { keys: (text) => child.stdin.write(text), screen: () => said, ended: new Promise((resolve) => { child.on('close', resolve); }) };
}

test('in a terminal it shows how it goes; space pauses and goes on, q stops', { skip: !has('script') }, async (t) => {
  const path = join(temporaryDirectory(t), 'take.wav');
  const { keys, screen, ended } = inTerminal(['record', '-o', path, ...virtual]);
  await until('the line', () => /● 0:0\d\.\d · ░{9} +-inf +░{9} +-inf dB · .* kB/.test(screen()));
  assert.match(screen(), /into .*take\.wav; space pauses, q stops/);
  keys(' ');
  await until('the pause', () => /⏸ paused 0:/.test(screen()));
  await until('half a second', (() => { const end = performance.now() + 500; return () => performance.now() > end; })());
  keys(' ');
  await until('more', () => /● 0:0[1-9]/.test(screen().slice(screen().lastIndexOf('⏸'))));
  keys('q');
  assert.equal(await ended, 0, screen());
  const [, frames, left] = /take\.wav: (\d+) frames, .*; \d+ gaps?.*; (\d+) frames left out in pauses; peak/.exec(screen());
  assert.equal(statSync(path).size, 32768 + frames * 8);
  assert.ok(left >= 20000, `${left} frames`);
  assert.ok(readFileSync(path).includes(`pause: ${left} frames left out`));
});

test('in a terminal it asks whether a file may be replaced', { skip: !has('script') }, async (t) => {
  const path = join(temporaryDirectory(t), 'take.wav');
  writeFileSync(path, 'before');
  for (const [answer, status] of [['n', 1], ['', 1], ['y', 0]]) {
    const { keys, screen, ended } = inTerminal(['record', '-o', path, ...virtual, '--seconds', '0.1']);
    await until('the question', () => /is there already\. Replace it\? \[y\/N\]/.test(screen()));
    keys(`${answer}\r`);
    assert.equal(await ended, status, screen());
    if (status) assert.equal(readFileSync(path, 'utf8'), 'before');
  }
  assert.equal(statSync(path).size, 32768 + 4800 * 8);
});

test('on a full disk it ends with everything until then, and says so', { skip: process.getuid() !== 0 }, async (t) => {
  const disk = join(temporaryDirectory(t), 'disk');
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', disk]);
  try {
    const path = join(disk, 'take.wav');
    writeFileSync(join(disk, 'filling'), Buffer.alloc(300_000));
    const full = await record('-o', path, ...virtual, '--seconds', '20', '--channels', '8');
    assert.equal(full.status, 1);
    assert.match(full.stderr, /the recording ended early: cannot write .*take\.wav: No space left on device; what was recorded until then is in .*take\.wav/);
    assert.equal(statSync(path).size, 32768 + recorded(full.stdout) * 32);
    await readByAll(t, path, recorded(full.stdout));
    const none = await record('-o', join(disk, 'take.flac'), ...virtual);
    assert.match(none.stderr, /^backline: cannot write .*take\.flac: No space left on device\n$/);
    assert.deepEqual(readdirSync(disk).sort(), ['filling', 'take.wav']);
  } finally {
    execFileSync('umount', [disk]);
  }
});

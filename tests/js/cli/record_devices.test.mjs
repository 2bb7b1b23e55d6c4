// backline record on devices that come and go: a PulseAudio server of the test's own, and JACK's.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { judge, numbersIn } from '../../../bench/recording/counter.mjs';
import { startJack } from '../../../bench/recording/jack.mjs';
import { hasPulse, startPulse } from '../support/pulse.mjs';
import { backline, lives, program, start, temporaryDirectory, until } from './support.mjs';

const onPulse = { skip: !hasPulse };
const onJack = { skip: spawnSync('jackd', ['--version']).error !== undefined };
const kHead = 32768;   // bytes of a WAV file before its sound
const pulse = hasPulse && await startPulse();
if (pulse) after(() => pulse.end());

/** Starts a recording, and waits until so many bytes of sound are in its file. */
async function recording(path, ...args) {
  const started = start(['record', '-o', path, ...args]);
  const grows = async (bytes) => {
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? kHead;
    await until(`${bytes} bytes more in ${path}`, () => {
      if (started.child.exitCode !== null) throw new Error(`it ended: ${started.errors()}`);
      return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) >= size + bytes;
    });
  };
  await grows(50_000);
  return { ...started, grows };
}

/** The pids of a program's audio servers; any of its threads may have started them. */
const serversOf = (pid) => readdirSync(`/proc/${pid}/task`).flatMap((task) => readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' '))
  .filter((child) => child && readFileSync(`/proc/${child}/comm`, 'utf8').startsWith('backline-audio')).map(Number);

test('what plays on a sink is recorded frame for frame', onPulse, async (t) => {
  const module = pulse.load('plain');
  t.after(() => pulse.unload(module));
  const path = join(temporaryDirectory(t), 'take.wav');
  const playing = start(['play', program('counts.mjs'), '--device', 'pulse:plain']);
  await until('the play', () => /^playing /m.test(playing.output()));
  const { status, stdout, stderr } = await backline(['record', '-o', path, '--device', 'pulse:plain.monitor', '--seconds', '3']);
  playing.child.kill('SIGINT');
  await playing.ended;
  assert.equal(status, 0, stderr);
  assert.match(stdout, /take\.wav: 144000 frames, 0:03\.0, 1\.2 MB; \d+ gaps?.*; peak -\d/);
  const verdict = judge(numbersIn(path));
  assert.ok(verdict.frames > 96000, `${verdict.frames} frames`);
  // A busy machine may leave holes in what the sink plays; those are not judged.
  assert.deepEqual([verdict.missing, verdict.twice], [0, 0]);
});

test('--monitor plays what is recorded', onPulse, async (t) => {
  const modules = ['source', 'monitored'].map((name) => pulse.load(name));
  t.after(() => modules.forEach(pulse.unload));
  const directory = temporaryDirectory(t);
  const onMonitored = { env: { BACKLINE_DEVICE: 'pulse:monitored' } };
  const playing = start(['play', program('counts.mjs'), '--device', 'pulse:source']);
  const recorder = start(['record', '-o', join(directory, 'take.wav'), '--device', 'pulse:source.monitor', '--monitor'], onMonitored);
  await until('the recording', () => /^recording /m.test(recorder.output()));
  const { stdout, stderr } = await backline(['record', '-o', join(directory, 'heard.wav'), '--device', 'pulse:monitored.monitor', '--seconds', '2']);
  for (const { child } of [recorder, playing]) child.kill('SIGINT');
  await Promise.all([recorder.ended, playing.ended]);
  assert.match(stdout, /peak -\d/, stderr);
  const none = await backline(['record', '-o', join(directory, 'none.wav'), '--device', 'virtual', '--monitor'], { env: { BACKLINE_DEVICE: 'kazoo' } });
  assert.equal(none.status, 1);
  assert.match(none.stderr, /what is recorded cannot be played: device 'kazoo' is not there/);
  assert.ok(!readdirSync(directory).includes('none.wav'));
});

test('a device that is pulled out and put in again leaves a gap of the time between', onPulse, async (t) => {
  let module = pulse.load('pulled');
  t.after(() => pulse.unload(module));
  const path = join(temporaryDirectory(t), 'take.wav');
  const { child, grows, errors, ended } = await recording(path, '--device', 'pulse:pulled.monitor');
  const begin = performance.now();
  pulse.unload(module);
  await until('the end of its frames', async () => {
    const { size } = statSync(path);
    await new Promise((resolve) => setTimeout(resolve, 500));
    return statSync(path).size === size;
  });
  module = pulse.load('pulled');
  await grows(100_000);
  const away = (performance.now() - begin) / 1000;
  child.kill('SIGINT');
  const { status, stdout, stderr } = await ended;
  assert.equal(status, 0, stderr);
  const gap = /gap at [\d:.]+: (\d+) frames of silence, its source lost them/.exec(errors());
  assert.ok(gap, errors());
  assert.ok(gap[1] / 48000 > 0.5 && gap[1] / 48000 < away, `a gap of ${gap[1] / 48000} s within ${away} s`);
  assert.match(stdout, new RegExp(`; \\d+ gaps? of \\d+ frames in all`));
  assert.ok(readFileSync(path).includes(`gap: ${gap[1]} frames of silence`), 'it is not in the file');
});

test('a device that does not come back ends the recording with everything until then', onPulse, async (t) => {
  const module = pulse.load('gone');
  const path = join(temporaryDirectory(t), 'take.wav');
  const { ended } = await recording(path, '--device', 'pulse:gone.monitor');
  pulse.unload(module);
  const { status, stderr, stdout } = await ended;
  assert.equal(status, 1);
  assert.match(stderr, /the recording ended early: input device '.*' has gone, and did not come back within 10 seconds.*; what was recorded until then is in .*take\.wav/);
  const frames = Number(/: (\d+) frames/.exec(stdout)[1]);
  assert.equal(numbersIn(path).length, frames);
  assert.ok(frames >= 50_000 / 8);
});

test('an audio server that is killed leaves a gap of the time that it took to start another', async (t) => {
  const path = join(temporaryDirectory(t), 'take.wav');
  const { child, grows, errors, ended } = await recording(path, '--device', 'virtual');
  const [server] = serversOf(child.pid);
  process.kill(server, 'SIGKILL');
  await until('its end', () => !lives(server));
  await grows(100_000);
  child.kill('SIGINT');
  const { status, stderr } = await ended;
  assert.equal(status, 0, stderr);
  assert.match(errors(), /gap at [\d:.]+: \d+ frames of silence, its source lost them/);
});

test('a JACK server that is killed and started again leaves a gap', onJack, async (t) => {
  const kept = { ...process.env };
  const jack = await startJack([]);
  t.after(() => jack.end());
  t.after(() => Object.assign(process.env, kept));
  const path = join(temporaryDirectory(t), 'take.wav');
  const { child, grows, errors, ended } = await recording(path, '--device', 'jack');
  await jack.kill();
  await jack.restart();
  await grows(100_000);
  child.kill('SIGINT');
  const { status, stderr } = await ended;
  assert.equal(status, 0, stderr);
  assert.match(errors(), /gap at [\d:.]+: \d+ frames of silence, its source lost them/);
});

test('opus of a device at 44.1 kHz is refused with what to do', onPulse, async (t) => {
  const module = pulse.pactl('load-module', 'module-null-sink', 'sink_name=cd', 'rate=44100', 'format=float32le', 'norewinds=1');
  t.after(() => pulse.unload(module));
  const { status, stderr } = await backline(['record', '-o', join(temporaryDirectory(t), 'take.opus'), '--device', 'pulse:cd.monitor']);
  assert.equal(status, 1);
  assert.match(stderr, /opus takes .* 24000 or 48000 Hz, not 2 at 44100 Hz; nothing is resampled on its way into a file: wav takes every rate/);
});

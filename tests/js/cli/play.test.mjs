import assert from 'node:assert/strict';
import { copyFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  allGone, backline, firstSound, firstSoundingFrame, level, pidsOf, program, readWav, start, temporaryDirectory, until,
} from './support.mjs';

const virtual = { env: { BACKLINE_DEVICE: 'virtual' } };
const kToneLevel = 20 * Math.log10(0.25 / Math.SQRT2);  // dB: a sine of amplitude a quarter
const kToneTolerance = 0.1;                             // dB

test('--seconds ends a program by itself, with a tap of exactly as many frames', async (t) => {
  const tap = join(temporaryDirectory(t), 'out.wav');
  const { status, stdout, stderr } = await backline(['play', program('tone.mjs'), '--seconds', '1.5', '--tap', tap], virtual);
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^playing tone\.mjs on .*virtual.* at \d+ Hz; program \d+, render \d+, audio \d+$/m);
  assert.match(stdout, /^played \d+\.\d\d s, \d+ underruns; .*out\.wav: 72000 frames$/m);
  const wav = readWav(tap);
  assert.equal(wav.frames, 1.5 * wav.sampleRate);
});

test('what is scheduled half a second ahead sounds from there on, at its level', async (t) => {
  const tap = join(temporaryDirectory(t), 'out.wav');
  const { status, stderr } = await backline(['play', program('tone.mjs'), '--seconds', '2', '--device', 'stepped', '--tap', tap]);
  assert.equal(status, 0, stderr);
  const wav = readWav(tap);
  const first = firstSoundingFrame(wav);
  assert.ok(first >= wav.sampleRate / 2, `sound began at frame ${first}, before frame ${wav.sampleRate / 2}`);
  assert.ok(first < wav.sampleRate, `sound began only at frame ${first} of ${wav.frames}`);
  for (const samples of wav.data) {
    const measured = level(samples, wav.sampleRate);
    assert.ok(Math.abs(measured - kToneLevel) < kToneTolerance,
      `the tone is at ${measured.toFixed(2)} dB, not within ${kToneTolerance} dB of ${kToneLevel.toFixed(2)} dB`);
  }
});

test('first-sound plays five seconds on the virtual device without an underrun', async (t) => {
  const tap = join(temporaryDirectory(t), 'out.wav');
  const { status, stdout, stderr } = await backline(['play', firstSound, '--seconds', '5', '--device', 'virtual', '--tap', tap]);
  assert.equal(status, 0, stderr);
  t.diagnostic(stdout.trim().split('\n').at(-1));
  const wav = readWav(tap);
  assert.equal(wav.frames, 5 * wav.sampleRate);
  const second = (n) => level(wav.data[0], n * wav.sampleRate, (n + 1) * wav.sampleRate);
  for (const n of [1, 2, 3, 4]) assert.ok(second(n) > -50, `second ${n} is at ${second(n).toFixed(1)} dB: silent`);
});

test('a program that makes its own context plays to its own end, with its arguments', async (t) => {
  const directory = temporaryDirectory(t);
  const elsewhere = join(directory, 'own_context.mjs');
  copyFileSync(program('own_context.mjs'), elsewhere);
  const { status, stdout, stderr } = await backline(['play', elsewhere, '--', '--seven'], { ...virtual, cwd: directory });
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^closed at argument --seven$/m);
  assert.match(stdout, /^played /m);
});

test('Ctrl-C ends a program in order, with exit status 0 and nothing left', async () => {
  const playing = start(['play', program('tone.mjs')], virtual);
  const { render, audio } = await pidsOf(playing);
  playing.child.kill('SIGINT');
  const { status, stdout, stderr } = await playing.ended;
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^played /m);
  await allGone([render, audio]);
});

test('Ctrl-C keeps what was tapped until then', async (t) => {
  const tap = join(temporaryDirectory(t), 'out.wav');
  const playing = start(['play', program('tone.mjs'), '--tap', tap], virtual);
  await pidsOf(playing);
  await until('something in the tap', () => statSync(tap, { throwIfNoEntry: false })?.size > 100000);
  playing.child.kill('SIGINT');
  const { stdout } = await playing.ended;
  const told = Number(/: (\d+) frames$/m.exec(stdout)?.[1]);
  assert.equal(readWav(tap).frames, told);
  assert.ok(told > 0);
});

test('a second start is quick', async (t) => {
  const before = performance.now();
  const playing = start(['play', firstSound], virtual);
  await pidsOf(playing);
  t.diagnostic(`${Math.round(performance.now() - before)} ms from the start of the command to a running render host`);
  playing.child.kill('SIGINT');
  assert.equal((await playing.ended).status, 0);
});

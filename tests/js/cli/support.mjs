// What the command's tests stand on: the command as a child process, WAV files, processes by pid.

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../../', import.meta.url));
export const program = (name) => fileURLToPath(new URL(`programs/${name}`, import.meta.url));
export const firstSound = join(root, 'examples/first-sound.mjs');
const main = join(root, 'lib/cli/main.mjs');

/** Starts the command. Returns { child, output(), ended }: what it said so far, and a promise of { status, signal, stdout, stderr }. */
export function start(args, { env = {}, cwd = root, script = main } = {}) {
  const child = spawn(process.execPath, [script, ...args], { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) child[name].setEncoding('utf8').on('data', (text) => { said[name] += text; });
  const ended = new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status, signal) => resolve({ status, signal, ...said }));
  });
  return { child, output: () => said.stdout, errors: () => said.stderr, ended };
}

/** Runs the command to its end. */
export const backline = (args, options) => start(args, options).ended;

/** A directory that is gone when the test is over. */
export function temporaryDirectory(test) {
  const directory = mkdtempSync(join(tmpdir(), 'backline-cli-'));
  test.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Waits for a condition; throws, saying what was waited for, when it does not come. */
export async function until(what, condition, patience = 20000) {
  const limit = performance.now() + patience;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (performance.now() > limit) throw new Error(`waited ${patience} ms in vain for ${what}`);
    await sleep(10);
  }
}

/** False for a process that has ended, reaped or not. */
export function lives(pid) {
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** The pids that the line "playing …; program P, render R, audio A" tells, once it is there. */
export async function pidsOf(playing) {
  const match = await until('the line that tells the processes', () =>
    /program (\d+), render (\d+), audio (\d+)/.exec(playing.output()) ?? (playing.child.exitCode !== null && ['', 0, 0, 0]));
  const [program, render, audio] = match.slice(1).map(Number);
  if (!program) throw new Error(`it ended before it played: ${playing.errors()}`);
  return { program, render, audio };
}

export const allGone = (pids) => until(`the end of processes ${pids.join(', ')}`, () => !pids.some(lives));

/** A float WAV file, its chunks checked: { channels, sampleRate, frames, data } with `data` one Float32Array a channel. */
export function readWav(path) {
  const bytes = readFileSync(path);
  const text = (offset) => bytes.toString('latin1', offset, offset + 4);
  if (text(0) !== 'RIFF' || text(8) !== 'WAVE') throw new Error(`${path} is no WAV file`);
  const wav = {};
  for (let offset = 12; offset + 8 <= bytes.length;) {
    const size = bytes.readUInt32LE(offset + 4);
    const body = offset + 8;
    if (text(offset) === 'fmt ') {
      const format = bytes.readUInt16LE(body) === 0xfffe ? bytes.readUInt16LE(body + 24) : bytes.readUInt16LE(body);
      if (format !== 3 || bytes.readUInt16LE(body + 14) !== 32) throw new Error(`${path} does not hold 32-bit floats`);
      wav.channels = bytes.readUInt16LE(body + 2);
      wav.sampleRate = bytes.readUInt32LE(body + 4);
    } else if (text(offset) === 'data') {
      if (body + size > bytes.length) throw new Error(`${path} is shorter than its header says`);
      wav.frames = size / 4 / wav.channels;
      wav.data = Array.from({ length: wav.channels }, (_, c) =>
        Float32Array.from({ length: wav.frames }, (_, i) => bytes.readFloatLE(body + 4 * (i * wav.channels + c))));
    }
    offset = body + size + (size & 1);
  }
  return wav;
}

/** The first frame in which any channel is not silent; -1 if there is none. */
export function firstSoundingFrame({ data, frames }) {
  for (let i = 0; i < frames; ++i) if (data.some((channel) => channel[i] !== 0)) return i;
  return -1;
}

export const decibels = (ratio) => 20 * Math.log10(ratio);

/** The root mean square of samples from start to end, in dB of full scale. */
export function level(samples, start = 0, end = samples.length) {
  let sum = 0;
  for (let i = start; i < end; ++i) sum += samples[i] ** 2;
  return decibels(Math.sqrt(sum / (end - start)));
}

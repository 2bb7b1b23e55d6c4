// A long file through Audio, played sixteen times as fast as it sounds: what memory does from its beginning to its end.
// BACKLINE_DEVICE=virtual node bench/long_play.mjs [--minutes N]   (default 120, which take seven and a half)
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Audio, AudioContext } from 'backline';

import { native } from '../lib/native.js';

const flag = process.argv.indexOf('--minutes');
const minutes = flag < 0 ? 120 : Number(process.argv[flag + 1]);
const kRate = 48000, kBlock = 1 << 16;

/// Megabytes of a process that are its own.
function ownMemory(pid) {
  return readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8').match(/^Private_(Clean|Dirty): +\d+/gm).reduce((sum, line) => sum + Number(line.replace(/\D+/, '')), 0) / 1024;
}

const childrenOf = (pid) => readdirSync(`/proc/${pid}/task`)
  .flatMap((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number));
/// The process that decodes the file.
const findDecoder = () => childrenOf(process.pid).flatMap(childrenOf).find((pid) => readFileSync(`/proc/${pid}/comm`, 'utf8') === 'decoding\n');

const folder = mkdtempSync(join(tmpdir(), 'backline-long-')), path = join(folder, 'long.flac');
process.on('exit', () => rmSync(folder, { recursive: true }));
const frames = Math.round(minutes * 60 * kRate);
const file = new (native().SoundWriter)(path, 'flac', kRate, 2);
const block = Float32Array.from({ length: kBlock }, (_, i) => 0.25 * Math.sin(2 * Math.PI * 440 * i / kRate));
for (let written = 0; written < frames; written += kBlock) {
  const part = block.subarray(0, Math.min(kBlock, frames - written));
  await file.write([part, part], part.length);
}
await file.finish();

const context = new AudioContext({ sampleRate: kRate, latencyHint: 'playback' });
const audio = new Audio(path);
context.createMediaElementSource(audio).connect(context.destination);
audio.playbackRate = 16;
audio.preservesPitch = false;
await audio.play();
const { renderPid } = native().status(), decoderPid = findDecoder();
const begun = performance.now(), seen = [];
const look = () => seen.push([audio.currentTime, ownMemory('self'), ownMemory(renderPid), ownMemory(decoderPid)]);
const timer = setInterval(look, 100);
await new Promise((resolve, reject) => {
  audio.onended = resolve;
  audio.onerror = () => reject(new Error(audio.error.message));
});
clearInterval(timer);
look();
const seconds = (performance.now() - begun) / 1000;
const least = seen.slice(Math.floor(seen.length / 10));
const kNames = ['program', 'render host', 'decoder'];
const ranges = kNames.map((name, i) => {
  const own = least.map((each) => each[i + 1]);
  return `${name} ${Math.min(...own).toFixed(1)} to ${Math.max(...own).toFixed(1)}, at the end ${own.at(-1).toFixed(1)} MB`;
});
console.log(`${(audio.currentTime / 60).toFixed(1)} minutes played in ${seconds.toFixed(1)} s; own memory after the first tenth: ${ranges.join('; ')}`);
await context.close();

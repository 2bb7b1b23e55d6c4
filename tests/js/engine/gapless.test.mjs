// What encoders put before and behind a sound is no part of it: files that ffmpeg wrote are as long as what it was given, and loop without a step.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { Audio, AudioBufferSourceNode, OfflineAudioContext } from '../../../lib/index.js';
import { soundFolder, wavBytes } from '../support/sounds.mjs';

const hasFfmpeg = spawnSync('ffmpeg', ['-version']).status === 0;
const kRate = 48000;
const kPeriod = 96;               // frames: 500 Hz
const kFrames = kPeriod * 463;    // whole periods, and no whole number of any codec's frames
const sample = (frame) => 0.5 * Math.sin(2 * Math.PI * frame / kPeriod);
const kStep = 0.5 * 2 * Math.PI / kPeriod;   // the largest between two frames of it

/// What the files are named by, how they are encoded, and how far in dB they may be from the original.
const kinds = [
  ['mp3', ['-c:a', 'libmp3lame', '-b:a', '256k'], -35],
  ['vbr.mp3', ['-c:a', 'libmp3lame', '-q:a', '1'], -25],
  ['m4a', ['-c:a', 'aac', '-b:a', '256k'], -30],
  ['alac.m4a', ['-c:a', 'alac'], -80],
  ['mp3.mp4', ['-c:a', 'libmp3lame', '-b:a', '256k'], -20],
  ['opus', ['-c:a', 'libopus', '-b:a', '256k'], -30],
  ['webm', ['-c:a', 'libopus', '-b:a', '256k'], -30],
  ['opus.mp4', ['-c:a', 'libopus', '-b:a', '256k'], -30],
  ['ogg', ['-c:a', 'libvorbis', '-q:a', '9'], -35],
  ['flac', ['-c:a', 'flac'], -80],
  ['oga', ['-c:a', 'flac'], -80],
];

/// The file, whose first `silent` frames are silence.
function encode(path, name, options, silent = 0) {
  const original = path('original.wav', wavBytes(kFrames, { sampleRate: kRate, samples: (frame) => (frame < silent ? 0 : sample(frame)) }));
  execFileSync('ffmpeg', ['-v', 'error', '-y', '-i', original, ...options, path(`sound.${name}`)]);
  return path(`sound.${name}`);
}

async function decode(path) {
  return new OfflineAudioContext({ length: 1, sampleRate: kRate }).decodeAudioData(new Uint8Array(readFileSync(path)).buffer);
}

const decibels = (power) => 10 * Math.log10(power / 0.125 + 1e-30);

for (const [name, options, limit] of kinds) {
  test(`${name} has the length of its original, and loops without a step`, { skip: !hasFfmpeg && 'there is no ffmpeg' }, async (t) => {
    const path = encode(soundFolder(t), name, options);
    const buffer = await decode(path);
    assert.equal(buffer.length, kFrames);
    const context = new OfflineAudioContext({ length: 2 * kFrames, sampleRate: kRate });
    const source = new AudioBufferSourceNode(context, { buffer, loop: true });
    source.connect(context.destination);
    source.start();
    const heard = (await context.startRendering()).getChannelData(0);
    for (const [from, to, what] of [[0, kFrames, 'all of it'], [kFrames - 64, kFrames + 64, 'around the seam']]) {
      let error = 0;
      for (let i = from; i < to; i++) error += (heard[i] - sample(i)) ** 2;
      const level = decibels(error / (to - from));
      assert.ok(level < limit, `${what}: ${level.toFixed(1)} dB; the limit is ${limit} dB`);
    }
    const step = Math.abs(heard[kFrames] - heard[kFrames - 1]);
    assert.ok(step < 2 * kStep, `a step of ${step.toFixed(3)} at the seam, where the sound moves by ${kStep.toFixed(3)} at most`);
  });

  test(`${name} that begins with silence has the length of its original`, { skip: !hasFfmpeg && 'there is no ffmpeg' }, async (t) => {
    const buffer = await decode(encode(soundFolder(t), name, options, 5000));
    assert.equal(buffer.length, kFrames);
  });

  // An MP3 tells its padding with its last frame only; WebM tells milliseconds.
  if (!/mp3$|webm/.test(name)) test(`${name} lasts to the frame in an Audio element`, { skip: !hasFfmpeg && 'there is no ffmpeg' }, async (t) => {
    const audio = new Audio(encode(soundFolder(t), name, options));
    await once(audio, 'loadedmetadata');
    assert.equal(Math.round(audio.duration * kRate), kFrames);
  });
}

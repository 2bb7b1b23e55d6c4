// What an example sounds like: it is played by the command into a tap.
import assert from 'node:assert/strict';
import { join } from 'node:path';

import { backline, readWav, root, temporaryDirectory } from '../cli/support.mjs';

export const kStretch = 4096;   // frames

/** Plays an example for a while: { samples of the first channel, channels, sampleRate, stdout }. On a stepped device no frame is late. */
export async function play(t, name, seconds, device = 'virtual') {
  const path = join(temporaryDirectory(t), 'heard.wav');
  const { status, stdout, stderr } = await backline(['play', join(root, 'examples', name), '--device', device, '--seconds', `${seconds}`, '--tap', path]);
  assert.equal(status, 0, stderr);
  const { data: channels, sampleRate } = readWav(path);
  return { samples: channels[0], channels, sampleRate, stdout };
}

/** How loud a frequency is in a stretch of samples, under a Hann window: the amplitude of a sine of it. */
export function amplitude(samples, frequency, sampleRate) {
  let re = 0, im = 0;
  samples.forEach((sample, i) => {
    const windowed = sample * (1 - Math.cos(2 * Math.PI * i / samples.length));
    re += windowed * Math.cos(2 * Math.PI * frequency * i / sampleRate);
    im += windowed * Math.sin(2 * Math.PI * frequency * i / sampleRate);
  });
  return 2 * Math.hypot(re, im) / samples.length;
}

/** The frequencies by the stretch in which each is first at least half as loud as it ever is. */
export function order({ samples, sampleRate }, frequencies) {
  const stretches = [];
  for (let i = 0; i + kStretch <= samples.length; i += kStretch) stretches.push(samples.subarray(i, i + kStretch));
  return frequencies.map((frequency) => {
    const loud = stretches.map((stretch) => amplitude(stretch, frequency, sampleRate));
    const most = Math.max(...loud);
    return { frequency, most, first: loud.findIndex((value) => value >= most / 2) };
  });
}

export function assertRising(heard, least) {
  heard.forEach(({ frequency, most, first }, i) => {
    assert.ok(most > least, `${frequency} Hz is not heard: ${most}`);
    if (i > 0) assert.ok(first > heard[i - 1].first, `${frequency} Hz does not come after ${heard[i - 1].frequency} Hz`);
  });
}

/** Of frequencies from low to high by steps, the loudest. */
export function loudest(samples, sampleRate, { low, high, step }) {
  let best = { frequency: 0, level: -1 };
  for (let frequency = low; frequency <= high; frequency += step) {
    const level = amplitude(samples, frequency, sampleRate);
    if (level > best.level) best = { frequency, level };
  }
  return best.frequency;
}

// Libraries written for browsers, as examples/libraries has them: what reaches the device is what they were told to play.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';

import { backline, readWav, root, temporaryDirectory } from '../cli/support.mjs';

const kStretch = 4096;   // frames

/** Plays an example for a while: { samples of the first channel, sampleRate, stdout }. */
async function play(t, name, seconds) {
  const path = join(temporaryDirectory(t), 'heard.wav');
  const { status, stdout, stderr } = await backline(['play', join(root, 'examples/libraries', name), '--device', 'virtual', '--seconds', `${seconds}`, '--tap', path]);
  assert.equal(status, 0, stderr);
  const { data: [samples], sampleRate } = readWav(path);
  return { samples, sampleRate, stdout };
}

/** How loud a frequency is in a stretch of samples, under a Hann window: the amplitude of a sine of it. */
function amplitude(samples, frequency, sampleRate) {
  let re = 0, im = 0;
  samples.forEach((sample, i) => {
    const windowed = sample * (1 - Math.cos(2 * Math.PI * i / samples.length));
    re += windowed * Math.cos(2 * Math.PI * frequency * i / sampleRate);
    im += windowed * Math.sin(2 * Math.PI * frequency * i / sampleRate);
  });
  return 2 * Math.hypot(re, im) / samples.length;
}

/** The frequencies by the stretch in which each is first at least half as loud as it ever is. */
function order({ samples, sampleRate }, frequencies) {
  const stretches = [];
  for (let i = 0; i + kStretch <= samples.length; i += kStretch) stretches.push(samples.subarray(i, i + kStretch));
  return frequencies.map((frequency) => {
    const loud = stretches.map((stretch) => amplitude(stretch, frequency, sampleRate));
    const most = Math.max(...loud);
    return { frequency, most, first: loud.findIndex((value) => value >= most / 2) };
  });
}

function assertRising(heard, least) {
  heard.forEach(({ frequency, most, first }, i) => {
    assert.ok(most > least, `${frequency} Hz is not heard: ${most}`);
    if (i > 0) assert.ok(first > heard[i - 1].first, `${frequency} Hz does not come after ${heard[i - 1].frequency} Hz`);
  });
}

test('Tone.js plays a sequence: the notes come one after the other, and the bass with them', async (t) => {
  const heard = await play(t, 'tone.mjs', 4);
  assertRising(order(heard, [523.25, 659.26, 783.99, 987.77]), 0.02);
  assert.ok(order(heard, [65.41])[0].most > 0.01, 'no bass');
});

test('standardized-audio-context makes its nodes and a worklet of ours: a ring modulator moves the tone', async (t) => {
  const { samples, sampleRate } = await play(t, 'standardized-audio-context.mjs', 2);
  const middle = samples.subarray(samples.length / 2, samples.length / 2 + kStretch);
  for (const frequency of [330, 550]) assert.ok(Math.abs(amplitude(middle, frequency, sampleRate) - 0.15) < 0.01, `${frequency} Hz`);
  assert.ok(amplitude(middle, 440, sampleRate) < 0.005, 'the tone itself is still there');
});

test('Howler plays the sprites of a sound, one at the end of the other', async (t) => {
  const heard = await play(t, 'howler.mjs', 3);
  assertRising(order(heard, [440, 660, 880]), 0.2);
});

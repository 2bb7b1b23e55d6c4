// The examples of examples/libraries and examples/worklets: what reaches the device is what they were told to play.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { amplitude, assertRising, kStretch, loudest, order, play } from '../support/heard.mjs';

test('Tone.js plays a sequence: the notes come one after the other, and the bass with them', async (t) => {
  const heard = await play(t, 'libraries/tone.mjs', 4);
  assertRising(order(heard, [523.25, 659.26, 783.99, 987.77]), 0.02);
  assert.ok(order(heard, [65.41])[0].most > 0.01, 'no bass');
});

test('standardized-audio-context makes its nodes and a worklet of ours: a ring modulator moves the tone', async (t) => {
  const { samples, sampleRate } = await play(t, 'libraries/standardized-audio-context.mjs', 2);
  const middle = samples.subarray(samples.length / 2, samples.length / 2 + kStretch);
  for (const frequency of [330, 550]) assert.ok(Math.abs(amplitude(middle, frequency, sampleRate) - 0.15) < 0.01, `${frequency} Hz`);
  assert.ok(amplitude(middle, 440, sampleRate) < 0.005, 'the tone itself is still there');
});

test('Howler plays the sprites of a sound, one at the end of the other', async (t) => {
  const heard = await play(t, 'libraries/howler.mjs', 3);
  assertRising(order(heard, [440, 660, 880]), 0.2);
});

test('Faust compiles a string to WebAssembly, which a worklet plucks', async (t) => {
  const heard = await play(t, 'libraries/faust.mjs', 3);
  assertRising(order(heard, [220, 277.18, 329.63]), 0.01);
});

test('a granular sampler has its sample by transfer, and follows the place that is automated', async (t) => {
  const { channels, sampleRate, stdout } = await play(t, 'worklets/granular.mjs', 3);
  assert.match(stdout, /: 0 frames are left here/);
  for (const samples of channels) {
    // The sample glides two octaves up from 220 Hz, and four seconds take its place from one end to the other.
    const at = (seconds) => loudest(samples.subarray(seconds * sampleRate, (seconds + 0.25) * sampleRate), sampleRate, { low: 200, high: 900, step: 10 });
    const early = at(0.75), late = at(2.5);
    assert.ok(early > 240 && early < 370, `${early} Hz`);
    assert.ok(late > 440 && late < 680, `${late} Hz`);
  }
});

test('a WebAssembly synthesizer with a memory of its own plays chords', async (t) => {
  const heard = await play(t, 'worklets/wasm-synth.mjs', 2);
  assertRising(order(heard, [220, 293.66]), 0.1);
  const { samples, sampleRate } = heard;
  const chord = samples.subarray(0.3 * sampleRate, 0.3 * sampleRate + 2 * kStretch);
  // A triangle's first partial has 8 / π² of its level.
  for (const frequency of [220, 277.18, 329.63]) assert.ok(Math.abs(amplitude(chord, frequency, sampleRate) - 0.2 * 8 / Math.PI ** 2) < 0.01, `${frequency} Hz`);
});

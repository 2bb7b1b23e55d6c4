// examples/libraries/superdough.mjs, on a device that is late by no frame: every note is where it was asked for, and is what it was asked to be.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { amplitude, loudest, play } from '../support/heard.mjs';

const dB = (powers) => 10 * Math.log10(powers);
const power = (stretch) => stretch.reduce((sum, sample) => sum + sample ** 2, 0) / stretch.length;

test('superdough plays', async (t) => {
  const { samples, sampleRate } = await play(t, 'libraries/superdough.mjs', 8, 'stepped');
  const begin = samples.findIndex((sample) => sample !== 0) - 1;   // an envelope begins with a frame of 0
  const from = (seconds, length = 0.08) => samples.subarray(begin + Math.round(seconds * sampleRate), begin + Math.round((seconds + length) * sampleRate));
  const level = (frequency, ...where) => amplitude(from(...where), frequency, sampleRate);
  /// The power of `count` frequencies that stand `step` apart.
  const comb = (first, step, count, ...where) => Array.from({ length: count }, (_, i) => level(first + i * step, ...where) ** 2).reduce((a, b) => a + b);

  await t.test('notes and echoes at their frames, with silence before them', () => {
    for (const seconds of [0, 0.5, 1, 1.5, 2.5, 2.75, 3, 3.25, 3.5, 4, 4.5, 5]) {
      assert.ok(from(seconds - 0.01, 0.01).every((sample) => sample === 0), `it sounds before ${seconds} s`);
      assert.ok(from(seconds, 0.003).some((sample) => sample !== 0), `nothing sounds at ${seconds} s`);
    }
  });

  await t.test('notes at their pitches, and a sample at two speeds', () => {
    for (const [seconds, pitch] of [[0, 110], [1.5, 660], [2, 1320], [2.5, 523.25], [3.5, 440], [4, 329.63], [4.5, 220]]) {
      const heard = loudest(from(seconds + 0.01), sampleRate, { low: pitch / 2, high: pitch * 2, step: pitch / 400 });
      assert.ok(Math.abs(heard / pitch - 1) < 0.01, `${heard} Hz at ${seconds} s, not ${pitch}`);
    }
    const above = dB(comb(164.81, 164.81, 12, 0.55, 0.35) / comb(1.5 * 164.81, 164.81, 12, 0.55, 0.35));
    assert.ok(above > 20, `what supersaws have in common is ${above} dB above what they have not`);
  });

  await t.test('through filters: a sawtooth is dull, a noise sharp', () => {
    const left = dB((16 * level(16 * 110, 0.1) / level(110, 0.1)) ** 2);
    assert.ok(left < -18, `${left} dB are left of a partial two octaves above the filter`);
    const sharp = dB(comb(9000, 25, 40, 1.1) / comb(500, 25, 40, 1.1));
    assert.ok(sharp > 20, `the noise is ${sharp} dB louder at the top`);
  });

  await t.test('through worklets: shaped, crushed to steps, held', () => {
    const third = dB((level(3 * 440, 3.65) / level(440, 3.65)) ** 2);
    assert.ok(third > -34, `the third partial of a shaped sine has ${third} dB`);
    const crushed = from(4.12, 0.12).map((sample) => sample * 8);   // between two echoes
    assert.ok(crushed.every((sample) => Math.abs(sample - Math.round(sample)) < 1e-4), 'crush: 4 leaves more than steps of an eighth');
    assert.ok(new Set(crushed.map(Math.round)).size > 2, 'crush: 4 leaves nothing');
    const held = from(4.62, 0.12);
    const same = held.filter((sample, i) => sample === held[i - 1]).length / held.length;
    assert.ok(Math.abs(same - 7 / 8) < 0.02, `coarse: 8 repeats ${same} of the frames`);
  });

  await t.test('echoes each half as loud as the one before, and a room that falls by 60 dB in its two seconds', () => {
    for (const echo of [1, 2, 3]) {
      const loss = dB((level(523.25, 2.51) / level(523.25, 2.51 + echo / 4)) ** 2);
      assert.ok(Math.abs(loss - echo * dB(4)) < 0.2, `echo ${echo} is ${loss} dB down`);
    }
    const fall = dB(power(from(5.3, 0.1)) / power(from(6.3, 0.1)));
    assert.ok(Math.abs(fall - 30) < 3, `it falls by ${fall} dB in one second`);
  });
});

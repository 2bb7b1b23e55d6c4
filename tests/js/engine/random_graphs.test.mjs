// The random graphs that are compared with Chromium: what a seed says, and that this engine renders them all, always the same.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import '../../../lib/globals.js';
import { render } from '../../conformance/random/build.mjs';
import { difference } from '../../conformance/random/difference.mjs';
import { generate } from '../../conformance/random/generate.mjs';
import { minimise } from '../../conformance/random/minimise.mjs';

const kTypes = ['OscillatorNode', 'ConstantSourceNode', 'AudioBufferSourceNode', 'GainNode', 'DelayNode', 'BiquadFilterNode', 'IIRFilterNode', 'WaveShaperNode',
  'StereoPannerNode', 'PannerNode', 'ConvolverNode', 'DynamicsCompressorNode', 'ChannelSplitterNode', 'ChannelMergerNode', 'AnalyserNode']
  .filter((type) => type in globalThis);
const kAll = { types: kTypes, resample: true, oversample: true, cycles: true, contested: true };
const channelsOf = (buffer) => Array.from({ length: buffer.numberOfChannels }, (_, channel) => buffer.getChannelData(channel));

test('a seed always gives the same graph, another seed another', () => {
  assert.deepEqual(generate(7, kAll), generate(7, kAll));
  assert.notDeepEqual(generate(7, kAll), generate(8, kAll));
});

for (const traits of [{ types: kTypes }, kAll]) {
  test(`random graphs render finite samples, twice the same, ${traits.cycles ? 'with cycles' : 'without cycles'}`, async () => {
    let heard = 0;
    for (let seed = 1; seed <= 40; seed++) {
      const graph = generate(seed, traits);
      const [once, again] = (await Promise.all([render(graph), render(graph)])).map(channelsOf);
      assert.equal(difference(once, again).dB, -Infinity, `seed ${seed}`);
      assert.ok(once.every((samples) => samples.every(Number.isFinite)), `seed ${seed}`);
      heard += once.some((samples) => samples.some((sample) => Math.abs(sample) > 0.01));
    }
    assert.ok(heard > 30, `only ${heard} of 40 are heard`);
  });
}

test('the difference is that of the worst sample, relative to the peak above full scale', () => {
  const of = (...samples) => [Float32Array.from(samples)];
  assert.equal(difference(of(1, 2), of(1, 2)).dB, -Infinity);
  assert.ok(Math.abs(difference(of(0, 0.1), of(0, 0)).dB + 20) < 1e-6);
  assert.ok(Math.abs(difference(of(10, 1), of(10, 0)).dB + 20) < 1e-6);
  assert.equal(difference(of(0, NaN), of(0, 0)).dB, Infinity);
  assert.equal(difference(of(NaN), of(NaN)).dB, -Infinity);
});

test('a graph is made smaller as long as what is looked for stays', async () => {
  const hasOscillatorIntoGain = async ({ nodes, edges }) => edges.some(({ from, to }) => nodes[from].type === 'OscillatorNode' && nodes[to]?.type === 'GainNode');
  let seed = 1;
  while (!await hasOscillatorIntoGain(generate(seed, kAll))) seed++;
  const { nodes } = await minimise(generate(seed, kAll), hasOscillatorIntoGain);
  assert.deepEqual(nodes.map(({ type }) => type).sort(), ['GainNode', 'OscillatorNode']);
  assert.deepEqual(nodes.map(({ params }) => params), [{}, {}]);
});

// Ten contexts at three sample rates, each with a tone of its own, on one device: underruns and costs.
// node bench/contexts.mjs [--seconds N]   (default 60; the aim: no underrun)
import { setTimeout as sleep } from 'node:timers/promises';

import { AudioContext } from 'backline';

import { interfaceNamed, unwrap } from '../lib/webidl/platform_object.js';

const flag = process.argv.indexOf('--seconds');
const seconds = flag < 0 ? 60 : Number(process.argv[flag + 1]);
const kRates = [44100, 48000, 96000];

const contexts = Array.from({ length: 10 }, (_, i) => {
  const context = new AudioContext({ sampleRate: kRates[i % kRates.length], latencyHint: 'balanced' });
  const tone = context.createOscillator();
  const level = context.createGain();
  tone.frequency.value = 220 + 55 * i;
  level.gain.value = 0.05;
  tone.connect(level).connect(context.destination);
  tone.start();
  return context;
});
await Promise.all(contexts.map((context) => context.resume()));
await sleep(seconds * 1000);
for (const context of contexts) {
  const { underruns, costAverage, costWorst } = unwrap(context, interfaceNamed('AudioContext')).playback();
  console.log(`${context.sampleRate} Hz: ${context.currentTime.toFixed(2)} s, ${underruns} underruns, a quantum ${(costAverage * 1e6).toFixed(0)} µs, ` +
    `longest of late ${(costWorst * 1e6).toFixed(0)} µs`);
}
await Promise.all(contexts.map((context) => context.close()));

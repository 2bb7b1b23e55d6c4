// What the main thread does, and too much load, seen from the sound.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { AudioContext, AudioWorkletNode, ConstantSourceNode, MediaStreamAudioDestinationNode, MediaStreamAudioSourceNode } from '../../../lib/index.js';
import { settings } from '../../../lib/settings.js';

settings.device = 'virtual';

const quantum = 128;
const moduleOf = (source) => `data:text/javascript,${encodeURIComponent(source)}`;
// Tells of every quantum: its frame, and the first and last value of an automation and of what it hears.
const witness = moduleOf(`registerProcessor('witness', class extends AudioWorkletProcessor {
  static parameterDescriptors = [{ name: 'level' }];
  process([[heard]], outputs, { level }) {
    this.port.postMessage([currentFrame, level[0], level.at(-1), heard?.[0] ?? 0]);
    return true;
  } });`);

async function playing(t) {
  const context = new AudioContext();
  t.after(() => context.close());
  await context.resume();
  while (context.getOutputTimestamp().contextTime === 0) await sleep(5);
  return context;
}

/** A graph of everything that has to go on, and what its witness says. */
async function scene(t) {
  const [context, other] = [await playing(t), await playing(t)];
  await context.audioWorklet.addModule(witness);
  const sent = new MediaStreamAudioDestinationNode(other);
  const tone = new ConstantSourceNode(other, { offset: 0.25 });
  tone.connect(sent);
  tone.start();
  const node = new AudioWorkletNode(context, 'witness');
  new MediaStreamAudioSourceNode(context, { mediaStream: sent.stream }).connect(node).connect(context.destination);
  const level = node.parameters.get('level');
  level.setValueAtTime(0, context.currentTime);
  level.linearRampToValueAtTime(1000, context.currentTime + 1000);
  const seen = [];
  node.port.onmessage = ({ data }) => seen.push(data);
  // Until the stream's reader has learnt what it has to hold ready: a second without a gap.
  const unbroken = () => seen.length - 1 - seen.findLastIndex(([, level, , heard]) => heard !== 0.25 || !(level > 0));
  while (unbroken() * quantum < context.sampleRate) await sleep(20);
  return { context, seen };
}

async function undisturbed(t, disturb) {
  const { context, seen } = await scene(t);
  const underruns = context.playbackStats.underrunEvents;
  const first = seen.length, before = context.currentTime;
  const frames = disturb(context);
  const passed = context.currentTime - before;
  while (seen.at(-1)[0] < Math.round((before + passed) * context.sampleRate)) await sleep(5);
  const told = seen.slice(first);
  assert.ok(told.length * quantum >= frames, `${told.length * quantum} frames were rendered meanwhile, of ${frames}`);
  told.forEach(([frame, from, to], i) => {
    assert.equal(frame, told[0][0] + i * quantum, 'a quantum is missing');
    assert.ok(to > from && (i === 0 || from > told[i - 1][2]), 'the automation stood still');
  });
  // A machine that is busy otherwise may make a hole or two of its own, but none of a second, as the main thread would.
  const holes = told.filter(([, , , heard]) => heard !== 0.25).length;
  assert.ok(holes <= told.length / 10, `the stream stopped for ${holes} of ${told.length} quanta`);
  assert.ok(context.playbackStats.underrunEvents <= underruns + 2, `${context.playbackStats.underrunEvents - underruns} underruns`);
}

test('a main thread that is blocked disturbs no worklet, no automation and no stream', (t) => undisturbed(t, (context) => {
  const seconds = 1;
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000 * seconds);
  return 0.5 * seconds * context.sampleRate;
}));

test('a main thread that collects garbage without pause disturbs none either', (t) => undisturbed(t, (context) => {
  const seconds = 1;
  let garbage = [];
  for (const end = performance.now() + 1000 * seconds; performance.now() < end;) {
    garbage = Array.from({ length: 2e4 }, (_, n) => ({ n, garbage: garbage.length }));
  }
  return 0.5 * seconds * context.sampleRate;
}));

test('load beyond the machine is counted underruns; when the graph is lighter, there are none and nothing has piled up', async (t) => {
  const context = await playing(t);
  const stats = context.playbackStats;
  await context.audioWorklet.addModule(moduleOf(`registerProcessor('heavy', class extends AudioWorkletProcessor {
    constructor() { super(); this.port.onmessage = () => { this.light = true; }; }
    process() { for (const end = Date.now() + 6; !this.light && Date.now() < end;); return true; } });`));
  while (stats.averageLatency === 0) await sleep(5);
  const latencyBefore = stats.averageLatency;
  const before = stats.underrunEvents;
  const heavy = new AudioWorkletNode(context, 'heavy');
  heavy.connect(context.destination);
  while (stats.underrunEvents < before + 5) await sleep(10);
  assert.ok(stats.underrunDuration > 0);
  const time = context.currentTime;
  while (context.currentTime === time) await sleep(5);   // it plays, with holes
  heavy.port.postMessage('light');
  // As many seconds of sound in a row as underruns never left before.
  let calm = context.currentTime, count = stats.underrunEvents;
  while (context.currentTime < calm + 0.5) {
    await sleep(20);
    if (stats.underrunEvents === count) continue;
    [calm, count] = [context.currentTime, stats.underrunEvents];
  }
  stats.resetLatency();
  while (stats.averageLatency === 0) await sleep(20);
  const mostExtra = 8 * quantum / context.sampleRate;   // what a session that was dear keeps ready for a while (docs/real_time.md)
  assert.ok(stats.averageLatency <= latencyBefore + mostExtra + 2 * context.outputLatency,
    `${stats.averageLatency} s from graph to ear, before ${latencyBefore} s`);
});

// What a context tells of its playing, over the real engine on the virtual device.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { AudioContext, AudioPlaybackStats } from '../../../lib/index.js';
import { settings } from '../../../lib/settings.js';

settings.device = 'virtual';

async function playing(t, options) {
  const context = new AudioContext(options);
  t.after(() => context.close());
  await context.resume();
  while (context.getOutputTimestamp().contextTime === 0) await sleep(5);
  return context;
}

test('playbackStats is always the same object, with the members of the specification', async (t) => {
  const context = await playing(t);
  const stats = context.playbackStats;
  assert.ok(stats instanceof AudioPlaybackStats);
  assert.equal(context.playbackStats, stats);
  assert.throws(() => new AudioPlaybackStats(), TypeError);
  assert.deepEqual(Object.keys(stats.toJSON()),
    ['underrunDuration', 'underrunEvents', 'totalDuration', 'averageLatency', 'minimumLatency', 'maximumLatency']);
  while (stats.totalDuration < 0.5) await sleep(20);
  const { totalDuration, underrunDuration } = stats;
  assert.ok(totalDuration - underrunDuration <= context.currentTime, `${totalDuration} s in all, context time ${context.currentTime} s`);
  stats.resetLatency();
  const { averageLatency, minimumLatency, maximumLatency } = stats;
  assert.ok(averageLatency > 0);
  assert.deepEqual([minimumLatency, maximumLatency], [averageLatency, averageLatency]);
  const latency = context.baseLatency + context.outputLatency;
  const callback = context.outputLatency;   // of the virtual device: one period
  assert.ok(Math.abs(averageLatency - latency) <= callback + 1e-6, `${averageLatency} s, and ${latency} s by ring and device`);
});

test('the output timestamp runs with the clock of performance.now()', async (t) => {
  const context = await playing(t);
  const first = context.getOutputTimestamp();
  await sleep(300);
  const now = performance.now();
  const second = context.getOutputTimestamp();
  assert.ok(second.contextTime < context.currentTime);
  assert.ok(second.performanceTime > now - 300 && second.performanceTime <= performance.now(), `${second.performanceTime} ms at ${now} ms`);
  const lost = context.playbackStats.underrunDuration;
  const heard = second.contextTime - first.contextTime, passed = (second.performanceTime - first.performanceTime) / 1000;
  assert.ok(Math.abs(heard + lost - passed) <= context.outputLatency, `${heard} s heard in ${passed} s`);
});

test('baseLatency is what is kept ready and outputLatency what the device adds, for every latencyHint', async (t) => {
  const [least, playback] = [await playing(t), await playing(t, { latencyHint: 'playback' })];
  assert.equal(least.outputLatency, playback.outputLatency, 'they share a device');
  const asked = 0.1, quantum = 128 / playback.sampleRate;
  const whole = playback.baseLatency + playback.outputLatency;
  assert.ok(whole >= asked - 1e-9 && whole < asked + quantum + 1e-9, `${whole} s from graph to ear`);
  assert.ok(least.baseLatency < playback.baseLatency);
});

test('the figures of playbackStats stay while code runs, for however long, and move with the next await', async (t) => {
  const context = await playing(t);
  const stats = context.playbackStats;
  const before = stats.toJSON();
  const begin = performance.now();
  while (performance.now() - begin < 1100);   // the figures are due after a second
  assert.deepEqual(stats.toJSON(), before);
  await undefined;
  assert.ok(stats.totalDuration > before.totalDuration, `${stats.totalDuration} s after ${before.totalDuration} s`);
});

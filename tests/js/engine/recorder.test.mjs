// Recorder: what a node gives, in files.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

import { AudioContext, ConstantSourceNode, OfflineAudioContext, Recorder } from '../../../lib/index.js';
import { comesBack, killHost } from '../support/killed_host.mjs';
import { patience } from '../support/pulse.mjs';

const kStep = 2 ** -24;   // between frames of the counter
const sleep = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });
const block = (milliseconds) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);

function folder(t) {
  const path = mkdtempSync(join(tmpdir(), 'backline-recorder-'));
  t.after(() => rmSync(path, { recursive: true }));
  return (name) => join(path, name);
}

/** A context that plays nowhere, and a source of which each frame is its number, for a minute; it is heard nowhere. */
async function counting(t, channels = 1) {
  const context = new AudioContext({ sinkId: { type: 'none' }, sampleRate: 48000 });
  t.after(() => context.state !== 'closed' && context.close());
  const buffer = context.createBuffer(channels, 48000 * 60, 48000);
  for (let c = 0; c < channels; c++) buffer.getChannelData(c).forEach((_, i, samples) => { samples[i] = (i + 1) * kStep; });
  const source = context.createBufferSource();
  source.buffer = buffer;
  const node = context.createGain();
  source.connect(node);
  source.start();
  await context.resume();
  return { context, source, node };
}

const read = async (file, context) => (await context.decodeAudioData(readFileSync(file).buffer)).getChannelData(0);
const numberOf = (sample) => Math.round(sample / kStep);
/** The places where a frame is not the one after the frame before: [place, how many lie between]. */
function leaps(samples) {
  const found = [];
  for (let i = 1; i < samples.length; i++) if (samples[i] !== samples[i - 1] + kStep) found.push([i, numberOf(samples[i]) - numberOf(samples[i - 1]) - 1]);
  return found;
}

test('it is recorded to the frame, though the main thread is blocked from the call of start() on', async (t) => {
  const file = folder(t)('take.wav');
  const { context, node } = await counting(t);
  await patience(() => context.currentTime > 0.1, 'it does not play');
  const recorder = new Recorder(node, { file, channels: 1 });
  recorder.start();
  assert.equal(recorder.state, 'recording');
  block(4000);
  const report = await recorder.stop();
  assert.equal(recorder.state, 'inactive');
  const samples = await read(file, context);
  assert.deepEqual(leaps(samples), []);
  assert.ok(samples[0] > 0 && samples.length > 150_000, `${samples.length} frames`);
  assert.deepEqual({ frames: report.frames, gaps: report.gaps, files: report.files, failure: report.failure }, { frames: samples.length, gaps: 0, files: [file], failure: '' });
  assert.equal(report.duration, samples.length / 48000);
  assert.equal(report.peaks[0], samples.at(-1));
});

test('disconnect() of the node, and the end of its source, do not end it; the context\'s end does', async (t) => {
  const file = folder(t)('take.wav');
  const { context, source, node } = await counting(t);
  node.connect(context.destination);
  const recorder = new Recorder(node, { file, channels: 2 });
  const stopped = new Promise((resolve) => { recorder.onstop = resolve; });
  recorder.start();
  await sleep(100);
  node.disconnect();
  await sleep(200);
  source.stop();
  await sleep(100);
  await context.close();
  await stopped;
  const samples = await read(file, new OfflineAudioContext(1, 1, 48000));
  const end = samples.findLastIndex((sample) => sample > 0);
  assert.ok(end > 8000 && samples.length > end + 2000, `${end} of ${samples.length}`);
  assert.deepEqual(leaps(samples.subarray(samples.findIndex((sample) => sample > 0), end + 1)), []);
});

test('what is rendered in a pause is left out, to the frame', async (t) => {
  const file = folder(t)('take.wav');
  const { context, node } = await counting(t);
  const recorder = new Recorder(node, { file, channels: 1 });
  recorder.start();
  await sleep(150);
  recorder.pause();
  assert.equal(recorder.state, 'paused');
  await sleep(150);
  recorder.resume();
  await sleep(150);
  const { pausedFrames } = await recorder.stop();
  const samples = await read(file, context);
  const [[, left], ...more] = leaps(samples.subarray(samples.findIndex((sample) => sample > 0)));
  assert.equal(left, pausedFrames);
  assert.deepEqual(more, []);
  assert.ok(pausedFrames > 1000);
});

test('when a render host dies, what the graph would have sounded until the next one is silence of its length', async (t) => {
  const file = folder(t)('take.wav');
  const scene = { ...await counting(t), states: [] };
  await patience(() => scene.context.currentTime > 0.1, 'it does not play');
  const gaps = [];
  const recorder = new Recorder(scene.node, { file, channels: 1 });
  recorder.ongap = ({ frame, frames, reason }) => gaps.push({ frame, frames, reason });
  recorder.start();
  await sleep(200);
  scene.context.onstatechange = () => scene.states.push(scene.context.state);
  const time = scene.context.currentTime;
  killHost();
  await comesBack(scene, time);
  await sleep(200);
  const report = await recorder.stop();
  const samples = await read(file, scene.context);
  // Every frame that is there stands where it stands in the sound.
  const offset = numberOf(samples[0]);
  let silent = 0;
  for (let i = 0; i < samples.length; i++) {
    if (samples[i] === 0) silent++;
    else assert.equal(numberOf(samples[i]) - i, offset, `frame ${i} of ${samples.length}, after ${silent} of silence; gaps ${JSON.stringify(gaps)}`);
  }
  assert.equal(report.lostFrames, silent);
  assert.equal(gaps.reduce((sum, { frames }) => sum + frames, 0), silent);
  assert.ok(samples.at(-1) > 0);
});

test('files are split at exact frames, and seconds end it by itself', async (t) => {
  const at = folder(t);
  const { context, node } = await counting(t);
  await patience(() => context.currentTime > 0.1, 'it does not play');
  const recorder = new Recorder(node, { file: at('take.flac'), channels: 1, split: 0.1, seconds: 0.25 });
  const stopped = new Promise((resolve) => { recorder.onstop = resolve; });
  recorder.start();
  await stopped;
  const { files, frames } = recorder.report;
  assert.deepEqual(files, ['001', '002', '003'].map((number) => at(`take-${number}.flac`)));
  const parts = [];
  for (const file of files) parts.push(await read(file, context));
  assert.deepEqual(parts.map(({ length }) => length), [4800, 4800, 2400]);
  assert.equal(frames, 12_000);
  const numbers = parts.flatMap((part) => [...part]);
  for (let i = 1; i < numbers.length; i++) assert.ok(Math.abs(numbers[i] - numbers[i - 1] - kStep) <= 2 ** -23, `frame ${i}`);   // 24 bits hold two of the counter's frames
});

test('of the destination, what is heard is recorded', async (t) => {
  const file = folder(t)('take.wav');
  const { context } = await counting(t);
  for (const offset of [0.25, 0.5]) {
    const source = new ConstantSourceNode(context, { offset });
    source.connect(context.destination);
    source.start();
  }
  const recorder = new Recorder(context.destination, { file });
  recorder.start();
  await patience(() => recorder.report.peaks[1] === 0.75, 'nothing is heard');
  await recorder.stop();
  assert.equal((await read(file, context)).at(-1), 0.75);
});

test('levels are those since they were asked for last', async (t) => {
  const { context } = await counting(t);
  const level = new ConstantSourceNode(context, { offset: 0.5 });
  level.start();
  const recorder = new Recorder(level, { file: folder(t)('take.opus'), channels: 2 });
  assert.deepEqual(recorder.levels(), []);
  assert.equal(recorder.report, null);
  recorder.start();
  await patience(() => recorder.levels()[1] === 0.5, 'nothing is heard');
  level.offset.value = 0.125;
  await patience(() => recorder.levels()[0] === 0.125, 'it stays as loud');
  assert.deepEqual((await recorder.stop()).peaks, [0.5, 0.5]);
});

test('what cannot be recorded is named before anything is made', async (t) => {
  const at = folder(t);
  const { context, node } = await counting(t);
  writeFileSync(at('there.wav'), 'text');
  const make = (...args) => () => new Recorder(...args).start();
  const file = at('take.wav');
  for (const [call, error] of [
    [make(), { name: 'TypeError', message: /parameter 1 is not of type 'AudioNode'/ }],
    [make(node), { name: 'TypeError', message: /options.file names no file/ }],
    [make(node, { file: at('take.aac') }), { name: 'TypeError', message: /'aac': wav, flac, ogg, opus are/ }],
    [make(node, { file, channels: 0 }), { name: 'TypeError', message: /channels is 0; it can be 1 … 32/ }],
    [make(node, { file, channels: 1.5 }), { name: 'TypeError' }],
    [make(node, { file, output: 1 }), { name: 'TypeError', message: /output is 1/ }],
    [make(node, { file, seconds: -1 }), { name: 'TypeError', message: /seconds is -1/ }],
    [make(node, { file: at('there.wav') }), { message: /there\.wav/ }],
    [make(node, { file: at('no/take.wav') }), { message: /no\/take\.wav.*No such file or directory/ }],
    [make(node, { file: at('take.flac'), channels: 12 }), { message: /flac takes 1 … 8 channels/ }],
    [make(new OfflineAudioContext(1, 128, 48000).createGain(), { file }), { name: 'NotSupportedError', message: /in chunks/ }],
  ]) assert.throws(call, error);
  const replaced = new Recorder(node, { file: at('there.wav'), replace: true });
  replaced.start();
  assert.throws(() => replaced.start(), { name: 'InvalidStateError' });
  assert.throws(() => new Recorder(node, { file }).pause(), { name: 'InvalidStateError' });
  await sleep(50);
  await replaced.stop();
  assert.ok(statSync(at('there.wav')).size > 32_768);
});

test('a program that ends leaves a file that is whole', async (t) => {
  const file = folder(t)('take.wav');
  const program = `import { AudioContext, OscillatorNode, Recorder } from ${JSON.stringify(new URL('../../../lib/index.js', import.meta.url).href)};
    const context = new AudioContext({ sinkId: { type: 'none' } });
    const tone = new OscillatorNode(context);
    tone.start();
    await context.resume();
    const recorder = new Recorder(tone, { file: ${JSON.stringify(file)} });
    recorder.start();
    while (!(recorder.report.frames > 4800)) await new Promise(setImmediate);
    process.exit();`;
  await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], { timeout: 60_000 });
  const samples = await read(file, new OfflineAudioContext(1, 1, 48000));
  assert.ok(samples.length > 4800);
});

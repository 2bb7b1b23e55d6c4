// examples/recorder in Node: the same files, and each way in which such a recorder is stopped. On a PulseAudio server of the test's own.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { transform } from 'esbuild';

import '../../../lib/polyfill.js';
import { setBaseURL, settings } from '../../../lib/settings.js';
import { readWav, root, temporaryDirectory } from '../cli/support.mjs';
import { hasPulse, patience, startPulse } from '../support/pulse.mjs';

const example = join(root, 'examples/recorder');
const pulse = hasPulse && await startPulse();
if (pulse) {
  pulse.load('out');
  after(() => pulse.end());
}
const onPulse = { skip: !hasPulse };
settings.device = 'pulse:out';
settings.input = 'pulse:out.monitor';
setBaseURL(pathToFileURL(join(example, 'record.mjs')));
const { code } = await transform(await readFile(join(example, 'src/recorder.ts'), 'utf8'), { loader: 'ts', target: 'es2022' });
const { Recorder } = await import(`data:text/javascript,${encodeURIComponent(code)}`);

/** A sound whose frames tell where they stand, again and again, on the sink; the context that plays it. */
async function playNumbers(t) {
  const context = new AudioContext();
  t.after(() => context.close());
  const buffer = new AudioBuffer({ length: 2 * context.sampleRate, sampleRate: context.sampleRate, numberOfChannels: 2 });
  for (let c = 0; c < 2; c++) buffer.copyToChannel(Float32Array.from({ length: buffer.length }, (_, i) => (i + 1) / 131072), c);
  const source = new AudioBufferSourceNode(context, { buffer, loop: true });
  source.connect(context.destination);
  source.start();
  await context.resume();
  return buffer.length;
}

test('the program of the example writes what plays on the sink, frame for frame', onPulse, async (t) => {
  const length = await playNumbers(t);
  const path = join(temporaryDirectory(t), 'take.wav');
  const env = { ...process.env, BACKLINE_DEVICE: 'pulse:out' };
  const { stdout } = await promisify(execFile)(process.execPath, [join(example, 'record.mjs'), path, '2', 'pulse:out.monitor'], { env });
  assert.match(stdout, /take\.wav: \d+ chunks at 48000 Hz/);
  const { channels, sampleRate, frames, data: [samples] } = readWav(path);
  assert.deepEqual([channels, sampleRate], [1, 48000]);
  // A busy machine may leave holes in what the sink plays, and so in what is heard; the recorder makes none, nor does it move a frame.
  const placeOf = (sample) => sample * 131072 - 1;
  let followed = 0, others = 0;
  for (let i = 1; i < frames; i++) {
    if (samples[i - 1] === 0 || samples[i] === 0) continue;
    if (placeOf(samples[i]) === (placeOf(samples[i - 1]) + 1) % length) followed++;
    else others++;
  }
  assert.ok(followed > 24000, `${followed} frames of ${frames} follow the one before`);
  assert.ok(others < 20, `${others} frames do not`);
});

/** Starts a recorder, waits until it gathers, stops it in some way, and waits until no chunk comes any more that is not silent. */
async function stopsBy(t, stop) {
  await playNumbers(t);
  const recorder = await Recorder.start();
  t.after(() => recorder.stop().catch(() => {}));   // where it is closed already
  const sounding = () => recorder.chunks.filter((chunk) => chunk.some((sample) => sample !== 0)).length;
  await patience(() => sounding() > 0, 'nothing is recorded');
  await stop(recorder);
  // What was under way arrives; then nothing, however long the rest plays on.
  let before = -1;
  await patience(async () => {
    const still = sounding() === before;
    before = sounding();
    await new Promise((resolve) => { setTimeout(resolve, 100); });
    return still;
  }, 'chunks come and come');
  return recorder;
}

test("the message 'stop' ends it", onPulse, async (t) => {
  const { context } = await stopsBy(t, ({ node }) => node.port.postMessage('stop'));
  assert.equal(context.state, 'running');
});

test('disconnect() ends it', onPulse, async (t) => {
  const { context } = await stopsBy(t, ({ source }) => source.disconnect());
  assert.equal(context.state, 'running');
});

test('close() ends it', onPulse, async (t) => {
  const { context } = await stopsBy(t, ({ context }) => context.close());
  assert.equal(context.state, 'closed');
});

test('track.stop() ends it, and the file has all that came before', onPulse, async (t) => {
  const recorder = await stopsBy(t, ({ stream }) => stream.getTracks()[0].stop());
  assert.equal(recorder.stream.getTracks()[0].readyState, 'ended');
  const frames = recorder.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  assert.ok((await recorder.stop()).size >= 44 + 4 * frames);
});

// MediaRecorder: https://w3c.github.io/mediacapture-record
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';

import { AudioContext, BlobEvent, ConstantSourceNode, MediaRecorder, MediaStream, OfflineAudioContext, OscillatorNode } from '../../../lib/index.js';

const kEvents = ['start', 'pause', 'resume', 'dataavailable', 'error', 'stop'];

/** A context that plays nowhere, and a stream of what leads to `into`. */
function sounding(t, options = {}) {
  const context = new AudioContext({ sinkId: { type: 'none' }, ...options });
  t.after(() => context.state !== 'closed' && context.close());
  const into = context.createMediaStreamDestination();
  return { context, into, stream: into.stream };
}

/** Events as they come: names, and the Blobs. */
function listened(recorder) {
  const heard = { log: [], blobs: [], times: [] };
  for (const type of kEvents) recorder.addEventListener(type, (event) => {
    heard.log.push(type);
    if (type !== 'dataavailable') return;
    heard.blobs.push(event.data);
    heard.times.push(event.timecode);
  });
  return heard;
}
const sleep = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });
const decoded = async (blobs, sampleRate = 48000) => new OfflineAudioContext(1, 1, sampleRate).decodeAudioData(await new Blob(blobs).arrayBuffer());

for (const [type, tolerance] of [['audio/wav', 0], ['audio/flac', 2 ** -22], ['audio/ogg; codecs=vorbis', 0.05], ['audio/ogg; codecs=opus', 0.05], ['', 0.05]]) {
  for (const timeslice of [undefined, 50]) {
    test(`${type || 'the default type'} in ${timeslice ? 'chunks' : 'one piece'} is the sound that was`, async (t) => {
      const { context, into, stream } = sounding(t);
      new ConstantSourceNode(context, { offset: 0.25 }).connect(into);
      const tone = new OscillatorNode(context, { frequency: 480 });
      tone.connect(into);
      tone.start();
      await context.resume();
      const recorder = new MediaRecorder(stream, { mimeType: type });
      const heard = listened(recorder);
      recorder.start(timeslice);
      await sleep(400);
      recorder.stop();
      assert.equal(recorder.state, 'inactive');
      await once(recorder, 'stop');
      assert.equal(recorder.mimeType, type || 'audio/ogg; codecs=opus');
      assert.ok(heard.blobs.every((blob) => blob.type.replaceAll(' ', '') === recorder.mimeType.replaceAll(' ', '')));
      if (timeslice) assert.ok(heard.blobs.length >= 4, `${heard.blobs.length} chunks`);
      else assert.equal(heard.blobs.length, 1);
      heard.times.forEach((time, i) => assert.ok(Math.abs(time - 50 * i) < 0.01, `chunk ${i} is of ${time} ms`));
      const buffer = await decoded(heard.blobs);
      assert.ok(buffer.duration > 0.2, `${buffer.duration} s`);
      const samples = buffer.getChannelData(0);
      // A sine of 100 frames: each frame is the negative of that half a period before.
      let worst = 0;
      for (let i = 4800; i < samples.length - 4800; i++) worst = Math.max(worst, Math.abs(samples[i] + samples[i - 50]));
      assert.ok(worst <= tolerance + 1e-6, `${worst}`);
      assert.ok(Math.max(...samples.subarray(4800, 6000)) > 0.9);
    });
  }
}

test('the events come in order: start, pause, resume, data, stop', async (t) => {
  const { context, stream } = sounding(t);
  await context.resume();
  const recorder = new MediaRecorder(stream);
  const heard = listened(recorder);
  assert.equal(recorder.state, 'inactive');
  recorder.start();
  assert.equal(recorder.state, 'recording');
  recorder.pause();
  recorder.pause();
  assert.equal(recorder.state, 'paused');
  recorder.resume();
  recorder.requestData();
  await once(recorder, 'dataavailable');
  recorder.stop();
  recorder.stop();
  await once(recorder, 'stop');
  assert.deepEqual(heard.log, ['start', 'pause', 'resume', 'dataavailable', 'dataavailable', 'stop']);
});

test('what is rendered while it is paused is left out', async (t) => {
  const { context, into, stream } = sounding(t);
  const level = new ConstantSourceNode(context, { offset: 0.25 });
  level.connect(into);
  level.start();
  await context.resume();
  const recorder = new MediaRecorder(stream, { mimeType: 'audio/wav' });
  const heard = listened(recorder);
  recorder.start();
  await sleep(150);
  recorder.pause();
  await sleep(100);
  level.offset.value = 0.75;
  await sleep(150);
  level.offset.value = 0.5;
  await sleep(150);
  recorder.resume();
  await sleep(150);
  recorder.stop();
  await once(recorder, 'stop');
  const levels = new Set((await decoded(heard.blobs)).getChannelData(0));
  levels.delete(0);
  assert.deepEqual([...levels].sort(), [0.25, 0.5]);
});

test('a recording goes on while the main thread is blocked, and loses nothing', async (t) => {
  const { context, into, stream } = sounding(t);
  const buffer = context.createBuffer(1, 48000 * 20, 48000);
  buffer.getChannelData(0).forEach((_, i, samples) => { samples[i] = i * 2 ** -24; });
  const source = context.createBufferSource();
  source.buffer = buffer;
  source.connect(into);
  source.start();
  await context.resume();
  const recorder = new MediaRecorder(stream, { mimeType: 'audio/wav' });
  const heard = listened(recorder);
  recorder.start(100);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3000);
  recorder.stop();
  await once(recorder, 'stop');
  const samples = (await decoded(heard.blobs)).getChannelData(0);
  const first = samples.findIndex((sample) => sample > 0);
  assert.ok(samples.length - first > 100_000, `${samples.length} frames`);
  for (let i = first + 1; i < samples.length; i++) if (samples[i] !== samples[i - 1] + 2 ** -24) assert.fail(`frame ${i}: ${samples[i]} after ${samples[i - 1]}`);
});

test('Opus at a rate that it cannot have is converted', async (t) => {
  const { context, into, stream } = sounding(t, { sampleRate: 44100 });
  const tone = new OscillatorNode(context, { frequency: 441 });
  tone.connect(into);
  tone.start();
  await context.resume();
  const recorder = new MediaRecorder(stream);
  const heard = listened(recorder);
  recorder.start();
  await sleep(400);
  recorder.stop();
  await once(recorder, 'stop');
  const samples = (await decoded(heard.blobs, 44100)).getChannelData(0).subarray(4410);
  let crossings = 0;
  for (let i = 1; i < 8820; i++) crossings += samples[i - 1] < 0 && samples[i] >= 0;
  assert.ok(Math.abs(crossings - 88) <= 1, `${crossings} periods in 0.2 s`);
});

test('the end of the last track ends it; so does the end of its context', async (t) => {
  for (const end of [({ stream }) => stream.getTracks()[0].stop(), ({ context }) => context.close()]) {
    const all = sounding(t);
    await all.context.resume();
    const recorder = new MediaRecorder(all.stream);
    const heard = listened(recorder);
    recorder.start();
    await sleep(50);
    end(all);
    await once(recorder, 'stop');
    assert.equal(recorder.state, 'inactive');
    assert.deepEqual(heard.log, ['start', 'dataavailable', 'stop']);
  }
});

test('a track that is added or removed is an error, and what was recorded is there', async (t) => {
  for (const change of ['addTrack', 'removeTrack']) {
    const { context, stream } = sounding(t);
    await context.resume();
    const recorder = new MediaRecorder(stream);
    const heard = listened(recorder);
    recorder.start();
    await once(recorder, 'start');
    const stopped = once(recorder, 'stop');
    stream[change](change === 'addTrack' ? stream.getTracks()[0].clone() : stream.getTracks()[0]);
    const [{ error }] = await once(recorder, 'error');
    assert.equal(error.name, 'InvalidModificationError');
    await stopped;
    assert.deepEqual(heard.log, ['start', 'error', 'dataavailable', 'stop']);
    assert.ok(heard.blobs[0].size > 0);
  }
});

test('it can record again, and is refused what its state forbids', async (t) => {
  const { context, stream } = sounding(t);
  await context.resume();
  const recorder = new MediaRecorder(stream, { audioBitsPerSecond: 64_000 });
  assert.equal(recorder.audioBitsPerSecond, 64_000);
  for (const operation of ['pause', 'resume', 'requestData']) assert.throws(() => recorder[operation](), { name: 'InvalidStateError' });
  recorder.stop();
  for (let take = 0; take < 2; take++) {
    const heard = listened(recorder);
    recorder.start();
    assert.throws(() => recorder.start(), { name: 'InvalidStateError' });
    await sleep(100);
    recorder.stop();
    await once(recorder, 'stop');
    assert.ok((await decoded(heard.blobs.slice(-1))).duration > 0.02);
  }
});

test('types that it cannot write are refused with those that it can; streams that have ended as well', async (t) => {
  const { stream } = sounding(t);
  for (const type of ['', 'audio/ogg', 'audio/ogg;codecs=opus', 'audio/ogg; codecs="vorbis"', 'AUDIO/WAV', 'audio/wav;codecs=pcm', 'audio/flac']) assert.ok(MediaRecorder.isTypeSupported(type), type);
  for (const type of ['audio/webm', 'audio/ogg;codecs=flac', 'video/mp4', 'audio/mpeg', 'nonsense', 'audio/', 'audio/wav;codecs=opus']) {
    assert.equal(MediaRecorder.isTypeSupported(type), false, type);
    assert.throws(() => new MediaRecorder(stream, { mimeType: type }), { name: 'NotSupportedError', message: /audio\/wav and audio\/flac can/ });
  }
  assert.throws(() => new MediaRecorder(), TypeError);
  assert.throws(() => new MediaRecorder({}), TypeError);
  assert.throws(() => MediaRecorder.isTypeSupported(), TypeError);
  assert.throws(() => new MediaRecorder(new MediaStream()).start(), { name: 'NotSupportedError' });
  stream.getTracks()[0].stop();
  assert.throws(() => new MediaRecorder(stream).start(), { name: 'NotSupportedError' });
});

test('a BlobEvent holds a Blob', () => {
  const data = new Blob(['x']);
  const event = new BlobEvent('dataavailable', { data, timecode: 5 });
  assert.equal(event.data, data);
  assert.equal(event.timecode, 5);
  assert.throws(() => new BlobEvent('dataavailable'), TypeError);
  assert.throws(() => new BlobEvent('dataavailable', { data: 'x' }), TypeError);
});

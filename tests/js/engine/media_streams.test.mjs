// Streams at nodes, over the real engine on the virtual device.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';

import { AudioContext, AnalyserNode, ConstantSourceNode, MediaStream, MediaStreamAudioDestinationNode, MediaStreamAudioSourceNode,
  MediaStreamTrackAudioSourceNode, OfflineAudioContext, OverconstrainedError } from '../../../lib/index.js';
import { native } from '../../../lib/native.js';
import { settings } from '../../../lib/settings.js';
import { interfaceNamed, wrap } from '../../../lib/webidl/platform_object.js';

settings.device = 'virtual';

const sleep = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

// A context, its analyser, and a way to wait until all of what it shows is `value`.
async function listener(t, options) {
  const context = new AudioContext(options);
  t.after(() => (context.state === 'closed' ? undefined : context.close()));
  await context.resume();
  const analyser = new AnalyserNode(context, { fftSize: 256 });
  const samples = new Float32Array(256);
  const hears = async (value, tolerance = 0) => {
    for (let i = 0; i < 400; i++) {
      analyser.getFloatTimeDomainData(samples);
      if (samples.every((sample) => Math.abs(sample - value) <= tolerance)) return;
      await sleep(20);
    }
    assert.fail(`waited for ${value}, heard ${samples.slice(0, 4)} …`);
  };
  return { context, analyser, hears };
}

function constant(context, offset) {
  const source = new ConstantSourceNode(context, { offset });
  const destination = new MediaStreamAudioDestinationNode(context);
  source.connect(destination);
  source.start();
  return destination;
}

test('a destination feeds its own context exactly, until its track is disabled or stopped', async (t) => {
  const { context, analyser, hears } = await listener(t);
  const { stream } = constant(context, 0.3);
  const node = context.createMediaStreamSource(stream);
  assert.equal(node.context, context);
  assert.equal(node.mediaStream, stream);
  node.connect(analyser);
  const [track] = stream.getAudioTracks();
  await hears(Math.fround(0.3));
  track.enabled = false;
  await hears(0);
  track.enabled = true;
  await hears(Math.fround(0.3));
  track.stop();
  assert.equal(track.readyState, 'ended');
  assert.equal(stream.active, false);
  await hears(0);
});

test('a context hears another one of another rate', async (t) => {
  const from = await listener(t, { sampleRate: 44100 });
  const to = await listener(t, { sampleRate: 48000 });
  const { stream } = constant(from.context, 0.5);
  new MediaStreamTrackAudioSourceNode(to.context, { mediaStreamTrack: stream.getTracks()[0] }).connect(to.analyser);
  await to.hears(0.5, 1e-5);
});

test('a captured input is a track like any other', async (t) => {
  const { context, analyser, hears } = await listener(t);
  const source = new ConstantSourceNode(context, { offset: 0.25 });
  source.connect(context.destination);
  source.start();
  const track = wrap(await native().openCapture({ device: 'virtual' }), interfaceNamed('MediaStreamTrack'));
  t.after(() => track.stop());
  assert.equal(track.getSettings().deviceId, 'virtual');
  context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
  await hears(0.25);
  track.stop();
  await hears(0);
  await assert.rejects(native().openCapture({ device: 'no such device' }), { name: 'NotReadableError', message: /no such device/ });
});

test('the end of a context ends the tracks of its destinations', async (t) => {
  const { context } = await listener(t);
  const [track] = context.createMediaStreamDestination().stream.getTracks();
  const ended = once(track, 'ended');
  await context.close();
  await ended;
  assert.equal(track.readyState, 'ended');
});

test('streams hold tracks as a set, clone them, and choose the first by its id', async (t) => {
  const { context } = await listener(t);
  const tracks = [0, 1, 2].map(() => context.createMediaStreamDestination().stream.getTracks()[0]);
  const stream = new MediaStream(tracks);
  stream.addTrack(tracks[1]);
  assert.deepEqual(stream.getTracks(), tracks);
  assert.equal(stream.getTracks()[2], tracks[2], 'the same objects');
  assert.deepEqual(stream.getVideoTracks(), []);
  assert.equal(stream.getTrackById(tracks[1].id), tracks[1]);
  assert.equal(stream.getTrackById('none'), null);
  assert.deepEqual(new MediaStream(stream).getTracks(), tracks);
  const clone = stream.clone();
  assert.notEqual(clone.id, stream.id);
  assert.notEqual(clone.getTracks()[0].id, tracks[0].id);
  tracks.forEach((track) => track.stop());
  assert.equal(stream.active, false);
  assert.equal(clone.active, true);
  stream.removeTrack(tracks[0]);
  assert.equal(stream.getTracks().length, 2);
});

test('a track tells what it is', async (t) => {
  const { context } = await listener(t);
  const node = new MediaStreamAudioDestinationNode(context, { channelCount: 3 });
  assert.equal(node.stream, node.stream);
  const [track] = node.stream.getTracks();
  assert.equal(track.kind, 'audio');
  assert.equal(track.muted, false);
  assert.equal(track.enabled, true);
  assert.equal(track.readyState, 'live');
  assert.deepEqual(track.getSettings(), { sampleRate: context.sampleRate, channelCount: 3, latency: 0 });
});

test('what is wrong with a stream is said as the specification does', async (t) => {
  const { context } = await listener(t);
  assert.throws(() => context.createMediaStreamSource(new MediaStream()), { name: 'InvalidStateError' });
  assert.throws(() => new MediaStreamAudioSourceNode(context, { mediaStream: new MediaStream() }), { name: 'InvalidStateError' });
  assert.throws(() => new MediaStreamAudioSourceNode(context, {}), TypeError);
  assert.throws(() => new MediaStreamAudioDestinationNode(new OfflineAudioContext(1, 128, 48000)), TypeError);
  assert.throws(() => new MediaStream([{}]), TypeError);
});

test('a track says what it can, and constraints say whether that will do', async (t) => {
  const context = new AudioContext({ sampleRate: 48000 });
  t.after(() => context.close());
  const [track] = context.createMediaStreamDestination().stream.getTracks();
  const { sampleRate, channelCount } = track.getSettings();
  const capabilities = track.getCapabilities();
  assert.deepEqual(capabilities.sampleRate, { min: sampleRate, max: sampleRate });
  assert.deepEqual(capabilities.channelCount, { min: channelCount, max: channelCount });
  assert.deepEqual(capabilities.echoCancellation, [false]);
  assert.deepEqual(track.getConstraints(), {});
  const constraints = { sampleRate: 8000, channelCount: { max: channelCount }, width: { exact: 3 }, advanced: [{ sampleRate: { exact: 1 } }] };
  await track.applyConstraints(constraints);
  assert.deepEqual(track.getConstraints(), constraints);
  for (const [name, constraint] of [['sampleRate', { exact: 8000 }], ['channelCount', { min: channelCount + 1 }], ['latency', { max: -1 }],
    ['echoCancellation', { exact: true }], ['deviceId', { exact: ['this', 'that'] }]]) {
    await assert.rejects(track.applyConstraints({ [name]: constraint }), (error) => {
      assert.ok(error instanceof OverconstrainedError && error instanceof DOMException);
      assert.equal(error.name, 'OverconstrainedError');
      assert.equal(error.constraint, name);
      assert.match(error.message, new RegExp(name));
      return true;
    });
  }
  assert.deepEqual(track.getConstraints(), constraints, 'those that failed change nothing');
  await assert.rejects(track.applyConstraints({ latency: Symbol('s') }), TypeError);
  track.stop();
  await track.applyConstraints({ sampleRate: { exact: 8000 } });
});

// navigator.mediaDevices: what there is, tracks of what is heard, word of changes. On a PulseAudio server of the test's own.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { after, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import {
  AnalyserNode, AudioContext, ConstantSourceNode, DeviceChangeEvent, InputDeviceInfo, MediaDeviceInfo, MediaDevices, MediaStream, OverconstrainedError, mediaDevices,
  navigator,
} from '../../../lib/index.js';
import { native } from '../../../lib/native.js';
import { settings } from '../../../lib/settings.js';
import { hasPulse, patience, startPulse } from '../support/pulse.mjs';

const pulse = hasPulse && await startPulse();
if (pulse) {
  pulse.load('loud');
  pulse.load('six', 'channels=6');
  pulse.pactl('set-default-sink', 'loud');
  pulse.pactl('set-default-source', 'loud.monitor');
  after(() => pulse.end());
}
const onPulse = { skip: !hasPulse };

const idsOf = (devices, kind) => devices.filter((device) => device.kind === kind).map(({ deviceId }) => deviceId);
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
const isGone = () => native().status().audioPid === 0;

test('enumerateDevices lists inputs and outputs, the default first, by the ids that setSinkId takes', onPulse, async (t) => {
  assert.equal(navigator.mediaDevices, mediaDevices);
  assert.ok(mediaDevices instanceof MediaDevices && mediaDevices instanceof EventTarget);
  const devices = await mediaDevices.enumerateDevices();
  const inputs = idsOf(devices, 'audioinput'), outputs = idsOf(devices, 'audiooutput');
  assert.deepEqual(inputs.slice(0, 2), ['pulse:loud.monitor', 'pulse:six.monitor']);
  assert.deepEqual(outputs.slice(0, 2), ['pulse:loud', 'pulse:six']);
  for (const ids of [inputs, outputs]) assert.deepEqual(ids.slice(-2), ['virtual', 'stepped'], 'the virtual ones stand last');
  assert.deepEqual(devices, [...devices.filter(({ kind }) => kind === 'audioinput'), ...devices.filter(({ kind }) => kind === 'audiooutput')]);
  const [input] = devices, output = devices.find(({ deviceId }) => deviceId === 'pulse:loud');
  assert.ok(input instanceof InputDeviceInfo && output instanceof MediaDeviceInfo && !(output instanceof InputDeviceInfo));
  assert.equal(input.groupId, output.groupId, 'a sink and its monitor are one device');
  assert.notEqual(input.groupId, devices.find(({ deviceId }) => deviceId === 'pulse:six').groupId);
  assert.ok(devices.every(({ label, groupId }) => label && groupId));
  assert.deepEqual(JSON.parse(JSON.stringify(output)), { deviceId: output.deviceId, kind: output.kind, label: output.label, groupId: output.groupId });
  assert.deepEqual(devices.find(({ deviceId }) => deviceId === 'pulse:six.monitor').getCapabilities().channelCount, { min: 1, max: 6 });
  const context = new AudioContext();
  t.after(() => context.close());
  await context.setSinkId(output.deviceId);
  assert.equal(context.sinkId, 'pulse:loud');
});

test('getUserMedia gives a track of the default input, and of any that is named', onPulse, async (t) => {
  const context = new AudioContext({ sinkId: 'pulse:loud' });
  t.after(() => context.close());
  const source = new ConstantSourceNode(context, { offset: 0.25 });
  source.connect(context.destination);
  source.start();
  const stream = await mediaDevices.getUserMedia({ audio: true });
  assert.ok(stream instanceof MediaStream && stream.active);
  const [track] = stream.getAudioTracks();
  t.after(() => track.stop());
  assert.deepEqual([track.kind, track.readyState, track.enabled, track.muted], ['audio', 'live', true, false]);
  assert.ok(track.label);
  assert.deepEqual(track.getConstraints(), {});
  const { deviceId, groupId, sampleRate, channelCount, echoCancellation, latency } = track.getSettings();
  assert.deepEqual([deviceId, sampleRate, channelCount, echoCancellation], ['pulse:loud.monitor', 48000, 2, false]);
  assert.ok(groupId && latency > 0);
  assert.deepEqual(track.getCapabilities().channelCount, { min: 2, max: 2 });
  const analyser = new AnalyserNode(context, { fftSize: 256 });
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(256);
  await patience(() => {
    analyser.getFloatTimeDomainData(samples);
    return samples.every((sample) => Math.abs(sample - 0.25) < 1e-3);
  }, 'what plays on the sink is not heard at its monitor');

  const copy = track.clone();
  assert.deepEqual(copy.getSettings(), track.getSettings());
  track.stop();
  assert.deepEqual([track.readyState, copy.readyState, stream.active], ['ended', 'live', false]);
  copy.stop();

  for (const deviceId of ['pulse:six.monitor', ['nothing', 'pulse:six.monitor'], { exact: 'pulse:six.monitor' }, { ideal: 'pulse:six.monitor' }]) {
    const [named] = (await mediaDevices.getUserMedia({ audio: { deviceId, channelCount: 1 } })).getTracks();
    assert.equal(named.getSettings().deviceId, 'pulse:six.monitor');
    assert.equal(named.getSettings().channelCount, 1);
    assert.deepEqual(named.getConstraints(), { channelCount: 1, deviceId });
    named.stop();
  }
  const [ideal] = (await mediaDevices.getUserMedia({ audio: { deviceId: 'not there' } })).getTracks();
  assert.equal(ideal.getSettings().deviceId, 'pulse:loud.monitor', 'what is only wished for is not missed');
  ideal.stop();
});

test('constraints choose the input and its channels, and say which of them cannot be met', onPulse, async () => {
  const settingsOf = async (audio) => {
    const [track] = (await mediaDevices.getUserMedia({ audio })).getTracks();
    track.stop();
    return track.getSettings();
  };
  assert.equal((await settingsOf({ channelCount: { min: 4 } })).deviceId, 'pulse:six.monitor');
  assert.equal((await settingsOf({ channelCount: { ideal: 6 } })).channelCount, 6);
  assert.equal((await settingsOf({ channelCount: { exact: 3 } })).channelCount, 3);
  assert.equal((await settingsOf({ channelCount: { max: 1 } })).channelCount, 1);
  assert.equal((await settingsOf({ sampleRate: 44100 })).sampleRate, 48000);
  assert.equal((await settingsOf({ advanced: [{ channelCount: 99 }, { channelCount: 5 }] })).channelCount, 5);
  assert.equal((await settingsOf({ advanced: [{ deviceId: 'pulse:six.monitor' }] })).deviceId, 'pulse:six.monitor');
  assert.equal((await settingsOf({ deviceId: { exact: 'virtual' } })).deviceId, 'virtual', 'a virtual one, where it is named');
  for (const [name, audio] of [['deviceId', { deviceId: { exact: 'not there' } }], ['channelCount', { channelCount: { min: 7, max: 40 } }],
    ['sampleRate', { sampleRate: { exact: 8000 } }], ['echoCancellation', { echoCancellation: { exact: true } }], ['groupId', { groupId: { exact: 'none' } }],
    ['latency', { latency: { max: 0 } }], ['sampleRate', { deviceId: { exact: 'pulse:loud.monitor' }, sampleRate: { max: 8000 } }]]) {
    await assert.rejects(mediaDevices.getUserMedia({ audio }), (error) => {
      assert.ok(error instanceof OverconstrainedError, `${error}`);
      assert.equal(error.constraint, name);
      return true;
    });
  }
  assert.equal(mediaDevices.getSupportedConstraints().channelCount, true);
  assert.equal(mediaDevices.getSupportedConstraints().width, undefined);
});

test('what cannot be had is an error as the specification has it', onPulse, async (t) => {
  for (const constraints of [undefined, {}, { audio: false, video: false }]) await assert.rejects(mediaDevices.getUserMedia(constraints), TypeError);
  await assert.rejects(mediaDevices.getUserMedia({ audio: { channelCount: Symbol('two') } }), TypeError);
  await assert.rejects(mediaDevices.getUserMedia({ video: true, audio: true }), { name: 'NotFoundError' });
  settings.capture = false;
  t.after(() => { settings.capture = true; });
  await assert.rejects(mediaDevices.getUserMedia({ audio: true }), { name: 'NotAllowedError', message: /BACKLINE_CAPTURE/ });
});

test('devicechange tells of what comes and goes, without a context too, and ends the audio server when nobody listens', onPulse, async () => {
  await patience(isGone, 'an audio server is left');
  const seen = [];
  const listener = (event) => seen.push(event);
  mediaDevices.ondevicechange = listener;
  assert.equal(mediaDevices.ondevicechange, listener);
  assert.ok(!isGone());
  await mediaDevices.enumerateDevices();
  const module = pulse.load('late');
  await patience(() => seen.some((event) => event.devices.some(({ deviceId }) => deviceId === 'pulse:late')), 'nothing was said of a new device');
  const came = seen.find(({ devices }) => devices.some(({ deviceId }) => deviceId === 'pulse:late'));
  assert.ok(came instanceof DeviceChangeEvent && came.type === 'devicechange' && came.target === mediaDevices);
  assert.ok(Object.isFrozen(came.devices) && came.devices === came.devices && came.devices[0] instanceof MediaDeviceInfo);
  assert.ok(seen.flatMap(({ userInsertedDevices }) => userInsertedDevices.map(({ deviceId }) => deviceId)).includes('pulse:late'));
  assert.deepEqual(idsOf(await mediaDevices.enumerateDevices(), 'audiooutput').sort(), idsOf(seen.at(-1).devices, 'audiooutput').sort());

  // A track of it ends with it.
  const [track] = (await mediaDevices.getUserMedia({ audio: { deviceId: { exact: 'pulse:late.monitor' } } })).getTracks();
  const ended = once(track, 'ended');
  pulse.unload(module);
  await ended;
  assert.equal(track.readyState, 'ended');
  await patience(() => !seen.at(-1).devices.some(({ deviceId }) => deviceId === 'pulse:late'), 'nothing was said of a device that went');

  // An audio server that dies is replaced, though nothing plays.
  const { audioPid } = native().status();
  process.kill(audioPid, 'SIGKILL');
  await patience(() => ![0, audioPid].includes(native().status().audioPid), 'nobody watches any more');
  seen.length = 0;
  const again = pulse.load('again');
  await patience(() => seen.some(({ devices }) => devices.some(({ deviceId }) => deviceId === 'pulse:again')), 'the next audio server tells of nothing');
  pulse.unload(again);
  mediaDevices.ondevicechange = null;
  await patience(isGone, 'an audio server is left');
  mediaDevices.addEventListener('devicechange', listener);
  assert.ok(!isGone());
  mediaDevices.removeEventListener('devicechange', listener);
  await patience(isGone, 'an audio server is left');
});

test('a live track tells of its end, though only its listener is left; one that nobody listens to lets its device go', onPulse, async () => {
  await patience(isGone, 'an audio server is left');
  const module = pulse.load('held');
  const open = async () => (await mediaDevices.getUserMedia({ audio: { deviceId: { exact: 'pulse:held.monitor' } } })).getTracks()[0];
  let told = 0;
  await (async () => {
    (await open()).addEventListener('ended', () => { told++; });
    (await open()).onended = () => { told++; };
    for (let i = 0; i < 3; i++) await open();
  })();
  for (let i = 0; i < 5; i++) {
    collect();
    await new Promise((resolve) => { setTimeout(resolve, 10); });
  }
  assert.equal(told, 0);
  pulse.unload(module);
  await patience(() => told === 2, 'the end of a track was not told');
  collect();
  await patience(isGone, 'an audio server is left');

  const [stopped] = (await mediaDevices.getUserMedia({ audio: true })).getTracks();
  stopped.onended = () => { told++; };
  stopped.stop();
  await patience(isGone, 'an audio server is left');
  assert.equal(told, 2, 'a program that stops a track is not told of its end');
});

test('without a microphone there is NotFoundError, unless a virtual input is named or is the default', onPulse, async (t) => {
  const { PULSE_SERVER } = process.env;
  process.env.PULSE_SERVER = 'unix:/nowhere/at/all';
  t.after(() => Object.assign(process.env, { PULSE_SERVER }));
  await patience(isGone, 'an audio server is left');
  await assert.rejects(mediaDevices.getUserMedia({ audio: true }), { name: 'NotFoundError', message: /no microphone/ });
  await assert.rejects(mediaDevices.getUserMedia({ audio: { channelCount: 1 } }), { name: 'NotFoundError' });
  const [track] = (await mediaDevices.getUserMedia({ audio: { deviceId: { exact: 'virtual' } } })).getTracks();
  track.stop();
  settings.input = 'virtual';
  t.after(() => { settings.input = undefined; });
  assert.equal((await mediaDevices.enumerateDevices())[0].deviceId, 'virtual');
  const [byDefault] = (await mediaDevices.getUserMedia({ audio: true })).getTracks();
  assert.equal(byDefault.getSettings().deviceId, 'virtual');
  byDefault.stop();
});

// An audio server that is stopped answers nobody: whoever waited for it on the main thread would stand still.
test('getUserMedia leaves the main thread to the program while the device is opened', async (t) => {
  const devices = await mediaDevices.enumerateDevices();   // starts the audio server
  assert.ok(devices.length > 0);
  const keeps = await mediaDevices.getUserMedia({ audio: { deviceId: { exact: 'virtual' } } });
  const { audioPid } = native().status();
  process.kill(audioPid, 'SIGSTOP');
  let opened = false;
  const opening = native().openCapture({ device: 'virtual' }).then((track) => { opened = true; return track; });
  try {
    for (let i = 0; i < 5; i++) await new Promise((resolve) => { setTimeout(resolve, 10); });
    assert.equal(opened, false, 'a server that is stopped has opened a device');
  } finally {
    process.kill(audioPid, 'SIGCONT');
  }
  (await opening).stop();
  for (const track of keeps.getTracks()) track.stop();
  await patience(isGone, 'the audio server is still there');
});

test('a program may end while a device is opened, or has just been', () => {
  for (const milliseconds of [0, 5, 20, 60, 120, 200]) {
    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', `
      import { mediaDevices } from ${JSON.stringify(new URL('../../../lib/index.js', import.meta.url).href)};
      mediaDevices.getUserMedia({ audio: { deviceId: { exact: 'virtual' } } });
      setTimeout(() => process.exit(3), ${milliseconds});`], { encoding: 'utf8', timeout: 60000 });
    assert.equal(stderr, '', `after ${milliseconds} ms`);
    assert.equal(status, 3, `after ${milliseconds} ms`);
  }
});

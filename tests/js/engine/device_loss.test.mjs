// What a program sees when its device goes and comes back, on a PulseAudio server of the test's own.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { AudioContext, OscillatorNode, mediaDevices } from '../../../lib/index.js';
import { settings } from '../../../lib/settings.js';
import { hasPulse, patience, startPulse } from '../support/pulse.mjs';

test('a device that goes is an error event, a sinkchange and a devicechange, and the context runs on until the device is back', { skip: !hasPulse }, async (t) => {
  const pulse = await startPulse();
  t.after(() => pulse.end());
  const module = pulse.load('out');
  settings.device = 'pulse:out';
  const context = new AudioContext();
  t.after(() => context.close());
  const source = new OscillatorNode(context);
  source.connect(context.destination);
  source.start();
  const goesOn = async () => {
    const { contextTime } = context.getOutputTimestamp();
    await patience(() => context.getOutputTimestamp().contextTime > contextTime + 0.1, 'it does not play');
  };
  await goesOn();

  const seen = [], lists = [];
  mediaDevices.ondevicechange = ({ devices }) => lists.push(devices.map(({ deviceId }) => deviceId));
  t.after(() => { mediaDevices.ondevicechange = null; });
  assert.ok((await mediaDevices.enumerateDevices()).some(({ deviceId }) => deviceId === 'pulse:out'));
  context.onstatechange = () => seen.push(context.state);
  context.onerror = (event) => seen.push(`${event.type}: ${event.message}`);
  context.onsinkchange = () => seen.push(`sinkchange '${context.sinkId}'`);
  let time = context.currentTime;
  pulse.unload(module);
  await patience(() => seen.length >= 2, 'nothing was said of the loss');
  assert.deepEqual(seen, ["error: device 'pulse:out' has gone; playing on 'virtual'", "sinkchange ''"]);
  await goesOn();
  assert.ok(context.currentTime > time, 'currentTime went back');
  assert.ok(context.outputLatency > 0);
  await patience(() => lists.length && !lists.at(-1).includes('pulse:out'), 'no devicechange');

  seen.length = 0;
  time = context.currentTime;
  pulse.load('out');
  await patience(() => seen.length >= 1, 'nothing was said of the return');
  assert.deepEqual(seen, ["sinkchange ''"]);
  await patience(() => lists.at(-1).includes('pulse:out'), 'no devicechange');
  await goesOn();
  assert.ok(context.currentTime > time, 'currentTime went back');
  assert.equal(context.state, 'running');
});

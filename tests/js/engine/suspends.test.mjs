// OfflineAudioContext.suspend and resume, to the frame.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ConstantSourceNode, OfflineAudioContext, OscillatorNode } from '../../../lib/index.js';

const rate = 48000;

test('a suspend is rounded up to a quantum, of any size, and what is changed there is heard from that frame on', async () => {
  for (const renderSizeHint of [1, 100, 128, 1000]) {
    const length = 4000;
    const context = new OfflineAudioContext({ numberOfChannels: 1, length, sampleRate: rate, renderSizeHint });
    const source = new ConstantSourceNode(context);
    source.start();
    const at = [130, 1024, 2001].map((frame) => Math.ceil(frame / renderSizeHint) * renderSizeHint);
    const expected = new Float32Array(length);
    let connected = false;
    const seen = [];
    for (const [i, frame] of at.entries()) {
      context.suspend([130, 1024, 2001][i] / rate).then(() => {
        seen.push(Math.round(context.currentTime * rate));
        assert.equal(context.state, 'suspended');
        connected = !connected;
        if (connected) source.connect(context.destination);
        else source.disconnect();
        return context.resume();
      });
      if (i !== 1) expected.fill(1, frame, at[i + 1] ?? length);
    }
    const rendered = await context.startRendering();
    assert.deepEqual(seen, at, `quantum ${renderSizeHint}`);
    assert.deepEqual(rendered.getChannelData(0), expected, `quantum ${renderSizeHint}`);
  }
});

test('suspends that cannot be are refused, each with InvalidStateError, and the others stay', async () => {
  const context = new OfflineAudioContext(1, 1024, rate);
  const refused = (time) => assert.rejects(context.suspend(time), { name: 'InvalidStateError' });
  const first = context.suspend(256 / rate);
  await refused(-1 / rate);
  await refused(-0.0001);
  await refused(1024 / rate);
  await refused(1);
  await refused(200 / rate);   // the same quantum
  await refused(256 / rate);
  await assert.rejects(context.suspend(NaN), TypeError);
  await assert.rejects(context.suspend(Infinity), TypeError);
  await assert.rejects(context.resume(), { name: 'InvalidStateError' });
  const rendering = context.startRendering();
  await first;
  await refused(256 / rate);   // where it is
  await refused(128 / rate);   // past
  const second = context.suspend(257 / rate);
  await context.resume();
  await second;
  assert.equal(context.currentTime, 384 / rate);
  await context.resume();
  await rendering;
  await refused(0);
  await assert.rejects(context.resume(), { name: 'InvalidStateError' });
});

test('a suspend at every quantum, with a script processor in the graph, comes to its end', async () => {
  const length = 128 * 60;
  const context = new OfflineAudioContext(1, length, rate);
  const source = new ConstantSourceNode(context, { offset: 0 });
  const script = context.createScriptProcessor(256, 1, 1);
  script.onaudioprocess = ({ inputBuffer, outputBuffer }) => outputBuffer.copyToChannel(inputBuffer.getChannelData(0), 0);
  source.connect(script).connect(context.destination);
  source.start();
  const order = [];
  for (let quantum = 0; quantum < 60; quantum++) {
    context.suspend(quantum * 128 / rate).then(async () => {
      order.push(quantum);
      source.offset.value = quantum;
      if (quantum % 7 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      await context.resume();
    });
  }
  const heard = (await context.startRendering()).getChannelData(0);
  assert.deepEqual(order, Array.from({ length: 60 }, (_, i) => i));
  heard.forEach((sample, frame) => assert.equal(sample, Math.max(0, Math.floor((frame - 512) / 128)), `frame ${frame}`));
});

test('events, promises and states come in the order of the specification', async () => {
  const context = new OfflineAudioContext(1, 512, rate);
  const order = [];
  const ended = new Promise((resolve) => {
    context.oncomplete = () => {
      order.push(`complete ${context.state}`);
      setTimeout(resolve, 10);
    };
  });
  context.onstatechange = () => order.push(`event ${context.state}`);
  const source = new OscillatorNode(context);
  source.connect(context.destination);
  source.start();
  context.suspend(128 / rate).then(() => {
    order.push('suspended');
    context.resume().then(() => order.push('resumed'));
  });
  assert.equal(context.state, 'suspended');
  const rendering = context.startRendering().then(() => order.push('rendered'));
  assert.equal(context.state, 'running');
  await rendering;
  await ended;
  assert.deepEqual(order, ['event running', 'suspended', 'event suspended', 'resumed', 'event running', 'rendered', 'event closed', 'complete closed']);
});

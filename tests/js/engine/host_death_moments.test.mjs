// The render host is killed at moments of all kinds: while a processor is made, while a module is evaluated, while streams run. No more than four times here:
// the fifth death in a row is one too many.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  AnalyserNode, AudioWorkletNode, MediaStreamAudioDestinationNode, MediaStreamAudioSourceNode, mediaDevices,
} from '../../../lib/index.js';
import { settings } from '../../../lib/settings.js';
import { comesBack, killHost, moduleOf, playing } from '../support/killed_host.mjs';
import { patience } from '../support/pulse.mjs';

settings.device = 'virtual';

/** Waits until all of what an analyser shows is `value`. */
async function hears(analyser, value) {
  const samples = new Float32Array(analyser.fftSize);
  await patience(() => {
    analyser.getFloatTimeDomainData(samples);
    return samples.every((sample) => Math.abs(sample - value) < 1e-4);
  }, `${value} is not heard`);
}

test('while a processor is made: it is made again in the next host, with its options, and answers', async (t) => {
  const scene = await playing(t);
  const { context } = scene;
  await context.audioWorklet.addModule(moduleOf(`registerProcessor('slow', class extends AudioWorkletProcessor {
    constructor({ processorOptions: { made } }) {
      super();
      this.made = Atomics.add(made, 0, 1) + 1;
      if (this.made === 1) for (const end = Date.now() + 1500; Date.now() < end;);
      this.port.onmessage = ({ data }) => this.port.postMessage([data, this.made]);
    }
    process() { return true; }
  });`));
  const made = new Int32Array(new SharedArrayBuffer(4));
  const node = new AudioWorkletNode(context, 'slow', { processorOptions: { made } });
  node.port.postMessage('hello');
  const answered = new Promise((resolve) => { node.port.onmessage = ({ data }) => resolve(data); });
  await patience(() => Atomics.load(made, 0) === 1, 'it is not made');
  const time = context.currentTime;
  killHost();
  assert.deepEqual(await answered, ['hello', 2]);
  await comesBack(scene, time);
});

test('while a module is evaluated: it is evaluated in the next host, and what it registers is there', async (t) => {
  const scene = await playing(t);
  const { context } = scene;
  await context.audioWorklet.addModule(moduleOf(`port.onmessage = ({ data }) => { globalThis.begun = data; port.postMessage('taken'); };`));
  const begun = new Int32Array(new SharedArrayBuffer(4));
  const taken = new Promise((resolve) => { context.audioWorklet.port.onmessage = resolve; });
  context.audioWorklet.port.postMessage(begun);
  await taken;
  context.audioWorklet.port.onmessage = null;
  const added = context.audioWorklet.addModule(moduleOf(`
    if (globalThis.begun) {   // not in the next host, which was told nothing
      Atomics.store(begun, 0, 1);
      for (const end = Date.now() + 1500; Date.now() < end;);
    }
    registerProcessor('late', class extends AudioWorkletProcessor { process(inputs, [[x]]) { x.fill(0.5); return true; } });`));
  await patience(() => Atomics.load(begun, 0) === 1, 'it is not evaluated');
  const time = context.currentTime;
  killHost();
  await added;
  await comesBack(scene, time);
  const analyser = new AnalyserNode(context, { fftSize: 256 });
  new AudioWorkletNode(context, 'late').connect(analyser);
  await hears(analyser, 0.5);
});

test('while a MediaStreamAudioDestination streams: whoever hears it hears it on, and its track lives', async (t) => {
  const from = await playing(t), to = await playing(t);
  const destination = new MediaStreamAudioDestinationNode(from.context);
  from.source.connect(destination);
  const analyser = new AnalyserNode(to.context, { fftSize: 256 });
  new MediaStreamAudioSourceNode(to.context, { mediaStream: destination.stream }).connect(analyser);
  await hears(analyser, 0.25);
  const times = [from.context.currentTime, to.context.currentTime];
  killHost();
  await Promise.all([comesBack(from, times[0]), comesBack(to, times[1])]);
  from.source.offset.value = 0.75;
  await hears(analyser, 0.75);
  assert.equal(destination.stream.getTracks()[0].readyState, 'live');
});

test('while an input is captured: its track lives, and what comes in is heard on', async (t) => {
  const scene = await playing(t);
  const { context, source } = scene;
  const stream = await mediaDevices.getUserMedia({ audio: { deviceId: { exact: 'virtual' } } });
  const [track] = stream.getTracks();
  t.after(() => track.stop());
  track.onended = () => assert.fail('the track has ended');
  const analyser = new AnalyserNode(context, { fftSize: 256 });
  context.createMediaStreamSource(stream).connect(analyser);
  await hears(analyser, 0.25);
  const time = context.currentTime;
  killHost();
  await comesBack(scene, time);
  source.offset.value = 0.75;
  await hears(analyser, 0.75);
  assert.equal(track.readyState, 'live');
});

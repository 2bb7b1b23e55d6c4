// The interfaces over the real engine, rendering offline in this process.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';

import {
  AudioBuffer, AudioBufferSourceNode, AudioWorkletNode, ConstantSourceNode, ConvolverNode, GainNode, OfflineAudioContext, OscillatorNode,
} from '../../../lib/index.js';

const rate = 48000;
const moduleOf = (source) => `data:text/javascript,${encodeURIComponent(source)}`;

test('a graph of sources and gains renders the values it says', async () => {
  const context = new OfflineAudioContext(1, 256, rate);
  const source = new ConstantSourceNode(context, { offset: 0.5 });
  const gain = new GainNode(context, { gain: 0.25 });
  source.connect(gain).connect(context.destination);
  gain.gain.setValueAtTime(2, 128 / rate);
  source.start();
  const data = (await context.startRendering()).getChannelData(0);
  assert.deepEqual(data, Float32Array.from({ length: 256 }, (_, i) => (i < 128 ? 0.125 : 1)));
});

test("a buffer's channel is the engine's own memory", async () => {
  const context = new OfflineAudioContext(1, 4, rate);
  const buffer = new AudioBuffer({ length: 4, sampleRate: rate });
  buffer.getChannelData(0).set([1, 2, 3, 4]);
  const copy = new Float32Array(4);
  buffer.copyFromChannel(copy, 0);
  assert.deepEqual(copy, Float32Array.of(1, 2, 3, 4));
  const source = new AudioBufferSourceNode(context, { buffer });
  source.connect(context.destination);
  source.start();
  assert.deepEqual((await context.startRendering()).getChannelData(0), copy);
});

test('what was rendered can be transferred, after which its buffer has no content', async () => {
  const rendering = async () => {
    const context = new OfflineAudioContext(2, 256, rate);
    const source = new ConstantSourceNode(context, { offset: 0.5 });
    source.connect(context.destination);
    source.start();
    return context.startRendering();
  };
  const buffer = await rendering(), moved = structuredClone(buffer.getChannelData(1), { transfer: [buffer.getChannelData(1).buffer] });
  assert.deepEqual(moved, new Float32Array(256).fill(0.5));
  assert.equal(buffer.getChannelData(1).length, 0);
  const context = new OfflineAudioContext(1, 256, rate);
  const silent = new AudioBufferSourceNode(context, { buffer }), heard = new AudioBufferSourceNode(context, { buffer: await rendering() });
  for (const source of [silent, heard]) {
    source.connect(context.destination);
    source.start();
  }
  assert.deepEqual((await context.startRendering()).getChannelData(0), new Float32Array(256).fill(0.5));
});

test('what start() acquired plays, and is what the buffer has, whatever is written into arrays handed out before', async () => {
  const context = new OfflineAudioContext(1, 4, rate);
  const buffer = new AudioBuffer({ length: 4, sampleRate: rate });
  const old = buffer.getChannelData(0).fill(1);
  assert.equal(buffer.getChannelData(0), old);
  const source = new AudioBufferSourceNode(context, { buffer });
  source.connect(context.destination);
  source.start();
  old.fill(0.5);
  assert.deepEqual(buffer.getChannelData(0), Float32Array.of(1, 1, 1, 1));
  assert.notEqual(buffer.getChannelData(0), old);
  buffer.getChannelData(0).fill(0.25);
  assert.deepEqual((await context.startRendering()).getChannelData(0), Float32Array.of(1, 1, 1, 1));
});

test('a buffer that is set after start() is acquired then, and a response when it is set', async () => {
  const context = new OfflineAudioContext(1, 4, rate);
  const bufferOf = (...samples) => {
    const buffer = new AudioBuffer({ length: samples.length, sampleRate: rate });
    buffer.getChannelData(0).set(samples);
    return buffer;
  };
  const buffer = bufferOf(1, 1), response = bufferOf(1);
  const handedOut = [buffer, response].map((each) => each.getChannelData(0));
  const source = new AudioBufferSourceNode(context);
  source.start();
  source.buffer = buffer;
  source.connect(new ConvolverNode(context, { buffer: response, disableNormalization: true })).connect(context.destination);
  for (const samples of handedOut) samples.fill(9);
  assert.deepEqual([...buffer.getChannelData(0), ...response.getChannelData(0)], [1, 1, 1]);
  assert.deepEqual((await context.startRendering()).getChannelData(0), Float32Array.of(1, 1, 0, 0));
});

test('bad values are refused with the exceptions of the specification', () => {
  const context = new OfflineAudioContext(1, 128, rate);
  assert.throws(() => new OfflineAudioContext(0, 128, rate), { name: 'NotSupportedError', constructor: DOMException });
  assert.throws(() => new OfflineAudioContext(1, 128, 1), { name: 'NotSupportedError' });
  assert.throws(() => new GainNode(context).connect(new GainNode(context), 1), { name: 'IndexSizeError' });
  assert.throws(() => new GainNode(context).connect(new OfflineAudioContext(1, 1, rate).destination), { name: 'InvalidAccessError' });
  assert.throws(() => new OscillatorNode(context).stop(), { name: 'InvalidStateError' });
  assert.throws(() => new OscillatorNode(context, { type: 'custom' }), { name: 'InvalidStateError' });
  assert.throws(() => new GainNode(context).gain.setValueAtTime(1, -1), RangeError);
  assert.throws(() => new AudioWorkletNode(context, 'nobody'), { name: 'InvalidStateError' });
});

test('the promise of a rendering is settled before complete is fired, and sources end before it', async () => {
  const context = new OfflineAudioContext(1, 1024, rate);
  const source = new OscillatorNode(context);
  source.connect(context.destination);
  source.start();
  source.stop(256 / rate);
  const order = [];
  source.onended = () => order.push('ended');
  context.onstatechange = () => order.push(context.state);
  context.oncomplete = ({ renderedBuffer }) => order.push(renderedBuffer.length);
  const complete = once(context, 'complete');
  await context.startRendering();
  order.push('rendered');
  await complete;
  assert.deepEqual(order.filter((each) => ['rendered', 1024].includes(each)), ['rendered', 1024]);
  assert.ok(order.includes('ended') && order.includes('running'), order.join());
});

test('a processor gets options, parameters and messages, and answers', async () => {
  const context = new OfflineAudioContext(1, 256, rate);
  await context.audioWorklet.addModule(moduleOf(`registerProcessor('scale', class extends AudioWorkletProcessor {
    static parameterDescriptors = [{ name: 'by', defaultValue: 2 }];
    constructor({ processorOptions }) {
      super();
      this.offset = processorOptions.offset;
      this.port.onmessage = ({ data }) => this.port.postMessage([data, data.shared instanceof SharedArrayBuffer]);
    }
    process([[input]], [[output]], { by }) {
      for (let i = 0; i < output.length; i++) output[i] = input[i] * by[i % by.length] + this.offset;
      return true;
    }
  })`));
  const node = new AudioWorkletNode(context, 'scale', { processorOptions: { offset: 0.5 }, parameterData: { by: 3 } });
  assert.equal(node.parameters.get('by').defaultValue, 2);
  const source = new ConstantSourceNode(context);
  source.connect(node).connect(context.destination);
  source.start();
  const message = { text: 'hello', shared: new SharedArrayBuffer(8) };
  node.port.postMessage(message);
  const answer = new Promise((resolve) => { node.port.onmessage = ({ data }) => resolve(data); });
  const rendered = await context.startRendering();
  assert.deepEqual(rendered.getChannelData(0), new Float32Array(256).fill(3.5));
  assert.deepEqual(await answer, [message, true]);
});

test('a processor still answers when everything is rendered, and one can be made then', async () => {
  const context = new OfflineAudioContext(1, 200, rate);
  await context.audioWorklet.addModule(moduleOf(`registerProcessor('counter', class extends AudioWorkletProcessor {
    quanta = 0;
    constructor() {
      super();
      this.port.onmessage = () => this.port.postMessage([this.quanta, currentTime]);
    }
    process() { return ++this.quanta; }
  });`));
  const ask = async (node) => {
    node.port.postMessage('how many?');
    node.port.start();
    return (await once(node.port, 'message'))[0].data;
  };
  const node = new AudioWorkletNode(context, 'counter');
  node.connect(context.destination);
  await context.startRendering();
  assert.equal(context.state, 'closed');
  assert.deepEqual(await ask(node), [2, 256 / rate]);
  assert.deepEqual(await ask(new AudioWorkletNode(context, 'counter')), [0, 256 / rate]);
  await assert.rejects(context.startRendering(), { name: 'InvalidStateError' });
  await assert.rejects(context.resume(), { name: 'InvalidStateError' });
  await assert.rejects(context.close(), { name: 'InvalidStateError' });
});

test('a module that throws rejects with its error', async () => {
  const { audioWorklet } = new OfflineAudioContext(1, 1, rate);
  await assert.rejects(audioWorklet.addModule(moduleOf('null.x')), { name: 'TypeError' });
  await assert.rejects(audioWorklet.addModule(moduleOf('let = ;')), { name: 'SyntaxError' });
});

test('a processor that throws fires processorerror with its message and line, and is silent', async () => {
  const context = new OfflineAudioContext(1, 256, rate);
  await context.audioWorklet.addModule(moduleOf(`registerProcessor('bad', class extends AudioWorkletProcessor {
    process() {
      throw new RangeError('too far');
    }
  })`));
  const node = new AudioWorkletNode(context, 'bad');
  node.connect(context.destination);
  const failed = once(node, 'processorerror');
  const rendered = await context.startRendering();
  const [event] = await failed;
  assert.match(event.message, /too far/);
  assert.equal(event.lineno, 3);
  assert.equal(event.error.name, 'RangeError');
  assert.deepEqual(rendered.getChannelData(0), new Float32Array(256));
});

test('what is no audio is an EncodingError', async () => {
  const context = new OfflineAudioContext(1, 1, rate);
  await assert.rejects(context.decodeAudioData(new TextEncoder().encode('hardly music').buffer), { name: 'EncodingError' });
});

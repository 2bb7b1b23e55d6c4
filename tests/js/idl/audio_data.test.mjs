// AudioBuffer's channels and decodeAudioData.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { AudioBuffer, AudioBufferSourceNode, AudioContext } from '../../../lib/index.js';
import { interfaceNamed, unwrap } from '../../../lib/webidl/platform_object.js';
import { installFake, lastCall } from '../support/fake_native.mjs';

installFake();

const context = new AudioContext();
const implOf = (buffer) => unwrap(buffer, interfaceNamed('AudioBuffer'));
const detach = (array) => structuredClone(array.buffer, { transfer: [array.buffer] });

test('getChannelData gives the same array each time', () => {
  const buffer = new AudioBuffer({ numberOfChannels: 2, length: 4, sampleRate: 48000 });
  assert.equal(buffer.getChannelData(0), buffer.getChannelData(0));
  assert.notEqual(buffer.getChannelData(0), buffer.getChannelData(1));
  assert.throws(() => buffer.getChannelData(2), { name: 'IndexSizeError' });
});

for (const [what, use] of Object.entries({
  'given to a source': (buffer) => { new AudioBufferSourceNode(context).buffer = buffer; },
  'in a source\'s options': (buffer) => new AudioBufferSourceNode(context, { buffer }),
})) {
  test(`a buffer with a detached channel loses its content before it is ${what}`, () => {
    const buffer = new AudioBuffer({ numberOfChannels: 2, length: 4, sampleRate: 48000 });
    buffer.getChannelData(1);
    use(buffer);
    assert.equal(implOf(buffer).detached, false);
    detach(buffer.getChannelData(1));
    use(buffer);
    assert.equal(implOf(buffer).detached, true);
  });
}

test('a channel that was handed out is what is copied from and to, and what a source gets', () => {
  const buffer = new AudioBuffer({ length: 4, sampleRate: 48000 });
  const samples = buffer.getChannelData(0);
  samples.set([1, 2, 3, 4]);
  const copy = new Float32Array(3);
  buffer.copyFromChannel(copy, 0, 2);
  assert.deepEqual([...copy], [3, 4, 0]);
  buffer.copyToChannel(Float32Array.of(8, 9), 0, 3);
  assert.deepEqual([...samples], [1, 2, 3, 8]);
  new AudioBufferSourceNode(context).buffer = buffer;
  assert.deepEqual(lastCall('AudioBuffer.copyToChannel'), [samples, 0, 0]);
  const moved = detach(samples);
  assert.equal(samples.length, 0);
  assert.equal(moved.byteLength, 16);
});

test('starting looks at the buffer that was set before', () => {
  const buffer = new AudioBuffer({ length: 4, sampleRate: 48000 });
  const source = new AudioBufferSourceNode(context, { buffer });
  source.buffer = buffer;
  detach(buffer.getChannelData(0));
  source.start();
  assert.equal(implOf(buffer).detached, true);
});

test('decodeAudioData detaches its argument and gives a buffer to the promise and the callback', async () => {
  const data = Uint8Array.of(1, 2, 3).buffer;
  const seen = [];
  const decoding = context.decodeAudioData(data, (buffer) => seen.push(buffer));
  assert.equal(data.byteLength, 0);
  const buffer = await decoding;
  assert.ok(buffer instanceof AudioBuffer);
  assert.deepEqual(seen, [buffer]);
  assert.deepEqual(lastCall('decodeAudioData'), [Uint8Array.of(1, 2, 3), 48000]);
});

test('decodeAudioData of detached memory is a DataCloneError', async () => {
  const data = new ArrayBuffer(4);
  await context.decodeAudioData(data);
  const seen = [];
  await assert.rejects(context.decodeAudioData(data, null, (error) => seen.push(error.name)), { name: 'DataCloneError' });
  assert.deepEqual(seen, ['DataCloneError']);
});

test('what is no audio rejects, and calls back, with the same EncodingError', async () => {
  const error = await new Promise((resolve) => { context.decodeAudioData(new ArrayBuffer(0), null, resolve); });
  assert.equal(error.name, 'EncodingError');
  await assert.rejects(context.decodeAudioData(new ArrayBuffer(0)), { name: 'EncodingError' });
});

test('callbacks have to be functions', async () => {
  await assert.rejects(context.decodeAudioData(new ArrayBuffer(4), 'done'), /'successCallback'.*is not a function/);
  await assert.rejects(context.decodeAudioData(new ArrayBuffer(4), () => {}, {}), /'errorCallback'.*is not a function/);
});

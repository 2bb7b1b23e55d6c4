// Conversion of arguments, attributes and dictionaries, as seen by the native module.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  AudioBuffer, AudioBufferSourceNode, AudioContext, AudioWorkletNode, ConstantSourceNode, GainNode, OfflineAudioContext,
  OscillatorNode, PeriodicWave,
} from '../../../lib/index.js';
import { installFake, lastCall } from '../support/fake_native.mjs';

installFake();

const context = new AudioContext();
const optionsOf = (name, position = 1) => lastCall(`new ${name}`)[position];

test('a dictionary that is absent, undefined, null or empty has its defaults', () => {
  for (const args of [[], [undefined], [null], [{}]]) {
    new GainNode(context, ...args);
    assert.deepEqual(optionsOf('GainNode'), { gain: 1 });
  }
  assert.throws(() => new GainNode(context, 5), /parameter 2 \('options'\) is not an object/);
});

test('inherited members of a dictionary are read first, each group in the order of its names', () => {
  const order = [];
  new OscillatorNode(context, new Proxy({}, { get: (_, name) => void order.push(name) }));
  assert.deepEqual(order,
    ['channelCount', 'channelCountMode', 'channelInterpretation', 'detune', 'frequency', 'periodicWave', 'type']);
});

test('a required member that is missing is named', () => {
  assert.throws(() => new AudioBuffer({ length: 5 }), { name: 'TypeError', message: /'sampleRate'.*AudioBufferOptions/ });
  assert.throws(() => new AudioBuffer(), { name: 'TypeError', message: /1 argument required, but only 0 present/ });
});

test('a float is rounded to single precision and has to be finite', () => {
  const { gain } = new GainNode(context);
  gain.value = 0.1;
  assert.equal(gain.value, Math.fround(0.1));
  for (const bad of [NaN, Infinity, 1e39, 'x', undefined, {}]) {
    assert.throws(() => { gain.value = bad; }, { name: 'TypeError', message: /'value' on 'AudioParam'/ });
  }
  assert.throws(() => { gain.value = 1n; }, TypeError);
  assert.throws(() => { gain.value = Symbol('s'); }, TypeError);
  gain.value = '0.5';
  assert.equal(gain.value, 0.5);
});

test('an unsigned long wraps around', () => {
  const node = new GainNode(context);
  for (const [given, converted] of [[-1, 4294967295], [2 ** 32 + 3, 3], [2.9, 2], [NaN, 0], ['7', 7], [null, 0]]) {
    node.channelCount = given;
    assert.equal(node.channelCount, converted);
  }
});

test('a setter ignores a value that is not of its enumeration, an argument throws', () => {
  const node = new GainNode(context);
  node.channelCountMode = 'explicit';
  node.channelCountMode = 'none such';
  node.channelCountMode = undefined;
  assert.equal(node.channelCountMode, 'explicit');
  assert.throws(() => new OscillatorNode(context, { type: 'round' }), { name: 'TypeError', message: /'round'.*OscillatorType/ });
});

test('a sequence of floats comes from any iterable and arrives as a Float32Array', () => {
  const { gain } = new GainNode(context);
  gain.setValueCurveAtTime(new Set([0, 0.1]), 0, 1);
  assert.deepEqual(lastCall('AudioParam.setValueCurveAtTime'), [Float32Array.of(0, 0.1), 0, 1]);
  assert.throws(() => gain.setValueCurveAtTime([0, NaN], 0, 1), /parameter 1 \('values'\): an element is not a finite/);
  assert.throws(() => gain.setValueCurveAtTime({ length: 2 }, 0, 1), /is not iterable/);
  assert.throws(() => gain.setValueCurveAtTime('01', 0, 1), /is not iterable/);
});

test('operations of a param give back the param', () => {
  const { gain } = new GainNode(context);
  assert.equal(gain.setValueAtTime(1, 0).linearRampToValueAtTime(2, 1).cancelScheduledValues(0), gain);
});

test('a union takes each of its types', () => {
  const hint = (latencyHint) => {
    new AudioContext({ latencyHint });
    return optionsOf('AudioContext', 0).latencyHint;
  };
  assert.equal(hint('playback'), 'playback');
  assert.equal(hint(0.25), 0.25);
  assert.equal(hint(undefined), 'interactive');
  assert.throws(() => hint('soon'), TypeError);
  assert.throws(() => hint(NaN), TypeError);
  assert.throws(() => new AudioContext({ sinkId: {} }), /'type'.*AudioSinkOptions/);
  new AudioContext({ sinkId: { type: 'none' } });
  assert.deepEqual(optionsOf('AudioContext', 0).sinkId, { type: 'none' });
});

test('an argument of an interface has to be an object of it', () => {
  const wave = new PeriodicWave(context);
  const oscillator = new OscillatorNode(context);
  for (const bad of [undefined, null, {}, Object.create(PeriodicWave.prototype), new Proxy(wave, {}), oscillator]) {
    assert.throws(() => oscillator.setPeriodicWave(bad), { name: 'TypeError', message: /'periodicWave'.*'PeriodicWave'/ });
  }
  oscillator.setPeriodicWave(wave);
  assert.equal(lastCall('OscillatorNode.setPeriodicWave')[0].constructor.name, 'PeriodicWave');
  assert.throws(() => new GainNode({}), /parameter 1 \('context'\) is not of type 'BaseAudioContext'/);
});

test('a nullable attribute takes null and gives back the same object', () => {
  const source = new AudioBufferSourceNode(context);
  const buffer = context.createBuffer(1, 10, 48000);
  assert.equal(source.buffer, null);
  source.buffer = buffer;
  assert.equal(source.buffer, buffer);
  source.buffer = undefined;
  assert.equal(source.buffer, null);
  assert.throws(() => { source.buffer = {}; }, TypeError);
});

test('an optional argument that is undefined is absent, and has its default where there is one', () => {
  const source = new AudioBufferSourceNode(context);
  source.start(undefined, 2);
  assert.deepEqual(lastCall('AudioBufferSourceNode.start') ?? lastCall('Source.start'), [0, 2, undefined]);
});

test('records keep own enumerable properties, sequences of integers stay arrays', () => {
  new AudioWorkletNode(context, 'p', { parameterData: { a: '1', b: 2 }, outputChannelCount: new Set([2, 1]), processorOptions: { deep: [1] } });
  const { parameterData, outputChannelCount, serialized, ...rest } = optionsOf('AudioWorkletNode', 2);
  assert.deepEqual({ ...parameterData }, { a: 1, b: 2 });
  assert.deepEqual(outputChannelCount, [2, 1]);
  assert.deepEqual(rest, { numberOfInputs: 1, numberOfOutputs: 1, processorOptions: { deep: [1] } });
  assert.deepEqual(serialized.value.processorOptions, { deep: [1] });
  assert.throws(() => new AudioWorkletNode(context, 'p', { parameterData: { a: NaN } }), /parameterData: a value/);
  assert.throws(() => new AudioWorkletNode(context, 'p', { processorOptions: { f() {} } }), { name: 'DataCloneError' });
});

test('a factory does what the constructor does', () => {
  const node = context.createConstantSource();
  assert.ok(node instanceof ConstantSourceNode);
  assert.equal(node.context, context);
  assert.deepEqual(optionsOf('ConstantSourceNode'), { offset: 1 });
  context.createPeriodicWave([0, 1], [0, 0], { disableNormalization: true });
  assert.deepEqual(optionsOf('PeriodicWave'), { disableNormalization: true, imag: Float32Array.of(0, 0), real: Float32Array.of(0, 1) });
  context.createBuffer(2, 3, 8000);
  assert.deepEqual(optionsOf('AudioBuffer', 0), { length: 3, numberOfChannels: 2, sampleRate: 8000 });
  assert.throws(() => context.createBuffer(2, 3), /3 arguments required, but only 2 present/);
});

test('an OfflineAudioContext is made from options or from three numbers', () => {
  const expected = { numberOfChannels: 2, length: 3, sampleRate: 44100 };
  new OfflineAudioContext(2, 3, 44100);
  assert.deepEqual(optionsOf('OfflineAudioContext', 0), expected);
  new OfflineAudioContext({ ...expected, sampleRate: '44100' });
  assert.deepEqual(optionsOf('OfflineAudioContext', 0), { ...expected, renderSizeHint: 'default' });
  assert.throws(() => new OfflineAudioContext(2, 3), TypeError);
  assert.throws(() => new OfflineAudioContext(2), TypeError);
  assert.throws(() => new OfflineAudioContext({ sampleRate: 44100 }), { name: 'TypeError', message: /length/ });
  assert.equal(new OfflineAudioContext({ length: null, sampleRate: 44100 }).length, null);
});

test('connect and disconnect choose their overload by number and types of arguments', () => {
  const [a, b] = [new GainNode(context), new GainNode(context)];
  assert.equal(a.connect(b), b);
  assert.deepEqual(lastCall('AudioNode.connect').slice(1), [0, 0]);
  a.connect(b, 1, 2);
  assert.deepEqual(lastCall('AudioNode.connect').slice(1), [1, 2]);
  assert.equal(a.connect(b.gain, 3), undefined);
  assert.deepEqual(lastCall('AudioNode.connectParam').slice(1), [3]);
  for (const [args, called, converted] of [
    [[], 'disconnect', []], [[2], 'disconnectOutput', [2]], [['x'], 'disconnectOutput', [0]], [[b], 'disconnectNode', [b]],
    [[b, 1], 'disconnectNodeOutput', [b, 1]], [[b, 1, 2, 3], 'disconnectNodeOutputInput', [b, 1, 2]],
    [[b.gain], 'disconnectParam', [b.gain]], [[b.gain, 1], 'disconnectParamOutput', [b.gain, 1]],
  ]) {
    a.disconnect(...args);
    const got = lastCall(`AudioNode.${called}`);
    assert.equal(got.length, converted.length, called);
    assert.deepEqual(got.filter((each) => typeof each === 'number'), converted.filter((each) => typeof each === 'number'), called);
  }
  assert.throws(() => a.disconnect(0, 1), /no overload/);
  assert.throws(() => a.connect({}), /no overload/);
  assert.throws(() => a.connect(), /1 argument required/);
});

test('operations that return promises reject where others throw', async () => {
  await assert.rejects(context.decodeAudioData(), /1 argument required/);
  await assert.rejects(context.decodeAudioData(new Uint8Array(4)), /is not an ArrayBuffer/);
  await assert.rejects(new OfflineAudioContext(1, 1, 48000).suspend('never'), TypeError);
  await assert.rejects(AudioContext.prototype.resume.call(new GainNode(context)), TypeError);
  await assert.rejects(context.audioWorklet.addModule('a.js', { credentials: 'none' }), /RequestCredentials/);
});

test('views over shared or resizable memory are refused', () => {
  const buffer = context.createBuffer(1, 4, 48000);
  assert.throws(() => buffer.copyFromChannel(new Float32Array(new SharedArrayBuffer(16)), 0), /SharedArrayBuffer/);
  assert.throws(() => buffer.copyFromChannel(new Float32Array(new ArrayBuffer(16, { maxByteLength: 32 })), 0), /resizable/);
  assert.throws(() => buffer.copyFromChannel(new Float64Array(4), 0), /is not a Float32Array/);
});

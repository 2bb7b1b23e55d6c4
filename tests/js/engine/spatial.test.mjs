// PannerNode and AudioListener from JavaScript, rendered offline in this process.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { AudioListener, AudioParam, ConstantSourceNode, OfflineAudioContext, OscillatorNode, PannerNode } from '../../../lib/index.js';

const rate = 48000;

async function panned(options, setUp = () => {}) {
  const context = new OfflineAudioContext(2, 512, rate);
  const panner = new PannerNode(context, options);
  await setUp(context, panner);
  const source = new ConstantSourceNode(context);
  source.connect(panner).connect(context.destination);
  source.start();
  const buffer = await context.startRendering();
  return [buffer.getChannelData(0), buffer.getChannelData(1)];
}

const near = (actual, expected, tolerance = 1e-6) => assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`);

test('a context has one listener, made by it alone', () => {
  const context = new OfflineAudioContext(1, 128, rate);
  const { listener } = context;
  assert.ok(listener instanceof AudioListener);
  assert.equal(context.listener, listener);
  assert.throws(() => new AudioListener(), TypeError);
  assert.throws(() => { 'use strict'; context.listener = null; }, TypeError);
  for (const [name, value] of Object.entries({ positionX: 0, positionY: 0, positionZ: 0, forwardX: 0, forwardY: 0, forwardZ: -1, upX: 0, upY: 1, upZ: 0 })) {
    assert.ok(listener[name] instanceof AudioParam, name);
    assert.equal(listener[name], listener[name], name);
    assert.equal(listener[name].value, value, name);
  }
});

test('a source is heard from where the listener is', async () => {
  const [left, right] = await panned({ positionX: 5 }, (context) => context.listener.setPosition(7, 0, 0));
  near(left[200], 0.5);
  near(right[200], 0);
});

test('a listener that turns hears the source wander', async () => {
  const [left, right] = await panned({ positionZ: -1 }, ({ listener }) => {
    listener.forwardX.setValueAtTime(0, 0).linearRampToValueAtTime(1, 512 / rate);
    listener.forwardZ.setValueAtTime(-1, 0).linearRampToValueAtTime(0, 512 / rate);
  });
  near(left[0], Math.SQRT1_2);
  near(left[256], Math.cos((-45 + 90) / 180 * Math.PI / 2));
  near(right[256], Math.sin((-45 + 90) / 180 * Math.PI / 2));
  assert.ok(left[511] > 0.999 && right[511] < 0.01, 'it is to the left at the end');
});

test('an oscillator moves the listener', async () => {
  const [left] = await panned({ positionX: -1, rolloffFactor: 0 }, (context) => {
    const wobble = new OscillatorNode(context, { frequency: 1000 });
    wobble.connect(context.listener.positionX);
    wobble.start();
  });
  near(left[100], 1, 1e-6);
});

test('with HRTF the nearer ear hears more, and sooner', async () => {
  const [left, right] = await panned({ panningModel: 'HRTF', positionX: 2, rolloffFactor: 0 });
  const first = (samples) => samples.findIndex((sample) => Math.abs(sample) > 0.02);
  assert.ok(first(left) - first(right) > 20, `${first(left)} frames against ${first(right)}`);
  assert.ok(Math.abs(right[40]) > Math.abs(left[40]));
});

test('bad values are refused as the specification says', () => {
  const context = new OfflineAudioContext(1, 128, rate);
  const panner = context.createPanner();
  const dom = (name) => ({ name, constructor: DOMException });
  assert.throws(() => { panner.refDistance = -1; }, RangeError);
  assert.throws(() => { panner.maxDistance = 0; }, RangeError);
  assert.throws(() => { panner.rolloffFactor = -1; }, RangeError);
  assert.throws(() => { panner.coneOuterGain = 2; }, dom('InvalidStateError'));
  assert.throws(() => { panner.coneInnerAngle = NaN; }, TypeError);
  assert.throws(() => { panner.channelCount = 3; }, dom('NotSupportedError'));
  assert.throws(() => { panner.channelCountMode = 'max'; }, dom('NotSupportedError'));
  assert.throws(() => new PannerNode(context, { coneOuterGain: -1 }), dom('InvalidStateError'));
  assert.throws(() => new PannerNode(context, { positionX: Infinity }), TypeError);
  assert.throws(() => panner.setPosition(1, 2), TypeError);
  panner.panningModel = 'stereo';
  assert.equal(panner.panningModel, 'equalpower');
  panner.positionX.setValueCurveAtTime([0, 1], 0, 1);
  assert.throws(() => panner.setPosition(1, 2, 3), dom('NotSupportedError'));
  context.listener.upX.setValueCurveAtTime([0, 1], 0, 1);
  assert.throws(() => context.listener.setOrientation(0, 0, -1, 0, 1, 0), dom('NotSupportedError'));
});

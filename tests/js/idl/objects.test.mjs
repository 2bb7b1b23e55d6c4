// Identity of objects, subclassing, several contexts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { AudioContext, AudioDestinationNode, AudioNode, AudioParam, AudioWorkletNode, GainNode } from '../../../lib/index.js';
import { installFake } from '../support/fake_native.mjs';

installFake();

const context = new AudioContext();

test('attributes that are objects are always the same object', () => {
  const node = new GainNode(context);
  assert.equal(node.gain, node.gain);
  assert.equal(node.context, context);
  assert.equal(context.destination, context.destination);
  assert.equal(context.audioWorklet, context.audioWorklet);
  assert.ok(context.destination instanceof AudioDestinationNode);
  assert.equal(context.destination.context, context);
  assert.ok(node.gain instanceof AudioParam);
});

test('objects of two contexts keep to their own', () => {
  const other = new AudioContext();
  assert.notEqual(other.destination, context.destination);
  assert.notEqual(other.audioWorklet, context.audioWorklet);
  assert.equal(new GainNode(other).context, other);
});

test('a class derived from an interface keeps its fields, methods and prototype', () => {
  class Doubler extends GainNode {
    #factor = 2;
    constructor(...args) {
      super(...args);
      this.gain.value = this.#factor;
    }
    get factor() { return this.#factor; }
  }
  const node = new Doubler(context);
  assert.ok(node instanceof AudioNode && node instanceof EventTarget);
  assert.equal(node.factor, 2);
  assert.equal(node.gain.value, 2);
  assert.equal(Object.prototype.toString.call(node), '[object GainNode]');
});

test('the parameters of a worklet node are a map of its params', () => {
  const { parameters } = new AudioWorkletNode(context, 'p');
  assert.equal(parameters.size, 2);
  assert.deepEqual([...parameters.keys()], ['frequency', 'depth']);
  assert.ok(parameters.get('depth') instanceof AudioParam);
  assert.equal(parameters.get('depth'), parameters.get('depth'));
  assert.equal(parameters.get('none'), undefined);
  assert.equal(parameters.has('frequency'), true);
  const seen = [];
  parameters.forEach(function (param, name, map) { seen.push([name, param === parameters.get(name), map === parameters, this]); }, 'this');
  assert.deepEqual(seen, [['frequency', true, true, 'this'], ['depth', true, true, 'this']].map((each) => [...each.slice(0, 3), seen[0][3]]));
  assert.equal(typeof parameters.set, 'undefined');
});

test('wrapper and impl are collected together, and neither without the other', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  const kept = new GainNode(context);
  kept.gain.label = 'kept';
  const refs = Array.from({ length: 50 }, () => new WeakRef(Object.assign(new GainNode(context), { expando: 1 })));
  for (let i = 0; i < 5; i++) {
    await new Promise(setImmediate);
    collect();
  }
  assert.equal(kept.gain.label, 'kept');
  assert.ok(refs.filter((ref) => ref.deref()).length <= 2, 'unreachable nodes were not collected');
});

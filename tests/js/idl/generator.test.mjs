// What the generator takes and refuses.
import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';

import { generate } from '../../../lib/idl/generator.mjs';
import { installFake, lastCall } from '../support/fake_native.mjs';

installFake();

const list = () => JSON.parse(readFileSync(new URL('../../../lib/idl/interfaces.json', import.meta.url), 'utf8'));

test('a node takes one line in the list: class, factory, params, options and types come from the IDL', async (t) => {
  const extended = list();
  extended.interfaces = extended.interfaces.filter((name) => name !== 'StereoPannerNode');
  assert.ok(!generate(extended).javascript.includes('StereoPanner'));
  extended.interfaces.push('StereoPannerNode');
  const { javascript, typescript } = generate(extended);
  const file = new URL(`../../../lib/generated/generator_test_${process.pid}.js`, import.meta.url);
  t.after(() => rmSync(file));
  writeFileSync(file, javascript);
  const { AudioContext, AudioParam, StereoPannerNode } = await import(file);
  const context = new AudioContext();
  const node = context.createStereoPanner();
  assert.ok(node instanceof StereoPannerNode && node.pan instanceof AudioParam);
  assert.deepEqual(lastCall('new StereoPannerNode')[1], { pan: 0 });
  assert.equal(new StereoPannerNode(context, { pan: 0.5 }).context, context);
  assert.deepEqual(lastCall('new StereoPannerNode')[1], { pan: 0.5 });
  assert.match(typescript, /interface StereoPannerNode extends AudioNode \{\n  readonly pan: AudioParam;/);
  assert.match(typescript, /interface StereoPannerOptions extends AudioNodeOptions \{\n  pan\?: number;/);
});

test('every interface of the specification that needs no media element or stream can be generated', () => {
  const all = [
    'AnalyserNode', 'AudioListener', 'AudioPlaybackStats', 'AudioProcessingEvent', 'BiquadFilterNode', 'ChannelMergerNode',
    'ChannelSplitterNode', 'ConvolverNode', 'DelayNode', 'DynamicsCompressorNode', 'IIRFilterNode', 'PannerNode', 'ScriptProcessorNode',
    'StereoPannerNode', 'WaveShaperNode',
  ];
  const extended = list();
  extended.interfaces.push(...all);
  const { javascript } = generate(extended);
  for (const name of all) assert.ok(javascript.includes(`export class ${name} `), name);
});

test('a name that no specification defines is an error', () => {
  const extended = list();
  extended.interfaces.push('TubaNode');
  assert.throws(() => generate(extended), /TubaNode/);
});

test('IDL that cannot be expressed is an error that names it', () => {
  const extended = list();
  extended.interfaces.push('AbortSignal');
  assert.throws(() => generate(extended), /AbortSignal\.\w+: a static operation has to be written by hand/);
});

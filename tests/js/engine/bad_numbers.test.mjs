// NaN, infinities and what overflows a float, in every number that the IDL has: options, attributes, AudioParams and arguments.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'webidl2';

import * as backline from '../../../lib/index.js';

const kNumbers = ['float', 'double'];
const idlFolder = dirname(createRequire(import.meta.url).resolve('@webref/idl/package.json'));
const definitions = parse(readFileSync(join(idlFolder, 'webaudio.idl'), 'utf8'));
const dictionaries = new Map(definitions.filter(({ type }) => type === 'dictionary').map((each) => [each.name, each]));
const interfaces = new Map(definitions.filter(({ type }) => type === 'interface').map((each) => [each.name, each]));
const context = new backline.OfflineAudioContext(1, 256, 48000);
const isNumber = (idlType) => kNumbers.includes(idlType?.idlType);
const bad = (idlType) => [NaN, Infinity, -Infinity, ...(idlType.idlType === 'float' ? [3.5e38, -1e39] : [])];

function membersOf(name) {
  const dictionary = dictionaries.get(name);
  return dictionary ? [...(dictionary.inheritance ? membersOf(dictionary.inheritance) : []), ...dictionary.members] : [];
}

function ancestry(name) {
  return name ? [...ancestry(interfaces.get(name)?.inheritance), name] : [];
}

/// What a constructor cannot do without, beside the member under test.
const kRequired = {
  IIRFilterNode: { feedforward: [1], feedback: [1] }, AudioBuffer: { length: 1, sampleRate: 48000 }, OfflineAudioContext: { length: 1, sampleRate: 48000 },
};
const kElsewhere = /^(Media|AudioContext$|AudioWorklet|OfflineAudioCompletionEvent|AudioProcessingEvent|ScriptProcessor)/;

function nodeOf(name) {
  return new backline[name](context, kRequired[name]);
}

for (const [name, { members }] of interfaces) {
  const constructor = members.find(({ type }) => type === 'constructor');
  if (!constructor || !(name in backline) || kElsewhere.test(name)) continue;
  const options = constructor.arguments.find(({ idlType }) => dictionaries.has(idlType.idlType));
  const isNode = constructor.arguments[0].idlType.idlType === 'BaseAudioContext';
  for (const { name: member, idlType } of options ? membersOf(options.idlType.idlType) : []) {
    const isList = ['sequence', 'FrozenArray'].includes(idlType.generic) && isNumber(idlType.idlType[0]);
    if (!isNumber(idlType) && !isList) continue;
    test(`new ${name}({${member}}) takes finite numbers only`, () => {
      for (const value of bad(isList ? idlType.idlType[0] : idlType)) {
        const given = { ...kRequired[name], [member]: isList ? [1, value] : value };
        assert.throws(() => new backline[name](...(isNode ? [context, given] : [given])), TypeError, `${value}`);
      }
    });
  }
}

for (const name of interfaces.keys()) {
  const constructor = interfaces.get(name).members.find(({ type }) => type === 'constructor');
  if (constructor?.arguments[0]?.idlType.idlType !== 'BaseAudioContext' || !(name in backline) || kElsewhere.test(name) || name === 'PeriodicWave') continue;
  const members = ancestry(name).flatMap((each) => interfaces.get(each)?.members ?? []);
  for (const { type, name: member, idlType, readonly } of members) {
    if (type !== 'attribute') continue;
    if (isNumber(idlType) && !readonly) {
      test(`${name}.${member} takes finite numbers only and stays as it was`, () => {
        const node = nodeOf(name), before = node[member];
        for (const value of bad(idlType)) assert.throws(() => { node[member] = value; }, TypeError, `${value}`);
        assert.equal(node[member], before);
      });
    } else if (idlType.idlType === 'AudioParam') {
      test(`${name}.${member}.value takes finite numbers only and stays as it was`, () => {
        const param = nodeOf(name)[member], before = param.value;
        for (const value of [NaN, Infinity, -Infinity, 3.5e38]) assert.throws(() => { param.value = value; }, TypeError, `${value}`);
        assert.equal(param.value, before);
        param.value = 3e38;
        assert.ok(param.value <= param.maxValue, 'beyond the range is clamped');
      });
    }
  }
}

const kMethods = {
  AudioParam: () => new backline.GainNode(context).gain, OscillatorNode: () => new backline.OscillatorNode(context),
  AudioBufferSourceNode: () => new backline.AudioBufferSourceNode(context), OfflineAudioContext: () => context, BaseAudioContext: () => context,
};
for (const [name, target] of Object.entries(kMethods)) {
  for (const { type, name: method, arguments: parameters } of ancestry(name).flatMap((each) => interfaces.get(each)?.members ?? [])) {
    if (type !== 'operation' || !method) continue;
    const places = parameters.flatMap(({ idlType }, place) => (isNumber(idlType) ? [place] : []));
    for (const place of places) {
      test(`${name}.${method} takes a finite ${parameters[place].name}`, async () => {
        const fine = parameters.map(({ idlType }) => (idlType.generic === 'sequence' ? [1, 1] : 1));
        for (const value of bad(parameters[place].idlType)) {
          await assert.rejects(async () => target()[method](...fine.map((each, i) => (i === place ? value : each))), TypeError, `${value}`);
        }
      });
    }
  }
}

test('a value curve takes finite numbers only', () => {
  for (const value of [NaN, Infinity, -Infinity]) {
    assert.throws(() => new backline.GainNode(context).gain.setValueCurveAtTime([0, value], 0, 1), TypeError);
    assert.throws(() => new backline.GainNode(context).gain.setValueCurveAtTime(Float32Array.of(0, value), 0, 1), TypeError);
  }
});

test('coefficients of filters and waves are finite numbers', () => {
  for (const value of [NaN, Infinity, -Infinity]) {
    assert.throws(() => context.createIIRFilter([value], [1]), TypeError);
    assert.throws(() => context.createIIRFilter([1], [1, value]), TypeError);
    assert.throws(() => context.createPeriodicWave([0, value], [0, 0]), TypeError);
    assert.throws(() => context.createPeriodicWave([0, 0], Float32Array.of(0, value)), TypeError);
  }
});

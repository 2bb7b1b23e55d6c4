// The shape of the interfaces, compared with the IDL itself: https://webidl.spec.whatwg.org/#js-interfaces
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import * as interfaces from '../../../lib/index.js';
import { Model } from '../../../lib/idl/model.mjs';
import { installFake } from '../support/fake_native.mjs';

installFake();

const list = JSON.parse(readFileSync(new URL('../../../lib/idl/interfaces.json', import.meta.url), 'utf8'));
const model = new Model(list);
const classOf = (name) => interfaces[name] ?? globalThis[name];
const shortest = (operations) =>
  Math.min(...operations.map((each) => each.arguments.filter((argument) => !argument.optional).length));

for (const definition of model.interfaces) {
  const { name } = definition;
  const type = classOf(name);
  const members = model.members(definition);
  const named = (kind) => {
    const all = members.filter((member) => member.type === kind);
    return new Map(all.map((member) => [member.name, all.filter((each) => each.name === member.name)]));
  };

  test(`${name} is a class of the right name, length and parent`, () => {
    assert.equal(type.name, name);
    const constructors = members.filter((member) => member.type === 'constructor');
    assert.equal(type.length, constructors.length ? shortest(constructors) : 0);
    assert.equal(Object.getPrototypeOf(type), definition.inheritance ? classOf(definition.inheritance) : Function.prototype);
    assert.equal(Object.getOwnPropertyDescriptor(type, 'prototype').writable, false);
    assert.deepEqual(Object.getOwnPropertyDescriptor(type.prototype, Symbol.toStringTag),
      { value: name, writable: false, enumerable: false, configurable: true });
    assert.throws(() => type(), TypeError);
    if (constructors.length === 0) assert.throws(() => new type(), { name: 'TypeError', message: 'Illegal constructor' });
  });

  test(`${name} has the attributes that the IDL gives it, on its prototype, with brand checks`, () => {
    for (const [key, [attribute]] of named('attribute')) {
      const descriptor = Object.getOwnPropertyDescriptor(type.prototype, key);
      assert.ok(descriptor, `${name}.${key} is missing`);
      assert.equal(descriptor.enumerable && descriptor.configurable, true, key);
      assert.equal(descriptor.get.name, `get ${key}`);
      assert.equal(descriptor.get.length, 0);
      assert.throws(() => descriptor.get.call({}), TypeError, key);
      assert.throws(() => type.prototype[key], TypeError, key);
      assert.equal(typeof descriptor.set, attribute.readonly ? 'undefined' : 'function', key);
      if (!attribute.readonly) {
        assert.equal(descriptor.set.name, `set ${key}`);
        assert.equal(descriptor.set.length, 1);
        assert.throws(() => descriptor.set.call({}, 1), TypeError, key);
      }
    }
  });

  test(`${name} has the operations that the IDL gives it, which throw or reject for the wrong this and for too few arguments`, async () => {
    for (const [key, operations] of named('operation')) {
      const descriptor = Object.getOwnPropertyDescriptor(operations[0].special === 'static' ? type : type.prototype, key);
      assert.ok(descriptor, `${name}.${key} is missing`);
      assert.equal(descriptor.enumerable && descriptor.configurable && descriptor.writable, true, key);
      assert.equal(descriptor.value.name, key);
      assert.equal(descriptor.value.length, shortest(operations), key);
      const wrongThis = () => descriptor.value.call({});
      if (operations[0].idlType.generic === 'Promise') await assert.rejects(wrongThis(), TypeError);
      else assert.throws(wrongThis, TypeError, key);
    }
  });

  test(`${name} has no members beside those of the IDL`, () => {
    const expected = new Set(['constructor', ...members.filter((member) => member.type !== 'constructor' && member.special !== 'static').map((member) => member.name)]);
    if (members.some((member) => member.type === 'maplike')) {
      for (const key of ['entries', 'forEach', 'get', 'has', 'keys', 'size', 'values']) expected.add(key);
    }
    expected.delete(undefined);
    expected.delete('');
    expected.delete(null);
    assert.deepEqual(Object.getOwnPropertyNames(type.prototype).sort(), [...expected].sort());
  });
}

test('a maplike iterates by its entries', () => {
  const { prototype } = interfaces.AudioParamMap;
  assert.equal(prototype[Symbol.iterator], prototype.entries);
  assert.equal(Object.getOwnPropertyDescriptor(prototype, Symbol.iterator).enumerable, false);
});

test('every interface that the list names is exported', () => {
  for (const name of list.interfaces) assert.equal(typeof interfaces[name], 'function', name);
});

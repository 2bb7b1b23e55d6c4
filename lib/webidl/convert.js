// Conversions from JavaScript values to IDL values, beyond the primitive ones of webidl-conversions.
// `options.context` says what is being converted and starts every message.
import conversions from 'webidl-conversions';

import { unwrap } from './platform_object.js';

const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';

const fail = (options, message) => {
  throw new TypeError(`${options.context} ${message}.`);
};

/// Throws the TypeError for a call with too few arguments.
export function requireArguments(what, needed, given) {
  if (given < needed) {
    throw new TypeError(`${what}: ${needed} argument${needed === 1 ? '' : 's'} required, but only ${given} present.`);
  }
}

/// The impl of an object of an interface.
export function toInterface(value, iface, options) {
  return unwrap(value, iface) ?? fail(options, `is not of type '${iface.name}'`);
}

/// An object of a class that Node has.
export function toGlobal(value, type, options) {
  return value instanceof type ? value : fail(options, `is not of type '${type.name}'`);
}

/// A string that is one of an enumeration's values.
export function toEnum(value, values, name, options) {
  const string = conversions.DOMString(value, options);
  return values.has(string) ? string : fail(options, `('${string}') is not a valid value of enumeration ${name}`);
}

/// A function, as a callback.
export function toCallback(value, options) {
  return typeof value === 'function' ? value : fail(options, 'is not a function');
}

/// What a dictionary's members are read from: undefined where all are absent.
export function toDictionarySource(value, options) {
  if (value === undefined || value === null) return undefined;
  return isObject(value) ? value : fail(options, 'is not an object');
}

/// Throws the TypeError for an absent required member.
export function missingMember(member, dictionary, options) {
  fail(options, `has no member '${member}', which ${dictionary} requires`);
}

/// An Array of the elements of an iterable.
export function toSequence(value, element, options) {
  if (!isObject(value)) fail(options, 'is not iterable');
  const method = value[Symbol.iterator];
  if (typeof method !== 'function') fail(options, 'is not iterable');
  const iterator = method.call(value);
  if (!isObject(iterator)) fail(options, 'has an iterator that is not an object');
  const { next } = iterator;
  const result = [];
  for (;;) {
    const step = next.call(iterator);
    if (!isObject(step)) fail(options, 'has an iterator whose result is not an object');
    if (step.done) return result;
    result.push(element(step.value));
  }
}

/// An object without prototype, of an object's own enumerable properties with string keys.
export function toRecord(value, key, element, options) {
  if (!isObject(value)) fail(options, 'is not an object');
  const result = Object.create(null);
  for (const name of Reflect.ownKeys(value)) {
    if (!Reflect.getOwnPropertyDescriptor(value, name)?.enumerable) continue;
    const typedKey = key(name);
    result[typedKey] = element(value[name]);
  }
  return result;
}

const getter = (prototype, property) => Object.getOwnPropertyDescriptor(prototype, property).get;
const typedArrayTag = getter(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag);
const isResizable = getter(ArrayBuffer.prototype, 'resizable');
const byteLength = getter(ArrayBuffer.prototype, 'byteLength');

export function isArrayBuffer(value) {
  try {
    byteLength.call(value);
    return true;
  } catch {
    return false;
  }
}

export const isView = (value, name) =>
  ArrayBuffer.isView(value) && (typedArrayTag.call(value) ?? 'DataView') === name;

/// An ArrayBuffer, neither shared nor resizable; it may be detached.
export function toArrayBuffer(value, options) {
  if (!isArrayBuffer(value)) fail(options, 'is not an ArrayBuffer');
  if (isResizable.call(value)) fail(options, 'is a resizable ArrayBuffer');
  return value;
}

/// A typed array of one kind over an ArrayBuffer that is neither shared nor resizable; it may be detached.
export function toView(value, name, options) {
  if (!isView(value, name)) fail(options, `is not a ${name}`);
  if (!isArrayBuffer(value.buffer)) fail(options, `is a ${name} over a SharedArrayBuffer`);
  if (isResizable.call(value.buffer)) fail(options, `is a ${name} over a resizable ArrayBuffer`);
  return value;
}

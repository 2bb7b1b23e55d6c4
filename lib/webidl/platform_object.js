// Platform objects: the link between what a program holds (the wrapper, an instance of a generated interface) and what
// implements it (the impl: an object of the native module, or a plain one). Each holds the other strongly, so that both
// live and die together.

import { setMaxListeners } from 'node:events';

const kSlots = Symbol('backline.slots');

class Slots {
  wrapper = undefined;
  context = undefined;   // of a node: the impl of its BaseAudioContext
  isStarted = false;     // of an AudioBufferSourceNode
  attributes = {};       // values of attributes that are always the same object
}

/// The hidden state that lib/ keeps with an impl.
export function slotsOf(impl) {
  return impl[kSlots] ?? defineSlots(impl);
}

function defineSlots(impl) {
  const slots = new Slots();
  Object.defineProperty(impl, kSlots, { value: slots });
  return slots;
}

/// Declares an interface. parent: of which it is derived, or null; base: the global class at its root (EventTarget,
/// Event) or null. `type` is set once the class is made; `adopted(wrapper, impl)`, if it is set, is called with each
/// new wrapper.
export function defineInterface(name, parent, base) {
  const iface = { name, base: parent?.base ?? base, depth: parent ? parent.depth + 1 : 0, lineage: [], type: undefined, adopted: undefined };
  iface.lineage = [...(parent?.lineage ?? []), iface];
  return iface;
}

// Adds private fields to an object that another constructor made.
class Given {
  constructor(object) { return object; }
}

class Wrapper extends Given {
  #impl;
  #lineage;

  constructor(object, iface, impl) {
    super(object);
    this.#impl = impl;
    this.#lineage = iface.lineage;
  }

  static unwrap(value, iface) {
    if (typeof value !== 'object' || value === null || !(#impl in value)) return undefined;
    return value.#lineage[iface.depth] === iface ? value.#impl : undefined;
  }
}

/// Makes the wrapper of an impl: an instance of newTarget. baseArguments go to the global class the interface starts from.
export function adopt(newTarget, iface, impl, baseArguments = []) {
  const object = Reflect.construct(iface.base ?? Object, baseArguments, newTarget);
  if (iface.base === EventTarget) setMaxListeners(0, object);   // browsers do not warn of many listeners
  new Wrapper(object, iface, impl);
  slotsOf(impl).wrapper = object;
  iface.adopted?.(object, impl);
  return object;
}

/// The wrapper of an impl, made now if it has none; null for null and undefined.
export function wrap(impl, iface) {
  if (impl === null || impl === undefined) return null;
  return slotsOf(impl).wrapper ?? adopt(iface.type, iface, impl);
}

/// The impl of a wrapper of this interface, or undefined for anything else.
export const unwrap = Wrapper.unwrap;

/// The impl of `this`; anything else is an illegal invocation.
export function implOfThis(value, iface) {
  const impl = Wrapper.unwrap(value, iface);
  if (impl === undefined) throw new TypeError(`Illegal invocation: this is not an object of type '${iface.name}'`);
  return impl;
}

/// Notes on the impl of a node in which context it is; gives back the impl.
export function inContext(impl, context) {
  slotsOf(impl).context = context;
  return impl;
}

const kInterfaces = new Map();

/// The interface of a name, for wrapping what no attribute declares.
export const interfaceNamed = (name) => kInterfaces.get(name);

/// Gives an interface its class, and the class the property attributes that Web IDL asks for.
export function finishInterface(iface, type, enumerable) {
  iface.type = type;
  kInterfaces.set(iface.name, iface);
  for (const name of enumerable) Object.defineProperty(type.prototype, name, { enumerable: true });
  Object.defineProperty(type.prototype, Symbol.toStringTag, { value: iface.name, configurable: true });
}

/// Gives a class its constants: https://webidl.spec.whatwg.org/#define-the-constants
export function defineConstants(type, constants) {
  for (const target of [type, type.prototype]) {
    for (const [name, value] of Object.entries(constants)) Object.defineProperty(target, name, { value, enumerable: true });
  }
}

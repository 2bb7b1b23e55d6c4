// Transferring the port of an AudioWorkletNode, or of an AudioWorklet: Node transfers ports of its own only, so one of those goes in its place, and
// what a worklet sends and is sent goes to whoever has that, directly.
import { MessagePort, Worker } from 'node:worker_threads';

import { NodePort } from './node_port.js';

for (const sender of [Worker.prototype, MessagePort.prototype]) {
  replaceMethod(sender, 'postMessage', (transfer) => transfer);
}
replaceMethod(globalThis, 'structuredClone', (options) => options?.transfer);

/// listOf: from the second argument, what may be the list of what is transferred.
function replaceMethod(owner, name, listOf) {
  const apply = (target, self, args) => {
    const objects = arrayOf(listOf(args[1]));
    if (!objects?.some(NodePort.is)) return Reflect.apply(target, self, args);
    const places = new Map();
    let result;
    try {
      for (const port of objects.filter(NodePort.is)) {
        if (places.has(port)) throw new DOMException('A MessagePort is in the transfer list twice.', 'DataCloneError');
        places.set(port, NodePort.replace(port));
      }
      const transfer = objects.map((object) => places.get(object)?.substitute ?? object);
      result = Reflect.apply(target, self, [withSubstitutes(args[0], places), { transfer }]);
    } catch (error) {
      for (const { stays } of places.values()) stays();
      throw error;
    }
    for (const { gone } of places.values()) gone();
    return result;
  };
  Object.defineProperty(owner, name, { ...Object.getOwnPropertyDescriptor(owner, name), value: new Proxy(owner[name], { apply }) });
}

// Of a list or of options; undefined where that is for Node to judge.
function arrayOf(list) {
  if (typeof list !== 'object' || list === null) return undefined;
  if (Array.isArray(list)) return list;
  if (list instanceof Set) return [...list];
  return list[Symbol.iterator] === undefined ? arrayOf(list.transfer) : undefined;
}

// The value with other ports in it; what leads to them is copied as structured clone would.
function withSubstitutes(value, places) {
  const made = new Map();
  const visit = (object) => {
    if (typeof object !== 'object' || object === null) return object;
    if (places.has(object)) return places.get(object).substitute;
    if (made.has(object)) return made.get(object);
    const keep = (copy) => { made.set(object, copy); return copy; };
    if (object instanceof Map) {
      const copy = keep(new Map());
      for (const [key, entry] of object) copy.set(visit(key), visit(entry));
      return copy;
    }
    if (object instanceof Set) {
      const copy = keep(new Set());
      for (const entry of object) copy.add(visit(entry));
      return copy;
    }
    const prototype = Object.getPrototypeOf(object);
    if (!Array.isArray(object) && prototype !== Object.prototype && prototype !== null) return keep(object);
    const copy = keep(Array.isArray(object) ? new Array(object.length) : {});
    for (const key of Object.keys(object)) copy[key] = visit(object[key]);
    return copy;
  };
  return visit(value);
}

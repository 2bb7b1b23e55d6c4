// SharedArrayBuffer and shared WebAssembly.Memory whose memory other processes see, where there are such; and Atomics.notify(), which reaches them.
(function (native, scope) {
  'use strict';
  const { Function, Int32Array, Object, Proxy, Reflect, Number, Math, SharedArrayBuffer, Symbol, WebAssembly } = globalThis;
  const { defineProperty, setPrototypeOf } = Object;
  const { construct } = Reflect;
  const { trunc } = Math;
  const kMost = Number.MAX_SAFE_INTEGER;

  const wrapped = new Proxy(SharedArrayBuffer, {
    construct(target, args, newTarget) {
      const { length: count, 0: length, 1: options } = args;
      const growable = count > 1 && typeof options === 'object' && options !== null && options.maxByteLength !== undefined;
      const bytes = growable ? -1 : trunc(+length) || 0;
      const buffer = bytes >= 0 && bytes <= kMost ? native.allocateShared(bytes) : undefined;
      if (buffer === undefined) return construct(target, args, newTarget);
      if (newTarget !== wrapped) setPrototypeOf(buffer, newTarget.prototype);
      return buffer;
    },
  });
  defineProperty(SharedArrayBuffer.prototype, 'constructor', { value: wrapped });
  defineProperty(globalThis, 'SharedArrayBuffer', { value: wrapped });

  const { Memory } = WebAssembly;
  const bufferOf = Object.getOwnPropertyDescriptor(Memory.prototype, 'buffer').get;
  const { prototype } = SharedArrayBuffer;
  const isShared = (buffer) => Object.getPrototypeOf(buffer) === prototype;
  const wrappedMemory = new Proxy(Memory, {
    construct(target, args, newTarget) {
      const memory = construct(target, args, newTarget);
      const buffer = Reflect.apply(bufferOf, memory, []);
      if (isShared(buffer)) native.adoptMemory(buffer, args[0].maximum >>> 0);
      return memory;
    },
  });
  defineProperty(Memory.prototype, 'constructor', { value: wrappedMemory });
  defineProperty(WebAssembly, 'Memory', { value: wrappedMemory });

  const { Atomics, Infinity } = globalThis;
  const { max } = Math;
  const { call } = Function.prototype;
  const notifyHere = call.bind(Atomics.notify);
  const getterOf = (name) => call.bind(Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Int32Array.prototype), name).get);
  const getBuffer = getterOf('buffer');
  const getOffset = getterOf('byteOffset');
  const getKind = getterOf(Symbol.toStringTag);
  const { notify } = {
    notify(typedArray, index, count = undefined) {
      const at = +index;
      const most = count === undefined ? Infinity : max(trunc(+count) || 0, 0);
      const woken = notifyHere(Atomics, typedArray, at, most);   // checks them
      const buffer = getBuffer(typedArray);
      if (isShared(buffer)) native.notify(buffer, getOffset(typedArray) + trunc(at || 0) * (getKind(typedArray) === 'BigInt64Array' ? 8 : 4), most - woken);
      return woken;
    },
  };
  defineProperty(notify, 'length', { value: 3 });
  defineProperty(Atomics, 'notify', { value: notify });
  scope.makeMemory = (initial, maximum) => Reflect.apply(bufferOf, new Memory({ initial, maximum, shared: true }), []);
})

// SharedArrayBuffer and shared WebAssembly.Memory whose memory other processes see, where there are such.
(function (native, scope) {
  'use strict';
  const { Object, Proxy, Reflect, Number, Math, SharedArrayBuffer, WebAssembly } = globalThis;
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
  scope.makeMemory = (initial, maximum) => Reflect.apply(bufferOf, new Memory({ initial, maximum, shared: true }), []);
})

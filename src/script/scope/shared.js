// SharedArrayBuffer whose memory other processes see, where there are such.
(function (native) {
  'use strict';
  const { Object, Proxy, Reflect, Number, Math, SharedArrayBuffer } = globalThis;
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
})

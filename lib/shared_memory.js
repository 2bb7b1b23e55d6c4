// SharedArrayBuffers whose memory the processors of AudioContexts see, though they live in another process.
import { script } from './script.js';

const Original = globalThis.SharedArrayBuffer;

const Shared = new Proxy(Original, {
  construct(target, args, newTarget) {
    const [length, options] = args;
    const growable = options?.maxByteLength !== undefined;
    const bytes = growable ? -1 : Math.trunc(+length) || 0;
    const buffer = bytes >= 0 && bytes <= Number.MAX_SAFE_INTEGER ? script().allocateShared(bytes) : undefined;
    // What can grow, or is refused, is the original's matter.
    if (buffer === undefined) return Reflect.construct(target, args, newTarget);
    if (newTarget !== Shared) Object.setPrototypeOf(buffer, newTarget.prototype);
    return buffer;
  },
});

Object.defineProperty(Original.prototype, 'constructor', { value: Shared, writable: true, configurable: true });
Object.defineProperty(globalThis, 'SharedArrayBuffer', { value: Shared, writable: true, configurable: true });

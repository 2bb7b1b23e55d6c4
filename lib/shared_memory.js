// SharedArrayBuffers and shared WebAssembly.Memories whose memory the processors of AudioContexts see, though they live in another process.
import { prepareScript, script } from './script.js';

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

const { Memory } = WebAssembly;
const { get: bufferOf } = Object.getOwnPropertyDescriptor(Memory.prototype, 'buffer');

const SharedMemory = new Proxy(Memory, {
  construct(target, args, newTarget) {
    const memory = Reflect.construct(target, args, newTarget);
    const buffer = bufferOf.call(memory);
    // V8 has reserved the most pages there may be: other memory takes their place.
    if (buffer instanceof Original) script().adoptMemory(buffer, args[0].maximum >>> 0);
    return memory;
  },
});

Object.defineProperty(Memory.prototype, 'constructor', { value: SharedMemory, writable: true, configurable: true });
Object.defineProperty(WebAssembly, 'Memory', { value: SharedMemory, writable: true, configurable: true });
prepareScript(({ setMemoryMaker }) => setMemoryMaker((initial, maximum) => bufferOf.call(new Memory({ initial, maximum, shared: true }))));

// TextDecoder and TextEncoder (encoding.spec.whatwg.org) as Web IDL has them, over a library that knows all encodings.
import { TextDecoder as Decoder, TextEncoder as Encoder } from '@exodus/bytes/encoding.js';

const dictionary = (what, value) => {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' && typeof value !== 'function') throw new TypeError(`${what}: parameter 2 ('options') is not an object.`);
  return value;
};

function bytesOf(input) {
  if (input === undefined) return new Uint8Array(0);
  if (ArrayBuffer.isView(input)) return new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
  const length = lengthOf(input);
  return length === 0 ? new Uint8Array(0) : new Uint8Array(input, 0, length);
}

// A detached buffer has no bytes.
function lengthOf(buffer) {
  for (const type of [ArrayBuffer, SharedArrayBuffer]) {
    try {
      return Reflect.get(type.prototype, 'byteLength', buffer);
    } catch { /* of the other kind */ }
  }
  throw new TypeError("Failed to execute 'decode' on 'TextDecoder': parameter 1 ('input') is neither a buffer nor a view of one.");
}

class TextDecoder {
  #decoder;
  constructor(label = 'utf-8', options = undefined) {
    label = `${label}`;
    const { fatal, ignoreBOM } = dictionary("Failed to construct 'TextDecoder'", options);
    try {
      this.#decoder = new Decoder(label, { fatal: !!fatal, ignoreBOM: !!ignoreBOM });
    } catch {
      throw new RangeError(`Failed to construct 'TextDecoder': the encoding label '${label}' is invalid.`);
    }
  }
  get encoding() { return this.#decoder.encoding; }
  get fatal() { return this.#decoder.fatal; }
  get ignoreBOM() { return this.#decoder.ignoreBOM; }
  decode(input = undefined, options = undefined) {
    const decoder = this.#decoder;
    const bytes = bytesOf(input);
    const { stream } = dictionary("Failed to execute 'decode' on 'TextDecoder'", options);
    try {
      return decoder.decode(bytes, { stream: !!stream });
    } catch {
      throw new TypeError(`Failed to execute 'decode' on 'TextDecoder': the bytes are no valid ${decoder.encoding}.`);
    }
  }
}

class TextEncoder {
  #encoder = new Encoder();
  get encoding() { return 'utf-8'; }
  encode(input = '') { return this.#encoder.encode(`${input}`); }
  encodeInto(source, destination) {
    if (arguments.length < 2) throw new TypeError(`Failed to execute 'encodeInto' on 'TextEncoder': 2 arguments required, but only ${arguments.length} present.`);
    const encoder = this.#encoder;
    source = `${source}`;
    if (Object.prototype.toString.call(destination) !== '[object Uint8Array]') throw new TypeError("Failed to execute 'encodeInto' on 'TextEncoder': parameter 2 is not of type 'Uint8Array'.");
    return encoder.encodeInto(source, destination);
  }
}

export { TextDecoder, TextEncoder };

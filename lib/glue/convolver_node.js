import { native } from '../native.js';
import { acquired } from './audio_buffer.js';

/// A response's content is acquired when it is set.
export function construct(context, options) {
  const impl = new (native().ConvolverNode)(context, options);
  if (options.buffer) acquired(options.buffer);
  return impl;
}

export function setBuffer(impl, buffer) {
  impl.buffer = buffer;
  if (buffer) acquired(buffer);
}

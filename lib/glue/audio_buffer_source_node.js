import { received } from './audio_buffer.js';

/// Starting acquires the content of the buffer set before.
export function start(impl, when, offset, duration) {
  const { buffer } = impl;
  if (buffer) received(buffer);
  impl.start(when, offset, duration);
}

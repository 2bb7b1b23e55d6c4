import { slotsOf } from '../webidl/platform_object.js';
import { acquired, received } from './audio_buffer.js';

/// Starting acquires the content of the buffer set before.
export function start(impl, when, offset, duration) {
  const { buffer } = impl;
  if (buffer) received(buffer);
  impl.start(when, offset, duration);
  slotsOf(impl).isStarted = true;
  if (buffer) acquired(buffer);
}

/// Setting acquires it once the node was started.
export function setBuffer(impl, buffer) {
  impl.buffer = buffer;
  if (buffer && slotsOf(impl).isStarted) acquired(buffer);
}

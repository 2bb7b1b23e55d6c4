import { slotsOf } from '../webidl/platform_object.js';

// A channel that was handed out lives in an ordinary Float32Array, so that it can be transferred as in a browser (Node refuses that of
// memory that is not V8's own). From then on that array is the truth, and the engine's copy is brought up to date before it is used.

/// Before its content is used: what was written into handed-out channels. A buffer of which one was detached has no content any more.
export function received(impl) {
  const { channels } = slotsOf(impl);
  channels?.forEach((samples, channel) => {
    if (samples.length === 0) impl.markDetached();
    else impl.copyToChannel(samples, channel, 0);
  });
  return impl;
}

/// After its content was acquired (Web Audio §1.4, "acquire the content"): arrays that were handed out are the buffer's no longer; the next
/// getChannelData() hands out copies. The draft detaches them besides. Here programs keep them as they were, as in browsers that do not: what
/// sounds and what getChannelData() shows are the same either way.
export function acquired(impl) {
  const slots = slotsOf(impl);
  if (slots.channels?.every(({ length }) => length > 0)) slots.channels = undefined;
}

export function getChannelData(impl, channel) {
  const slots = slotsOf(impl);
  const known = slots.channels?.[channel];
  if (known) return known;
  const samples = new Float32Array(impl.length);
  impl.copyFromChannel(samples, channel, 0);
  slots.channels ??= [];
  return slots.channels[channel] = samples;
}

export function copyFromChannel(impl, destination, channel, offset) {
  const samples = slotsOf(impl).channels?.[channel];
  if (!samples) return impl.copyFromChannel(destination, channel, offset);
  const part = samples.subarray(offset, offset + destination.length);
  destination.set(part);
}

export function copyToChannel(impl, source, channel, offset) {
  const samples = slotsOf(impl).channels?.[channel];
  if (!samples) return impl.copyToChannel(source, channel, offset);
  if (offset < samples.length) samples.set(source.subarray(0, samples.length - offset), offset);
}

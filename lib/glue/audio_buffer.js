import { slotsOf } from '../webidl/platform_object.js';

/// Before its content is used: a buffer of which a channel's ArrayBuffer was detached has none any more.
export function received(impl) {
  const { channels } = slotsOf(impl);
  if (channels?.some((channel) => channel?.length === 0)) impl.markDetached();
  return impl;
}

export function getChannelData(impl, channel) {
  const slots = slotsOf(impl);
  slots.channels ??= [];
  return slots.channels[channel] ??= impl.getChannelData(channel);
}

export function copyFromChannel(impl, destination, channel, offset) {
  received(impl).copyFromChannel(destination, channel, offset);
}

export function copyToChannel(impl, source, channel, offset) {
  received(impl).copyToChannel(source, channel, offset);
}

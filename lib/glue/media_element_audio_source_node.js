import { native } from '../native.js';
import { slotsOf } from '../webidl/platform_object.js';

export function construct(context, { mediaElement }) {
  const impl = new (native().MediaElementAudioSourceNode)(context, { mediaElement });
  slotsOf(impl).mediaElement = mediaElement;
  return impl;
}

export const getMediaElement = (impl) => slotsOf(impl).mediaElement;

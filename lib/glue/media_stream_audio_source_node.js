import { native } from '../native.js';
import { slotsOf } from '../webidl/platform_object.js';

/// Plays the track whose id comes first, in the order of code units.
export function construct(context, { mediaStream }) {
  const [track] = [...mediaStream.tracks].sort((a, b) => (a.id < b.id ? -1 : 1));
  if (!track) {
    throw new DOMException("Failed to construct 'MediaStreamAudioSourceNode': mediaStream has no track of sound", 'InvalidStateError');
  }
  const impl = new (native().MediaStreamAudioSourceNode)(context, { mediaStreamTrack: track });
  slotsOf(impl).mediaStream = mediaStream;
  return impl;
}

export const getMediaStream = (impl) => slotsOf(impl).mediaStream;

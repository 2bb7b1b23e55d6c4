import { native } from '../native.js';
import { interfaceNamed, slotsOf, wrap } from '../webidl/platform_object.js';

/// From a dictionary of options, or from the three numbers.
export function construct(first, length, sampleRate) {
  const options = typeof first === 'object' ? first : { numberOfChannels: first, length, sampleRate };
  if (options.length === null) {
    throw new TypeError("Failed to construct 'OfflineAudioContext': the options have no length, and a rendering has to have one.");
  }
  return new (native().OfflineAudioContext)(options);
}

export function startRendering(impl, chunkSize) {
  if (chunkSize !== null) {
    throw new DOMException("parameter 1 ('chunkSize'): a rendering of a given length is not delivered in chunks", 'NotSupportedError');
  }
  const rendering = impl.startRendering().then((buffer) => wrap(buffer, interfaceNamed('AudioBuffer')));
  slotsOf(impl).rendering ??= rendering;
  return rendering;
}

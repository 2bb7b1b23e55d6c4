import { native } from '../native.js';
import { interfaceNamed, slotsOf, wrap } from '../webidl/platform_object.js';

/// From a dictionary of options, or from the three numbers.
export function construct(first, length, sampleRate) {
  return new (native().OfflineAudioContext)(typeof first === 'object' ? first : { numberOfChannels: first, length, sampleRate });
}

export function startRendering(impl, chunkSize) {
  return impl.startRendering(chunkSize).then(({ buffer, channels }) => {
    slotsOf(buffer).channels = channels;
    return slotsOf(impl).rendered = wrap(buffer, interfaceNamed('AudioBuffer'));
  });
}

import { native } from '../native.js';
import { inContext, interfaceNamed, slotsOf, wrap } from '../webidl/platform_object.js';
import { construct } from './media_stream_audio_source_node.js';

/// A device's id, or the AudioSinkInfo of none: the same object until the context plays on a device again.
export function getSinkId(impl) {
  const { attributes } = slotsOf(impl);
  const device = impl.sinkId;
  if (device !== null) {
    attributes.sinkInfo = undefined;
    return device;
  }
  return attributes.sinkInfo ??= wrap({ type: 'none' }, interfaceNamed('AudioSinkInfo'));
}

export const createMediaStreamSource = (impl, mediaStream) => inContext(construct(impl, { mediaStream }), impl);

export const createMediaStreamTrackSource = (impl, mediaStreamTrack) =>
  inContext(new (native().MediaStreamTrackAudioSourceNode)(impl, { mediaStreamTrack }), impl);

import { native } from '../native.js';
import { inContext } from '../webidl/platform_object.js';
import { construct } from './media_stream_audio_source_node.js';

export const createMediaStreamSource = (impl, mediaStream) => inContext(construct(impl, { mediaStream }), impl);

export const createMediaStreamTrackSource = (impl, mediaStreamTrack) =>
  inContext(new (native().MediaStreamTrackAudioSourceNode)(impl, { mediaStreamTrack }), impl);

// The parts of the interfaces that are more than a call of the native module. The generator looks here for `construct`, for
// `baseArguments` of the global class that an interface starts from, for operations by their names, for attributes as getX and setX, and
// for `received`, through which every argument of the interface goes. Functions take and give impls (`impl` is that of `this`), but what
// they promise are wrappers.
export * as AudioBuffer from './audio_buffer.js';
export * as AudioBufferSourceNode from './audio_buffer_source_node.js';
export * as AudioContext from './audio_context.js';
export * as AudioNode from './audio_node.js';
export * as AudioWorklet from './audio_worklet.js';
export * as AudioWorkletNode from './audio_worklet_node.js';
export * as BaseAudioContext from './base_audio_context.js';
export * as ConvolverNode from './convolver_node.js';
export * as HTMLMediaElement from './html_media_element.js';
export * as InputDeviceInfo from './input_device_info.js';
export * as MediaDevices from './media_devices.js';
export * as MediaElementAudioSourceNode from './media_element_audio_source_node.js';
export * as MediaRecorder from './media_recorder.js';
export * as MediaStream from './media_stream.js';
export * as MediaStreamAudioDestinationNode from './media_stream_audio_destination_node.js';
export * as MediaStreamAudioSourceNode from './media_stream_audio_source_node.js';
export * as MediaStreamTrack from './media_stream_track.js';
export * as OfflineAudioContext from './offline_audio_context.js';
export * as OverconstrainedError from './overconstrained_error.js';
export * as WaveShaperNode from './wave_shaper_node.js';
export * as Worklet from './worklet.js';

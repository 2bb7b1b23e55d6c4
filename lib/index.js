// Web Audio for Node.js: the implemented interfaces.
import './shared_memory.js';
import { ErrorEvent as BacklineErrorEvent } from './generated/interfaces.js';

export * from './generated/interfaces.js';
export { Audio } from './audio.js';
export { Recorder } from './recorder.js';
export { mediaDevices, navigator } from './media_devices.js';
/// Node's own where it has one.
export const ErrorEvent = globalThis.ErrorEvent ?? BacklineErrorEvent;

// What the native module tells the program: events, messages, the worklets' console.
import { getEventListeners } from 'node:events';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import { acquired, received } from './glue/audio_buffer.js';
import { interfaceNamed, slotsOf, wrap } from './webidl/platform_object.js';
import { NodePort } from './worklet/node_port.js';
import { portOf, scopePortOf } from './worklet/ports.js';

const kDispatch = {
  ended: (impl) => fire(impl, new Event('ended')),
  statechange: (impl) => fire(impl, new Event('statechange')),
  sinkchange: (impl) => fire(impl, new Event('sinkchange')),
  media: (impl, type) => fire(impl, new Event(type)),
  complete,
  audioprocess,
  error: (impl, { message }) => fireError(impl, 'error', { message, error: new Error(message) }),
  processorerror: (impl, detail) => fireError(impl, 'processorerror', { ...detail, error: errorFrom(detail) }),
  message: (impl, serialized) => NodePort.deliver(portOf(impl), serialized),
  scopemessage: (impl, serialized) => NodePort.deliver(scopePortOf(impl), serialized),
  console: (impl, { level, text, place }) => (console[level] ?? console.log)(`[worklet${place ? ` ${shownPlace(place)}` : ''}] ${text}`),
  processorended: () => {},
};

/// Called by the native module on the main thread, in a task of its own.
export function dispatch(impl, type, detail) {
  kDispatch[type](impl, detail);
}

// An impl that no attribute has handed out yet has no listeners either.
function fire(impl, event) {
  slotsOf(impl).wrapper?.dispatchEvent(event);
}

// In a task after the one in which the promise of startRendering() is settled.
function complete(impl) {
  setImmediate(() => {
    const { wrapper, rendered: renderedBuffer } = slotsOf(impl);
    const { type: OfflineAudioCompletionEvent } = interfaceNamed('OfflineAudioCompletionEvent');
    wrapper.dispatchEvent(new OfflineAudioCompletionEvent('complete', { renderedBuffer }));
  });
}

// The native module sends what the listeners have left in the output buffer. A node that nobody listens to need not be kept.
function audioprocess(impl, { playbackTime, inputBuffer, outputBuffer }) {
  const { wrapper } = slotsOf(impl);
  const heard = wrapper !== undefined && getEventListeners(wrapper, 'audioprocess').length > 0;
  impl.setHeard(heard);
  if (!heard) return;
  const { type: AudioProcessingEvent } = interfaceNamed('AudioProcessingEvent');
  const kAudioBuffer = interfaceNamed('AudioBuffer');
  const event = new AudioProcessingEvent('audioprocess', {
    playbackTime, inputBuffer: wrap(inputBuffer, kAudioBuffer), outputBuffer: wrap(outputBuffer, kAudioBuffer),
  });
  wrapper.dispatchEvent(event);
  received(outputBuffer);
  acquired(outputBuffer);
}

// An error that nobody listens for is told on the program's standard error.
function fireError(impl, type, { message, filename, lineno, colno, error }) {
  const { wrapper } = slotsOf(impl);
  if (!wrapper || getEventListeners(wrapper, type).length === 0) {
    const place = filename ? `\n    at ${filename}:${lineno}:${colno}` : '';
    process.emitWarning(`${message}${place}`, { type: type === 'error' ? 'AudioContextError' : 'AudioWorkletProcessorError' });
    return;
  }
  const ErrorEvent = globalThis.ErrorEvent ?? interfaceNamed('ErrorEvent').type;
  wrapper.dispatchEvent(new ErrorEvent(type, { message, filename, lineno, colno, error }));
}

// A stand-in for what was thrown, which lives in another isolate.
function errorFrom({ name, message, stack }) {
  const error = new Error(message);
  Object.defineProperties(error, {
    name: { value: name, configurable: true, writable: true },
    stack: { value: stack || `${name}: ${message}`, configurable: true, writable: true },
  });
  return error;
}

const kLongestPlace = 60;   // characters of a URL

// "url:line:column" as short as it can be found by.
function shownPlace(place) {
  const [, url, position] = /^(.*)(:\d+:\d+)$/s.exec(place);
  if (url.startsWith('file:')) return relative(process.cwd(), fileURLToPath(url)) + position;
  return (url.length > kLongestPlace ? `${url.slice(0, kLongestPlace)}…` : url) + position;
}

import { native } from '../native.js';
import { inContext, interfaceNamed, wrap } from '../webidl/platform_object.js';

export const getDestination = (impl) => inContext(impl.destination, impl);

/// ScriptProcessorNode has no constructor.
export const createScriptProcessor = (impl, bufferSize, numberOfInputChannels, numberOfOutputChannels) =>
  inContext(new (native().ScriptProcessorNode)(impl, bufferSize, numberOfInputChannels, numberOfOutputChannels), impl);

export const getAudioWorklet = (impl) => ({ context: impl });

/// https://webaudio.github.io/web-audio-api/#dom-baseaudiocontext-decodeaudiodata
export function decodeAudioData(impl, audioData, successCallback, errorCallback) {
  const promise = decode(impl, audioData);
  // A program that is called back has been told; Node would end it for the promise that nobody looks at.
  if (errorCallback) promise.catch(() => {});
  promise.then((buffer) => report(successCallback, buffer), (error) => report(errorCallback, error));
  return promise;
}

async function decode(impl, audioData) {
  const bytes = take(audioData);
  return wrap(await native().decodeAudioData(bytes, impl.sampleRate), interfaceNamed('AudioBuffer'));
}

/// The bytes of an ArrayBuffer, which is detached by that (one that cannot be, a slice of Node's pool, is copied).
function take(audioData) {
  try {
    new Uint8Array(audioData);
  } catch {
    throw new DOMException("parameter 1 ('audioData') is detached: its bytes were transferred or decoded before", 'DataCloneError');
  }
  return new Uint8Array(structuredClone(audioData, { transfer: [audioData] }));
}

function report(callback, value) {
  if (!callback) return;
  try {
    callback(value);
  } catch (error) {
    process.nextTick(() => { throw error; });
  }
}

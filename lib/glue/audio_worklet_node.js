import { native } from '../native.js';
import { interfaceNamed, wrap } from '../webidl/platform_object.js';
import { portOf, serializeFor } from '../worklet/ports.js';

export function construct(context, name, options) {
  return new (native().AudioWorkletNode)(context, name, { ...options, serialized: serializeFor(context, options) });
}

/// A Map, for the maplike AudioParamMap.
export function getParameters(impl) {
  const kAudioParam = interfaceNamed('AudioParam');
  return new Map(impl.parameterNames().map((name) => [name, wrap(impl.param(name), kAudioParam)]));
}

export const getPort = portOf;

import { native } from '../native.js';
import { slotsOf } from '../webidl/platform_object.js';

export function construct(context, options) {
  const impl = new (native().WaveShaperNode)(context, options);
  if (options.curve) slotsOf(impl).curve = Float32Array.from(options.curve);
  return impl;
}

export const getCurve = (impl) => slotsOf(impl).curve ?? null;

/// What is heard is a copy; what is asked for later is the array itself.
export function setCurve(impl, curve) {
  impl.setCurve(curve);
  slotsOf(impl).curve = curve;
}

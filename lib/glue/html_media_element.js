import { resolveObjectURL } from 'node:buffer';

import { native } from '../native.js';
import { getBaseURL } from '../settings.js';
import { slotsOf } from '../webidl/platform_object.js';

/// https://html.spec.whatwg.org/multipage/media.html#time-ranges; ranges: [start, end] in seconds.
class Ranges {
  #ranges;
  constructor(ranges) { this.#ranges = ranges; }
  get length() { return this.#ranges.length; }
  start(index) { return this.#at(index)[0]; }
  end(index) { return this.#at(index)[1]; }
  #at(index) {
    const range = this.#ranges[index];
    if (!range) throw new DOMException(`index ${index} is not below ${this.length}, the number of ranges`, 'IndexSizeError');
    return range;
  }
}

const ranges = (list) => new Ranges(list);
export const getBuffered = (impl) => ranges(impl.buffered());
export const getSeekable = (impl) => ranges(impl.seekable());
export const getPlayed = (impl) => ranges(impl.played());

/// The same object as long as it is the same error.
export function getError(impl) {
  const { code, message } = impl.error() ?? {};
  const slots = slotsOf(impl);
  if (slots.error?.code !== code || slots.error?.message !== message) slots.error = code ? { code, message } : null;
  return slots.error;
}

export const getSrc = (impl) => slotsOf(impl).src ?? '';

/// Relative to the program, as worklet modules are.
export function setSrc(impl, given) {
  const slots = slotsOf(impl);
  const url = given && URL.canParse(given, getBaseURL()) ? new URL(given, getBaseURL()).href : given;
  slots.src = url;
  if (!url.startsWith('blob:')) return impl.setSrc(url);
  impl.awaitSrc(url);
  const fail = (why) => { if (slots.src === url) impl.provide(undefined, why); };
  const blob = resolveObjectURL(url);
  if (!blob) return fail('there is no such object, or it was revoked');
  blob.arrayBuffer().then(
    (buffer) => { if (slots.src === url) impl.provide(new Uint8Array(buffer), ''); },
    (error) => fail(error.message));
  return undefined;
}

export const canPlayType = (impl, type) => native().canPlayType(type);
export const fastSeek = (impl, time) => { impl.currentTime = time; };
export const getStartDate = () => new Date(NaN);   // no source has a time of its own

// Reflected without effect: there are no origins and no controls here.
const kCrossOrigin = ['anonymous', 'use-credentials'];
export const getCrossOrigin = (impl) => slotsOf(impl).crossOrigin ?? null;
export function setCrossOrigin(impl, value) {
  slotsOf(impl).crossOrigin = value === null || kCrossOrigin.includes(value.toLowerCase()) ? value?.toLowerCase() : 'anonymous';
}
export const getControls = (impl) => slotsOf(impl).controls ?? false;
export const setControls = (impl, value) => { slotsOf(impl).controls = value; };

/// What the attribute `muted` says, which has had its effect when the element was made.
export const getDefaultMuted = (impl) => slotsOf(impl).defaultMuted ?? false;
export const setDefaultMuted = (impl, value) => { slotsOf(impl).defaultMuted = value; };

// How far two renderings of a graph are apart.

/**
 * The largest difference of two lists of channels, in dB of the louder one's peak (of full scale where both stay below it).
 * @returns {{dB: number, channel?: number, frame?: number, ours?: number, theirs?: number}} −∞ dB: the same samples. Where one has a number
 * and the other has none, +∞ dB.
 */
export function difference(ours, theirs) {
  let worst = 0, peak = 1, at = {};
  for (let channel = 0; channel < ours.length; channel++) {
    for (let frame = 0; frame < ours[channel].length; frame++) {
      const a = ours[channel][frame], b = theirs[channel][frame];
      peak = Math.max(peak, Math.abs(a) || 0, Math.abs(b) || 0);
      if (Object.is(a, b)) continue;
      const apart = a === b || (Number.isNaN(a) && Number.isNaN(b)) ? 0 : Math.abs(a - b);
      if (!(apart <= worst)) {
        worst = Number.isNaN(apart) ? Infinity : apart;
        at = { channel, frame, ours: a, theirs: b };
      }
    }
  }
  return { dB: 20 * Math.log10(worst / peak), ...at };
}

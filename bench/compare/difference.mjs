// How far two renderings of one case are apart.

/** The largest |a - b| over all channels, in dB below full scale; -Infinity where they are equal, NaN where the shapes differ. */
export function differenceInDecibels(a, b) {
  if (a.length !== b.length || a.some((channel, c) => channel.length !== b[c].length)) return NaN;
  let most = 0;
  a.forEach((channel, c) => {
    for (let i = 0; i < channel.length; ++i) {
      most = Math.max(most, Math.abs(channel[i] - b[c][i]));   // NaN stays
    }
  });
  return 20 * Math.log10(most);
}

/** The largest sample, in dB. */
export const peakInDecibels = (channels) => differenceInDecibels(channels, channels.map((channel) => new Float32Array(channel.length)));

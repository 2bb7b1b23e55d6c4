// Whether figures that were taken again and again, while the same was done again and again, grew.

/** What each may have grown by, from the middle third of the samples to the last one. Memory that is freed need not go back to the system at once. */
export const kBounds = {
  own: 6 * 2 ** 20,         // bytes
  reserved: 192 * 2 ** 20,  // bytes of address space: an isolate that stays takes more
  heap: 1.5 * 2 ** 20,      // bytes of the program's JavaScript, after a collection
  descriptors: 4,
  memfds: 2,
  threads: 1,
  mappings: 60,
  nodes: 12,                // in the plans: on a busy machine something of the last round may still be on its way
  sessions: 0,
};

const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];

/**
 * samples: at least six of {process: {figure: number}}, as old as they stand; the first third is warm-up. What grew by more than its bound: [{process, figure,
 * from, to}], empty if all is flat.
 */
export function growths(samples, bounds = kBounds) {
  if (samples.length < 6) throw new RangeError(`${samples.length} samples are too few to tell`);
  const third = Math.floor(samples.length / 3);
  const middle = samples.slice(third, -third), last = samples.slice(-third);
  const found = [];
  for (const process of Object.keys(samples[0])) {
    for (const figure of Object.keys(bounds)) {
      if (samples[0][process][figure] === undefined) continue;
      const of = (some) => median(some.map((sample) => sample[process][figure]));
      const from = of(middle), to = of(last);
      if (to - from > bounds[figure]) found.push({ process, figure, from, to });
    }
  }
  return found;
}

// One case, rendered once by whatever engine runs this module: plain Web Audio in Node and in a page alike.
import effects from './effects.mjs';
import sources from './sources.mjs';
import worklets from './worklets.mjs';

const kRate = 48000;   // Hz

/**
 * `name` is how it is called; `seconds` how long it sounds; `needs` interfaces beyond those every engine has; `open` what of its sound the
 * specification leaves open; `prepare` is not timed; `build(context, seconds, audio)` is, with `audio` the engine's interfaces.
 */
export const cases = [...sources, ...effects, ...worklets];

/**
 * Milliseconds that building and rendering took. `seconds`: instead of the case's own; `samples`: the channels too.
 * An interface that is missing is answered with its name in `absent`.
 */
export async function renderCase({ name, seconds, samples = false }, audio = globalThis) {
  const { build, prepare, needs = [], ...given } = cases.find((one) => one.name === name);
  const absent = needs.find((type) => !audio[type]);
  if (absent) return { absent };
  const length = seconds ?? given.seconds;
  const context = new audio.OfflineAudioContext(2, Math.round(length * kRate), kRate);
  await prepare?.(context);
  const begin = performance.now();
  build(context, length, audio);
  const built = performance.now();
  const buffer = await context.startRendering();
  const end = performance.now();
  const channels = samples ? Array.from({ length: buffer.numberOfChannels }, (_, c) => buffer.getChannelData(c)) : undefined;
  return { build: built - begin, render: end - built, ...(channels && { channels }) };
}

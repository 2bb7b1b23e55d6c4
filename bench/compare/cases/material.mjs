// What the cases play: the same samples in every engine.

/** White noise from -1 to 1, the same for the same seed. */
export function noise(length, seed = 1) {
  const samples = new Float32Array(length);
  let state = (seed * 2654435761) >>> 0;
  for (let i = 0; i < length; ++i) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    samples[i] = state / 2147483648 - 1;
  }
  return samples;
}

/** Harmonics of 110 Hz, up to 3.5 kHz, that a resampler can be judged by; `rate` in Hz. */
export function tone(length, rate, seed = 1) {
  const samples = new Float32Array(length);
  for (let harmonic = 1; harmonic <= 32; ++harmonic) {
    const step = (2 * Math.PI * 110 * harmonic) / rate, phase = harmonic * harmonic * seed;
    for (let i = 0; i < length; ++i) samples[i] += Math.sin(step * i + phase) / (4 * harmonic);
  }
  return samples;
}

const kept = new Map();

/** A buffer of `channels` × `seconds` of tones, made once a context. */
export function toneBuffer(context, { channels = 1, seconds = 1, rate = context.sampleRate, seed = 1 } = {}) {
  const length = Math.round(seconds * rate);
  const buffer = context.createBuffer(channels, length, rate);
  for (let c = 0; c < channels; ++c) {
    const key = `${length} ${rate} ${seed + c}`;
    if (!kept.has(key)) kept.set(key, tone(length, rate, seed + c));
    buffer.copyToChannel(kept.get(key), c);
  }
  return buffer;
}

/** Plays `buffer` without end; it has started. */
export function loop(context, buffer, { rate = 1 } = {}) {
  const source = context.createBufferSource();
  source.buffer = buffer;
  source.loop = true;
  source.playbackRate.value = rate;
  source.start();
  return source;
}

/** A gain that has its value from the start. */
export function gain(context, value) {
  const node = context.createGain();
  node.gain.value = value;
  return node;
}

/** An oscillator that has started. */
export function oscillator(context, type, frequency) {
  const node = context.createOscillator();
  node.type = type;
  node.frequency.value = frequency;
  node.start();
  return node;
}

/** A worklet module that all engines fetch. */
export const moduleOf = (source) => URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));

// What a random node of each type is: {options, params, …} as JSON. Ranges are such that what follows stays finite and audible.

const kCorners = [[1, 'max', 'speakers'], [2, 'max', 'discrete'], [1, 'explicit', 'speakers'], [2, 'explicit', 'speakers'],
  [4, 'explicit', 'speakers'], [6, 'explicit', 'speakers'], [3, 'explicit', 'discrete'], [2, 'clamped-max', 'speakers'],
  [5, 'clamped-max', 'discrete'], [8, 'explicit', 'discrete']];

/** channelCount and the two rules of mixing; for nodes that take two channels at most, so limited. */
function mixing(dice, isLimited) {
  if (dice.chance(0.5)) return {};
  const corners = isLimited ? kCorners.filter(([count, mode]) => count <= 2 && mode !== 'max') : kCorners;
  const [channelCount, channelCountMode, channelInterpretation] = dice.pick(corners);
  return { channelCount, channelCountMode, channelInterpretation };
}

/** {channels, length, sampleRate, seed, shape} of an AudioBuffer; built by build.mjs. */
function buffer(dice, { rates, channels = [1, 1, 2, 2, 4, 6], lengths = [1, 2000] }) {
  return {
    channels: dice.pick(channels), length: dice.whole(...lengths), sampleRate: dice.pick(rates), seed: dice.whole(1, 1e6),
    shape: dice.pick(['noise', 'ramp', 'sine']),
  };
}

function oscillator(dice, about) {
  const type = dice.pick(['sine', 'sine', 'square', 'sawtooth', 'triangle', 'custom']);
  const wave = type !== 'custom' ? undefined : {
    real: Array.from({ length: 5 }, () => dice.range(-1, 1)), imag: Array.from({ length: 5 }, () => dice.range(-1, 1)),
    disableNormalization: dice.chance(0.3),
  };
  return {
    options: wave ? {} : { type }, wave,
    params: { frequency: [40, 4000], detune: [-1200, 1200] }, schedule: schedule(dice, about),
  };
}

/** start and stop: at whole frames where their times are exact, or (Chromium is not of one mind about these) anywhere. */
function schedule(dice, { duration, sampleRate, isExact, contested }) {
  const grid = (time) => (contested ? time : Math.round(time * sampleRate) / sampleRate);
  if (dice.chance(0.3) || !(isExact || contested)) return { start: [0] };
  const start = grid(dice.range(0, duration / 2));
  return { start: [start], stop: dice.chance(0.5) ? grid(dice.range(start, duration)) : undefined };
}

function bufferSource(dice, about) {
  const { duration, sampleRate, resample, contested } = about;
  const made = buffer(dice, { rates: resample ? [sampleRate, sampleRate / 2, 44100, 48000] : [sampleRate] });
  const seconds = made.length / made.sampleRate;
  const loop = dice.chance(0.5);
  const options = loop ? { loop, loopStart: dice.chance(0.5) ? 0 : dice.range(0, seconds), loopEnd: dice.chance(0.5) ? 0 : dice.range(0, seconds) } : {};
  const timing = schedule(dice, about);
  const whole = (time) => (contested ? time : Math.round(time * made.sampleRate) / made.sampleRate);   // Chromium counts loops and offsets in frames
  for (const name of ['loopStart', 'loopEnd']) if (options[name]) options[name] = whole(options[name]);
  if (!contested && !(options.loopStart < options.loopEnd)) options.loopStart = 0;   // the draft: such a loop is the whole buffer
  // In the draft, not in Chromium, a source has one channel while it does not play.
  const isAlways = made.channels > 1 && !contested;
  if (isAlways) {
    options.loop = true;
    timing.start[0] = 0;
    delete timing.stop;
  }
  if (dice.chance(0.4)) {
    const offset = dice.range(0, seconds);
    timing.start.push(whole(offset));
    if (!isAlways && dice.chance(0.5)) timing.start.push(dice.range(0, duration));
  }
  return { options, buffer: made, schedule: timing, rates: 'fixed', params: resample ? { playbackRate: [0.25, 3], detune: [-600, 600] } : {} };
}

function iirFilter(dice) {
  let feedback = [1];
  for (let section = dice.whole(1, 3); section > 0; section--) {   // pairs of poles inside the unit circle
    const radius = dice.range(0.1, 0.95), angle = dice.range(0, Math.PI);
    const pair = [1, -2 * radius * Math.cos(angle), radius * radius];
    const product = new Array(feedback.length + 2).fill(0);
    feedback.forEach((a, i) => pair.forEach((b, j) => { product[i + j] += a * b; }));
    feedback = product;
  }
  // JSON carries doubles exactly, but cos may differ between engines: a grid makes the coefficients the same.
  feedback = feedback.map((value) => Math.round(value * 0x10000) / 0x10000);
  const feedforward = Array.from({ length: dice.whole(1, 6) }, () => dice.range(-0.3, 0.3));
  return { options: { feedforward, feedback, ...mixing(dice) } };
}

function panner(dice, { hrtf, contested }) {
  const place = { X: [-10, 10], Y: [-10, 10], Z: [-10, 10] };
  return {
    // Where the listener is, the draft has a cone's source at a right angle, Chromium within the cone.
    ...(!contested && { always: ['positionX'] }),
    options: {
      panningModel: hrtf && dice.chance(0.5) ? 'HRTF' : 'equalpower', distanceModel: dice.pick(['linear', 'inverse', 'exponential']),
      refDistance: dice.range(0, 3), maxDistance: dice.range(1, 30), rolloffFactor: dice.range(0, 2),
      coneInnerAngle: dice.range(0, 360), coneOuterAngle: dice.range(0, 360), coneOuterGain: dice.range(0, 1), ...mixing(dice, true),
    },
    params: Object.fromEntries(['position', 'orientation'].flatMap((what) => Object.entries(place).map(([axis, span]) => [what + axis, span]))),
    rates: 'fixed',
  };
}

function waveShaper(dice, { oversample }) {
  const curve = dice.chance(0.1) ? undefined : Array.from({ length: dice.whole(2, 40) }, () => dice.range(-1, 1));
  return { options: { ...(curve && { curve }), oversample: oversample ? dice.pick(['none', '2x', '4x']) : 'none', ...mixing(dice) } };
}

function compressor(dice, { contested }) {
  return {
    // Chromium's sends two channels for one, against the draft (§ channels and tail time), whose compressor sends as many as come.
    options: contested ? mixing(dice, true) : { channelCountMode: 'explicit' }, rates: 'fixed',
    params: { threshold: [-80, 0], knee: [0, 40], ratio: [1, 20], attack: [0, 0.05], release: [0.01, 0.5] },
  };
}

function biquad(dice) {
  const type = dice.pick(['lowpass', 'highpass', 'bandpass', 'lowshelf', 'highshelf', 'peaking', 'notch', 'allpass']);
  return {
    options: { type, ...mixing(dice) },
    params: { frequency: [20, 12000], Q: [0.01, type === 'lowpass' || type === 'highpass' ? 20 : 10], gain: [-20, 20], detune: [-1200, 1200] },
  };
}

/** Delays of whole frames: Chromium knows where it reads to some hundredths of a frame, and sends more channels before they are due. */
function delay(dice, { sampleRate, contested }) {
  const maxDelayTime = dice.range(0.001, 0.05);
  if (contested) return { options: { maxDelayTime, ...mixing(dice) }, params: { delayTime: [0, maxDelayTime] } };
  return { options: { maxDelayTime, delayTime: Math.floor(dice.range(0, maxDelayTime) * sampleRate) / sampleRate } };
}

export const kSources = {
  OscillatorNode: oscillator,
  ConstantSourceNode: (dice, about) => ({ options: {}, params: { offset: [-1, 1] }, schedule: schedule(dice, about) }),
  AudioBufferSourceNode: bufferSource,
};

export const kEffects = {
  GainNode: (dice) => ({ options: mixing(dice), params: { gain: [-1, 1] } }),
  DelayNode: delay,
  BiquadFilterNode: biquad,
  IIRFilterNode: iirFilter,
  WaveShaperNode: waveShaper,
  StereoPannerNode: (dice) => ({ options: mixing(dice, true), params: { pan: [-1, 1] } }),
  PannerNode: panner,
  ConvolverNode: (dice, { sampleRate, contested }) => ({
    // Chromium's gain calibration is 10^(−58/20), 0.06 dB more than the draft's 0.00125.
    options: { disableNormalization: !contested || dice.chance(0.5), ...mixing(dice, true) },
    buffer: buffer(dice, { rates: [sampleRate], channels: [1, 2, 4], lengths: [1, 600] }),
  }),
  DynamicsCompressorNode: compressor,
  ChannelSplitterNode: (dice) => ({ options: { numberOfOutputs: dice.whole(1, 6) } }),
  ChannelMergerNode: (dice) => ({ options: { numberOfInputs: dice.whole(1, 6) } }),
  AnalyserNode: (dice) => ({ options: mixing(dice) }),
};

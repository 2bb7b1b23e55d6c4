// Builds a described graph from the Web Audio constructors of the global scope and renders it. Runs in Node and in a browser alike.

import { Dice } from './dice.mjs';

const kShapes = {
  noise: (dice) => dice.range(-1, 1),
  ramp: (dice, i, { length }) => (i + 1) / length,
  sine: (dice, i, { seed }) => sine(i * (seed % 97 + 1) / 600),
};

// One period a unit, a parabola each half: near a sine, and the same bits in every engine, which Math.sin need not be.
function sine(turns) {
  const phase = turns - Math.floor(turns);
  return phase < 0.5 ? 16 * phase * (0.5 - phase) : -16 * (phase - 0.5) * (1 - phase);
}

function makeBuffer(described) {
  const { channels: numberOfChannels, length, sampleRate, seed, shape } = described;
  const buffer = new globalThis.AudioBuffer({ numberOfChannels, length, sampleRate });
  const dice = new Dice(seed);
  for (let channel = 0; channel < numberOfChannels; channel++) {
    const samples = buffer.getChannelData(channel);
    for (let i = 0; i < length; i++) samples[i] = kShapes[shape](dice, i, described) / (channel + 1);
  }
  return buffer;
}

function makeNode(context, { type, options, params, buffer, wave, schedule }) {
  const given = { ...options };
  if (buffer) given.buffer = makeBuffer(buffer);
  if (wave) given.periodicWave = new globalThis.PeriodicWave(context, wave);
  if (given.curve) given.curve = Float32Array.from(given.curve);
  const node = new globalThis[type](context, given);
  for (const [name, { value, rate, events = [] }] of Object.entries(params)) {
    const param = node[name];
    if (rate) param.automationRate = rate;
    param.value = value;
    for (const [method, ...args] of events) param[method](...args);
  }
  if (schedule) {
    node.start(...schedule.start);
    if (schedule.stop !== undefined) node.stop(schedule.stop);
  }
  return node;
}

/** Resolves to the AudioBuffer that the graph renders. */
export async function render({ sampleRate, length, channels, nodes, edges }) {
  const context = new globalThis.OfflineAudioContext(channels, length, sampleRate);
  const made = nodes.map((described) => makeNode(context, described));
  for (const { from, output, to, input, param } of edges) {
    if (param) made[from].connect(made[to][param], output);
    else made[from].connect(to === 'destination' ? context.destination : made[to], output, input);
  }
  return context.startRendering();
}

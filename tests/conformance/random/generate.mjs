// A random offline graph as JSON, from a seed. Runs in Node and in a browser alike.

import { Dice } from './dice.mjs';
import { kEffects, kSources } from './node_kinds.mjs';

const kRates = [44100, 48000, 96000, 32768, 32768, 65536];   // times of whole frames are exact at powers of two
const kFrames = [256, 8192];
const kMethods = ['setValueAtTime', 'linearRampToValueAtTime', 'exponentialRampToValueAtTime', 'setTargetAtTime', 'setValueCurveAtTime'];

/** Everything that a graph may have; `types` narrows the effects and sources down. */
export const kDefaults = { resample: false, oversample: false, hrtf: false, cycles: false, contested: false, automation: true, types: undefined };

/**
 * @returns {{seed, sampleRate, length, channels, nodes: object[], edges: object[]}} nodes: {type, options, params: {name: {value, rate, events}}, …};
 * edges: {from, output, to, input} or {from, output, to, param}, where `to` is a node's place or 'destination'.
 */
export function generate(seed, allowed = {}) {
  const traits = { ...kDefaults, ...allowed };
  const dice = new Dice(seed);
  const sampleRate = dice.pick(kRates);
  const length = dice.whole(...kFrames);
  const isExact = Number.isInteger(Math.log2(sampleRate));
  const about = { ...traits, sampleRate, duration: length / sampleRate, isExact, automation: traits.automation && (traits.contested || isExact) };
  const graph = { seed, sampleRate, length, channels: dice.pick([1, 2, 2, 4, 6]), nodes: [], edges: [] };
  const kinds = (table) => Object.entries(table).filter(([type]) => !traits.types || traits.types.includes(type));
  const add = (table) => graph.nodes.push(node(dice, dice.pick(kinds(table)), about)) - 1;
  for (let count = dice.whole(1, 3); count > 0; count--) add(kSources);
  const sources = graph.nodes.length;
  if (kinds(kEffects).length) for (let count = dice.whole(1, 6); count > 0; count--) add(kEffects);
  connectAll(dice, graph, sources, about);
  return graph;
}

function node(dice, [type, make], about) {
  const { params = {}, rates, always = [], ...rest } = make(dice, about);
  const described = { type, ...rest, params: {} };
  for (const [name, span] of Object.entries(params)) {
    if (dice.chance(0.35) && !always.includes(name)) continue;   // as it is by default
    const param = { value: dice.range(...span) };
    if (!rates && dice.chance(0.15)) param.rate = 'k-rate';
    if (about.automation && dice.chance(0.4)) param.events = automation(dice, span, about, rates || param.rate);
    if (param.events && rest.schedule && !about.contested) rest.schedule.start[0] = 0;
    described.params[name] = param;
  }
  return described;
}

/**
 * [method, ...arguments] in the order of their times, which do not overlap curves. Without `contested`, what Chromium does as the draft says:
 * whole frames (but not for the end of a curve), no ramp from nowhere, through zero or out of a setTarget, no setTarget at k-rate, into another
 * or that is nearly there, nothing after a curve.
 */
function automation(dice, [low, high], { duration, sampleRate, contested }, isKRate) {
  const grid = (time) => (contested ? time : Math.round(time * sampleRate) / sampleRate);
  const events = contested ? [] : [['setValueAtTime', dice.range(low, high), 0]];
  let time = 1 / sampleRate;
  for (let count = dice.whole(1, 4); count > 0; count--) {
    time = grid(time + dice.range(0, duration / 3));
    const [before, from] = events.at(-1) ?? [];
    let value = dice.range(low, high);
    const usable = kMethods.filter((method) => contested ||
      (before !== 'setTargetAtTime' || method === 'setValueAtTime') && !(isKRate && method === 'setTargetAtTime'));
    const method = dice.pick(usable);
    if (method.startsWith('exp') && !contested && Math.sign(value) !== Math.sign(from)) value = -value || 0.5;
    if (method === 'setTargetAtTime') {
      events.push([method, value, time, contested ? dice.range(0, 0.02) : dice.range(duration / 8, duration)]);
    } else if (method === 'setValueCurveAtTime') {
      const length = grid(dice.range(0.0005, duration / 4)) + 1.5 / sampleRate;
      events.push([method, Array.from({ length: dice.whole(2, 6) }, () => dice.range(low, high)), time, length]);
      time += length + 1 / sampleRate;
      if (!contested) break;
    } else {
      events.push([method, method.startsWith('exp') && value === 0 ? 0.5 : value, time]);
    }
    time += 1 / sampleRate;
  }
  return events;
}

const outputsOf = ({ type, options }) => (type === 'ChannelSplitterNode' ? options.numberOfOutputs : 1);
const inputsOf = ({ type, options }) => (type === 'ChannelMergerNode' ? options.numberOfInputs : 1);

function connectAll(dice, graph, sources, { cycles, duration, contested }) {
  const { nodes, edges } = graph;
  const output = (from) => ({ from, output: dice.whole(0, outputsOf(nodes[from]) - 1) });
  const connect = (from, to) => edges.push({ ...output(from), to, input: dice.whole(0, inputsOf(nodes[to]) - 1) });
  for (let to = sources; to < nodes.length; to++) {
    for (let count = dice.whole(1, 2); count > 0; count--) connect(dice.whole(0, to - 1), to);
    const name = dice.chance(0.15) && dice.pick(Object.keys(nodes[to].params));
    const source = output(dice.whole(0, to - 1));
    // In Chromium a panner does not move another one.
    const isIgnored = !contested && nodes[to].type === 'PannerNode' && nodes[source.from].type === 'PannerNode';
    if (name && !isIgnored) edges.push({ ...source, to, param: name });
  }
  const feeds = new Set(edges.map(({ from }) => from));
  nodes.forEach((_, from) => {   // what leads nowhere is heard
    if (!feeds.has(from)) edges.push({ ...output(from), to: 'destination', input: 0 });
  });
  if (cycles) closeCycle(dice, graph, sources, duration);
}

/** Leads the last node back to an earlier one, through a delay and a gain that lets it fade. */
function closeCycle(dice, { nodes, edges }, sources, duration) {
  const delayTime = dice.range(0.003, duration / 4 + 0.003);
  const delay = nodes.push({ type: 'DelayNode', options: { maxDelayTime: 1 }, params: { delayTime: { value: delayTime } } }) - 1;
  const gain = nodes.push({ type: 'GainNode', options: {}, params: { gain: { value: dice.range(-0.3, 0.3) } } }) - 1;
  const last = delay - 1;
  if (last < sources) return;
  edges.push({ from: last, output: 0, to: delay, input: 0 }, { from: delay, output: 0, to: gain, input: 0 },
    { from: gain, output: 0, to: dice.whole(sources, last), input: 0 });
}

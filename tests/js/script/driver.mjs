// A session with only worklets in it, driven by the test. See tests/script/driver.h.

import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const checkout = fileURLToPath(new URL('../../../', import.meta.url));
export const build = resolve(process.env.BACKLINE_BUILD ?? join(checkout, 'build/release'));
const addon = createRequire(import.meta.url)(join(build, 'script_test.node'));

export const { serialize, deserialize, allocateShared, adoptMemory, setMemoryMaker, sharedBytes, createPipe, openPipes, sendPipe, readPipe, closePipe } = addon;

export class Session {
  /** budget: seconds of processor time that a call may take; 0: nobody watches. */
  constructor({ sampleRate = 48000, quantum = 128, sameProcess = true, budget = 0 } = {}) {
    this.quantumSize = quantum;
    this.sameProcess = sameProcess;
    this.id = addon.open(sampleRate, quantum, sameProcess, budget);
    this.kept = [];
    this.nodes = 0;
  }

  /** Evaluates one module given as text, or several: [{url, source, imports: {specifier: url}}]. Null, or the error. */
  evaluate(modules, url = `test:module-${++count}`, replace = false) {
    const list = typeof modules === 'string' ? [{ url, source: modules }] : modules;
    return addon.evaluate(this.id, list.map((m) => ({ ...m, imports: Object.entries(m.imports ?? {}) })), replace);
  }

  /** Evaluates in the place of what has the same URLs and names. Null, or the error. */
  replace(modules, url) { return this.evaluate(modules, url, true); }

  /** Evaluates, and throws what went wrong. */
  load(modules, url) {
    const error = this.evaluate(modules, url);
    if (error) throw new Error(`${error.name}: ${error.message} (${error.url}:${error.line}:${error.column})`);
  }

  /** Returns the node's number, or the constructor's error. params: names of the node's AudioParams; otherwise those that are registered. */
  create(name, { inputs = 1, outputs = 1, options = {}, params = undefined } = {}) {
    const node = ++this.nodes;
    const bytes = serialize({ numberOfInputs: inputs, numberOfOutputs: outputs, ...options }, { sameProcess: this.sameProcess });
    const error = addon.create(this.id, node, { name, inputs, outputs, options: bytes, params });
    return error ?? node;
  }

  /** inputs: for every input the channels, [] where inactive; outputs: numbers of channels; params: a number or Float32Array each. */
  configure(node, { inputs = [[]], outputs = [1], params = [] } = {}) {
    addon.configure(this.id, node, {
      inputs: inputs.map((channels) => {
        const all = new Float32Array(channels.length * this.quantumSize);
        channels.forEach((channel, i) => all.set(channel, i * this.quantumSize));
        return all;
      }),
      outputs,
      params: params.map((p) => (typeof p === 'number' ? new Float32Array([p]) : p)),
    });
  }

  quantum(...nodes) {
    for (const node of nodes) if (typeof node !== 'number') throw new Error(`No node: ${node.name}: ${node.message}\n${node.stack}`);
    return addon.quantum(this.id, nodes);
  }
  send(node, value) { addon.receive(this.id, node, serialize(value, { sameProcess: this.sameProcess })); }
  receive(node, bytes) { addon.receive(this.id, node, bytes); }
  destroy(node) { addon.destroy(this.id, node); }
  instances() { return addon.instances(this.id); }
  room(messages) { addon.room(this.id, messages); }
  measure(node, calls, perQuantum) { return addon.measure(this.id, node, calls, perQuantum); }
  heapGrowth(nodes, quanta) { return addon.heapGrowth(this.id, nodes, quanta); }
  collections(nodes, quanta) { return addon.collections(this.id, nodes, quanta); }
  /** How long each quantum takes, in seconds, when they come as they do in a render host. */
  pace(nodes, quanta) { return addon.pace(this.id, nodes, quanta); }
  startThread(...nodes) { addon.startThread(this.id, nodes, 0); }
  /** Renders beside this thread, with a pause of so many microseconds after every quantum. */
  startPaced(pause, ...nodes) { addon.startThread(this.id, nodes, pause); }
  /** The longest quantum since the start, in nanoseconds. */
  stopThread() { return addon.stopThread(this.id); }
  close() { addon.close(this.id); }

  /** What the worklet said since the last call, of one kind; the rest is kept. */
  events(kind) {
    this.kept.push(...addon.takeEvents(this.id));
    const wanted = this.kept.filter((e) => !kind || e.kind === kind);
    this.kept = this.kept.filter((e) => kind && e.kind !== kind);
    return wanted;
  }

  /** The values that processors posted. */
  messages() { return this.events('message').map((e) => deserialize(e.message)); }
  errors() { return this.events('error').map((e) => ({ node: e.node, ...e.error })); }
  console() { return this.events('console').map((e) => `${e.name}: ${e.text}`); }
}
let count = 0;

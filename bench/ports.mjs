// How long a message takes from a worker thread to a processor in the render host and back: by a MessagePort that was transferred to the
// processor, and, beside it, by way of the main thread and the node's own port.
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';

import { AudioContext, AudioWorkletNode } from '../lib/index.js';
import { settings } from '../lib/settings.js';

const kUsage = `Usage: node bench/ports.mjs [--messages N]

Sends N messages (default 2000), one after the other's answer, each way, while the context is suspended (the way alone) and while it plays
(with the wait for the next quantum), and prints the median and the 99th percentile of the microseconds of a round trip.`;

const { values } = parseArgs({ options: { messages: { type: 'string', default: '2000' }, help: { type: 'boolean', short: 'h' } } });
if (values.help) {
  console.log(kUsage);
  process.exit(0);
}
const messages = Number(values.messages);
if (!Number.isInteger(messages) || messages < 1) {
  console.error(`ports: --messages takes a number from 1, not '${values.messages}'`);
  process.exit(1);
}
settings.device = 'virtual';

// Told a port (or to use the parent's), it measures so many round trips.
const worker = new Worker(`const { parentPort } = require('node:worker_threads');
  parentPort.on('message', (told) => {
    if (!told.messages) return;
    const port = told.port ?? parentPort;
    const times = [];
    let sent = performance.now();
    port.on('message', function heard(message) {
      if (message.messages) return;
      times.push(1000 * (performance.now() - sent));
      if (times.length < told.messages) {
        sent = performance.now();
        return port.postMessage({});
      }
      port.off('message', heard);
      told.port?.close();
      parentPort.postMessage({ times: times.sort((a, b) => a - b) });
    });
    port.postMessage({});
  });`, { eval: true });

const context = new AudioContext();
await context.audioWorklet.addModule(`data:text/javascript,${encodeURIComponent(`registerProcessor('echo', class extends AudioWorkletProcessor {
  constructor() { super(); this.port.onmessage = ({ ports: [port] }) => {
    if (port) port.onmessage = ({ data }) => port.postMessage(data);
    else this.port.postMessage({});
  }; }
  process() { return true; } });`)}`);
const node = new AudioWorkletNode(context, 'echo');
node.connect(context.destination);
node.port.onmessage = ({ data }) => worker.postMessage(data);

async function measure(what, told, transfer) {
  worker.postMessage({ messages, ...told }, transfer);
  let times;
  while (!times) {
    const [message] = await once(worker, 'message');
    times = message.times;
    if (!times) node.port.postMessage(message);
  }
  const at = (part) => Math.round(times[Math.floor(part * (times.length - 1))]);
  console.log(`${what}: p50 ${at(0.5)} µs, p99 ${at(0.99)} µs`);
}

for (const state of ['suspended', 'running']) {
  await (state === 'running' ? context.resume() : context.suspend());
  const { port1, port2 } = new MessageChannel();
  node.port.postMessage(0, [port1]);
  await measure(`${state}, transferred port`, { port: port2 }, [port2]);
  await measure(`${state}, by way of the main thread`);
}
await context.close();
await worker.terminate();

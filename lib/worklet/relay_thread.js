// The thread of relay.js.
import { parentPort } from 'node:worker_threads';

import '../shared_memory.js';
import { script } from '../script.js';

const held = new Map();        // pipe → { port before it, received: by the node, until all that was sent there is }
const finishing = new Set();   // pipes whose port is closed, and that have not sent everything yet
const kUnreadable = new Uint8Array(8);   // arrives as a messageerror

parentPort.on('message', ({ ports, pipes, received, pipe, serialized }) => {
  if (ports) ports.forEach((port, i) => hold(port, pipes[i], received));
  else passOn(pipe, serialized);
});
script().listenPipes(() => {
  wake();
  for (const pipe of held.keys()) pump(pipe);
  for (const pipe of finishing) if (script().closePipe(pipe)) finishing.delete(pipe);
});
wake();

// Whoever of this process waits for what a worklet notifies. V8 wakes the waiting threads of all isolates.
function wake() {
  for (let woken; (woken = script().takeWake()) !== undefined;) {
    const [buffer, index, count] = woken;
    Atomics.notify(new Int32Array(buffer, index, 1), 0, count);
  }
}

function hold(port, pipe, received) {
  held.set(pipe, { port, received });
  port.onmessage = ({ data, ports }) => send(pipe, data, ports);
  port.onmessageerror = () => script().sendPipe(pipe, kUnreadable);
  port.on('close', () => {
    if (!held.delete(pipe)) return;
    if (!script().closePipe(pipe)) finishing.add(pipe);
  });
  pump(pipe);
}

function send(pipe, data, ports) {
  const pipes = ports.map(() => script().createPipe());
  let serialized;
  try {
    serialized = script().serialize(data, { ports, pipes });
  } catch {   // it holds what lives in this process alone
    script().sendPipe(pipe, kUnreadable);
    for (const unsent of pipes) script().closePipe(unsent);
    for (const port of ports) port.close();
    return;
  }
  script().sendPipe(pipe, serialized);
  ports.forEach((port, i) => hold(port, pipes[i]));
}

// All that the worklet has sent so far.
function pump(pipe) {
  const entry = held.get(pipe);
  if (!entry || entry.received < entry.sent) return;
  for (let serialized; (serialized = script().readPipe(pipe)) !== null;) {
    if (serialized === undefined) {
      held.delete(pipe);
      entry.port.close();
      return;
    }
    const sent = entry.received === undefined || entry.sent !== undefined ? undefined : script().handedOver(serialized);
    if (sent === undefined) {
      pass(serialized, entry.port);
    } else {
      entry.sent = sent;
      if (entry.received < sent) return;
    }
  }
}

function passOn(pipe, serialized) {
  const entry = held.get(pipe);
  if (!entry) return;
  pass(serialized, entry.port);
  entry.received++;
  if (entry.received === entry.sent) pump(pipe);
}

function pass(serialized, port) {
  const pipes = script().openPipes(serialized);
  const channels = pipes.map(() => new MessageChannel());
  const ports = channels.map(({ port2 }) => port2);
  channels.forEach(({ port1 }, i) => hold(port1, pipes[i]));
  try {
    port.postMessage(script().deserialize(serialized, ports), ports);
  } catch {   // no message that can be read
    for (const port of ports) port.close();
  }
}

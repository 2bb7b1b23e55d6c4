// The thread of relay.js.
import { parentPort } from 'node:worker_threads';

import '../shared_memory.js';
import { script } from '../script.js';

const held = new Map();        // pipe → the port before it
const finishing = new Set();   // pipes whose port is closed, and that have not sent everything yet
const kUnreadable = new Uint8Array(8);   // arrives as a messageerror

parentPort.on('message', ({ ports, pipes }) => ports.forEach((port, i) => hold(port, pipes[i])));
script().listenPipes(() => {
  for (const pipe of held.keys()) pump(pipe);
  for (const pipe of finishing) if (script().closePipe(pipe)) finishing.delete(pipe);
});

function hold(port, pipe) {
  held.set(pipe, port);
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
  let serialized = kUnreadable;
  try {
    serialized = script().serialize(data, { ports, pipes });
  } catch { /* what lives in this process alone */ }
  script().sendPipe(pipe, serialized);
  ports.forEach((port, i) => hold(port, pipes[i]));
}

// All that the worklet has sent so far.
function pump(pipe) {
  const port = held.get(pipe);
  for (let serialized; (serialized = script().readPipe(pipe)) !== null;) {
    if (serialized === undefined) {
      held.delete(pipe);
      port.close();
      return;
    }
    pass(serialized, port);
  }
}

function pass(serialized, port) {
  const pipes = script().openPipes(serialized);
  const channels = pipes.map(() => new MessageChannel());
  const ports = channels.map(({ port2 }) => port2);
  channels.forEach(({ port1 }, i) => hold(port1, pipes[i]));
  try {
    port.postMessage(script().deserialize(serialized, ports), ports);
  } catch { /* no message that can be read: lost */ }
}

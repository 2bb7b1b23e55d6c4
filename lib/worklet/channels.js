// Ports on their way to worklets. A port whose other end stays in the program is held by the relay; a channel whose ends both go to worklets, from
// one thread and one task, is made a pipe between the two, and nobody of the program stands between them.
import { receiveMessageOnPort } from 'node:worker_threads';

import { script } from '../script.js';
import { hold } from './relay.js';

const others = new WeakMap();   // of the ports of channels made by this thread: the other one
const waiting = new Map();      // a port whose other one has left in this task → { port, pipe }: what that became

const Original = globalThis.MessageChannel;

const Watched = new Proxy(Original, {
  construct(target, args, newTarget) {
    const channel = Reflect.construct(target, args, newTarget);
    others.set(channel.port1, channel.port2);
    others.set(channel.port2, channel.port1);
    return channel;
  },
});

Object.defineProperty(globalThis, 'MessageChannel', { value: Watched, writable: true, configurable: true });

/// The pipes by which ports go to a worklet. `ports`: what the transfer made of `originals`.
export function pipesFor(originals, ports) {
  return originals.map((original, i) => joined(original, ports[i]) ?? separate(original, ports[i]));
}

function separate(original, port) {
  const pipe = script().createPipe();
  const other = others.get(original);
  if (other === undefined) {
    hold([port], [pipe]);
  } else {
    if (waiting.size === 0) queueMicrotask(holdWaiting);
    waiting.set(other, { port, pipe });
  }
  return pipe;
}

function holdWaiting() {
  const left = [...waiting.values()];
  waiting.clear();
  hold(left.map(({ port }) => port), left.map(({ pipe }) => pipe));
}

// The other side of the pipe by which the other end went, unless something was sent to this end before.
function joined(original, port) {
  const first = waiting.get(original);
  if (first === undefined) return undefined;
  const early = [...received(port)];
  for (const message of received(first.port)) script().sendPipe(first.pipe, serialized(message));
  if (early.length > 0) {
    const pipe = script().createPipe();
    for (const message of early) script().sendPipe(pipe, serialized(message));
    hold([port], [pipe]);
    return pipe;
  }
  waiting.delete(original);
  script().passPipe(first.pipe);
  first.port.close();
  return first.pipe;
}

function* received(port) {
  for (let entry; (entry = receiveMessageOnPort(port)) !== undefined;) yield entry.message;
}

function serialized(message) {
  try {
    return script().serialize(message, {});
  } catch {
    return new Uint8Array(8);   // arrives as a messageerror
  }
}

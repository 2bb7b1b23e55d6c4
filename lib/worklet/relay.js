// The relay: a thread that stands between worklets in other processes and the threads of the program. It wakes those that wait for what a worklet
// notifies, and holds MessagePorts of the program whose other ends are ports of a worklet: each pair of Node's is held, at the side of the worklet, by one thread of its
// own, which passes messages to the worklet through memory that both have. So a port may be anywhere in the program, and
// what it sends passes no other thread than that one.
import { Worker } from 'node:worker_threads';

import { script } from '../script.js';

let thread;

/// Has it run from the first message on by which a worklet shares memory with the program.
export function beginFor(serialized) {
  if (script().sharesMemory?.(serialized)) begin();
}

function begin() {
  if (thread) return;
  thread = new Worker(new URL('relay_thread.js', import.meta.url), { name: 'backline-relay', execArgv: [], argv: [] });
  thread.unref();
}

/// Gives up ports, each for the pipe (a number) that carries on from there. `received`: where the pipe is a node's, that was handed over, how many
/// messages the port has got; what still comes by the node is to be passed on.
export function hold(ports, pipes, received) {
  begin();
  thread.postMessage({ ports, pipes, received }, ports);
}

/// A message for the port that is held for a pipe, from before it was.
export function passOn(pipe, serialized) {
  thread.postMessage({ pipe, serialized });
}

/// The MessagePorts that a serialized message from a worklet brings.
export function arrivingPorts(serialized) {
  beginFor(serialized);
  const pipes = script().openPipes?.(serialized) ?? [];
  if (pipes.length === 0) return [];
  const channels = pipes.map(() => new MessageChannel());
  hold(channels.map(({ port1 }) => port1), pipes);
  return channels.map(({ port2 }) => port2);
}

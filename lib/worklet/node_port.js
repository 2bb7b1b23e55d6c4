// The program's end of the channel between an AudioWorkletNode and its processor: a MessagePort to the program, though the
// other end is in another process or isolate. Where it is transferred, a real one takes its place (transfer.js).
import { script } from '../script.js';
import { requireArguments, toDictionarySource, toSequence } from '../webidl/convert.js';
import { getHandler, setHandler } from '../webidl/event_handlers.js';
import { arrivingPorts, hold, passOn } from './relay.js';

const kPostMessage = "Failed to execute 'postMessage' on 'MessagePort'";

export class NodePort extends EventTarget {
  #channel;
  #listening = false;
  #referenced = true;
  #waiting = [];      // serialized messages: all before start(), then those that came before an earlier one's turn
  #started = false;
  #closed = false;
  #scheduled = false;
  #received = 0;
  #pipe;              // of the port that has taken the place of this

  /// channel: serialize(message, transfer) → what post() takes to the processor; listen(begins) tells whether the program waits for what comes.
  constructor(channel) {
    super();
    this.#channel = channel;
  }

  postMessage(message) {
    requireArguments(kPostMessage, 1, arguments.length);
    const transfer = transferOf(arguments[1]);
    if (transfer.includes(this)) throw new DOMException(`${kPostMessage}: the port itself is in the transfer list.`, 'DataCloneError');
    if (!this.#closed) this.#channel.post(this.#channel.serialize(message, transfer));
  }

  start() {
    this.#started = true;
    this.#schedule();
    this.#updateListening();
  }

  close() {
    this.#closed = true;
    this.#waiting = [];
    this.#updateListening();
  }

  get onmessage() { return getHandler(this, 'message'); }

  set onmessage(value) {
    setHandler(this, 'message', value);
    this.#referenced = this.onmessage !== null;
    this.start();
  }

  get onmessageerror() { return getHandler(this, 'messageerror'); }

  set onmessageerror(value) { setHandler(this, 'messageerror', value); }

  // Of Node's MessagePort: one that is started keeps the program running, as long as its context is not closed.
  ref() {
    this.#referenced = true;
    this.#updateListening();
  }

  unref() {
    this.#referenced = false;
    this.#updateListening();
  }

  hasRef() { return this.#listening; }

  static is(object) { return typeof object === 'object' && object !== null && #channel in object; }

  /// For a port that is to be transferred: the real one that goes in its place, and what is to be done when it has gone; or has not. [internal]
  static replace(port) {
    const pipe = port.#pipe === undefined && !port.#closed ? script().createPipe() : 0;
    if (pipe === 0) throw new DOMException('A MessagePort in the transfer list is detached.', 'DataCloneError');
    const { port1, port2 } = new MessageChannel();
    return { substitute: port2, gone: () => port.#handOver(pipe, port1), stays: () => { script().closePipe(pipe); port1.close(); } };
  }

  /// Takes a message from the processor, in a task of its own. [internal]
  static deliver(port, serialized) {
    port.#received++;
    if (port.#pipe !== undefined) return passOn(port.#pipe, serialized);
    if (port.#closed) return;
    if (port.#started && port.#waiting.length === 0) port.#dispatch(serialized);
    else port.#waiting.push(serialized);
  }

  #handOver(pipe, held) {
    this.#channel.post(script().handOver(pipe));
    const waiting = this.#waiting;
    this.close();
    this.#pipe = pipe;
    hold([held], [pipe], this.#received - waiting.length);
    for (const serialized of waiting) passOn(pipe, serialized);
  }

  #updateListening() {
    const listening = this.#started && this.#referenced && !this.#closed;
    if (listening === this.#listening) return;
    this.#listening = listening;
    this.#channel.listen(listening);
  }

  #schedule() {
    if (!this.#started || this.#scheduled || this.#waiting.length === 0) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      const serialized = this.#waiting.shift();
      if (this.#waiting.length) this.#schedule();
      if (serialized) this.#dispatch(serialized);
    });
  }

  #dispatch(serialized) {
    let data;
    const ports = arrivingPorts(serialized);
    try {
      data = script().deserialize(serialized, ports);
    } catch {
      for (const port of ports) port.close();
      this.dispatchEvent(new MessageEvent('messageerror'));
      return;
    }
    this.dispatchEvent(new MessageEvent('message', { data, ports }));
  }
}

Object.setPrototypeOf(NodePort.prototype, MessagePort.prototype);
Object.defineProperty(NodePort.prototype, 'constructor', { value: MessagePort });
Object.defineProperty(NodePort.prototype, Symbol.toStringTag, { value: 'MessagePort', configurable: true });

// postMessage(message, sequence<object>) or postMessage(message, { transfer }).
function transferOf(argument) {
  const options = { context: `${kPostMessage}: parameter 2` };
  const source = toDictionarySource(argument, options);
  const list = source !== undefined && source[Symbol.iterator] != null ? source : source?.transfer;
  return list === undefined ? [] : toSequence(list, (object) => object, options);
}

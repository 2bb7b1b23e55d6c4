// MessagePort and MessageChannel (HTML §9.4). C++ knows a port by its number; it queues, serializes and delivers.
(function (native, scope) {
  'use strict';
  const { Array, DOMException, Event, Function, TypeError, Reflect, Symbol, MessageEvent, EventTarget } = globalThis;
  const { apply } = Reflect;

  function sequence(value, what) {
    const iterator = value[Symbol.iterator];
    if (typeof iterator !== 'function') throw new TypeError(`${what} must be iterable.`);
    const list = [];
    for (const item of { [Symbol.iterator]: () => apply(iterator, value, []) }) {
      if ((typeof item !== 'object' && typeof item !== 'function') || item === null) {
        throw new TypeError(`${what}: every item must be an object.`);
      }
      list.push(item);
    }
    return list;
  }

  /** The overloads of postMessage: (message, sequence<object>) and (message, {transfer}). */
  function transferList(options) {
    const what = 'Failed to execute \'postMessage\' on \'MessagePort\': the transfer list';
    if ((typeof options === 'object' || typeof options === 'function') && options !== null && options[Symbol.iterator] !== undefined && options[Symbol.iterator] !== null) return sequence(options, what);
    return transferOption(options, what);
  }

  function transferOption(options, what) {
    if (options === undefined || options === null) return [];
    if (typeof options !== 'object' && typeof options !== 'function') throw new TypeError(`${what} must be an object.`);
    const { transfer } = options;
    if (transfer === undefined) return [];
    if ((typeof transfer !== 'object' && typeof transfer !== 'function') || transfer === null) throw new TypeError(`${what} must be an object.`);
    return sequence(transfer, what);
  }

  const push = Function.prototype.call.bind(Array.prototype.push);
  const includes = Function.prototype.call.bind(Array.prototype.includes);
  let constructing = null;   // a port's number; 0: one that is closed already
  const members = Symbol('members');
  const uncloneable = (text) => new DOMException(text, 'DataCloneError');

  class MessagePort extends EventTarget {
    #number;
    constructor() {
      if (constructing === null) throw new TypeError('Illegal constructor');
      super();
      this.#number = constructing;
    }
    postMessage(message, options = undefined) {
      if (arguments.length === 0) throw new TypeError('Failed to execute \'postMessage\' on \'MessagePort\': 1 argument required, but only 0 present.');
      const list = transferList(options);
      if (includes(list, this)) throw uncloneable('Failed to execute \'postMessage\' on \'MessagePort\': the port itself is in the transfer list.');
      transferring(list, (rest, ports, numbers) => native.post(this.#number, message, rest, ports, numbers));
    }
    start() { native.start(this.#number); }
    close() { native.close(this.#number); }
    get onmessage() { return scope.eventHandler(this, 'message'); }
    set onmessage(value) {
      scope.eventHandler(this, 'message', callable(value));
      native.start(this.#number);
    }
    get onmessageerror() { return scope.eventHandler(this, 'messageerror'); }
    set onmessageerror(value) { scope.eventHandler(this, 'messageerror', callable(value)); }
    get onclose() { return scope.eventHandler(this, 'close'); }
    set onclose(value) { scope.eventHandler(this, 'close', callable(value)); }
    /** Calls `send` with what of a transfer list is no port, its ports and their numbers; then these objects are ports no more. */
    static [members](list, send) {
      const rest = [];
      const ports = [];
      const numbers = [];
      for (let i = 0; i < list.length; ++i) {
        const item = list[i];
        if (!(#number in item)) {
          push(rest, item);
          continue;
        }
        if (includes(ports, item)) throw uncloneable('A MessagePort occurs twice in the transfer list.');
        if (item.#number === 0) throw uncloneable('A MessagePort in the transfer list was transferred before.');
        if (!native.transferable(item.#number)) throw uncloneable('The port of a processor stays where it is: transfer one of a MessageChannel.');
        push(ports, item);
        push(numbers, item.#number);
      }
      const result = send(rest, ports, numbers);
      for (let i = 0; i < ports.length; ++i) ports[i].#number = 0;
      return result;
    }
  }
  const transferring = MessagePort[members];
  delete MessagePort[members];
  const callable = (value) => (typeof value === 'function' || (typeof value === 'object' && value !== null) ? value : null);
  scope.expose(MessagePort);

  class MessageChannel {
    #ports = native.openChannel();
    get port1() { return this.#ports[0]; }
    get port2() { return this.#ports[1]; }
  }
  scope.expose(MessageChannel);

  scope.exposeOperations({
    structuredClone(value, options = undefined) {
      if (arguments.length === 0) throw new TypeError('Failed to execute \'structuredClone\': 1 argument required, but only 0 present.');
      const list = transferOption(options, 'Failed to execute \'structuredClone\': the transfer list');
      return transferring(list, (rest, ports, numbers) => native.clone(value, rest, ports, numbers));
    },
  });

  scope.makePort = (number) => {
    constructing = number;
    try {
      return new MessagePort();
    } finally {
      constructing = null;
    }
  };
  scope.deliver = (port, data, ports) => { scope.fire(port, scope.makeMessage(data, ports)); };
  scope.deliverError = (port) => { scope.fire(port, new MessageEvent('messageerror')); };
  scope.deliverClose = (port) => { scope.fire(port, new Event('close')); };
})

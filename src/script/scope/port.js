// The worklet's end of a node's port (HTML §9.4.4). C++ knows it by its number; it queues, serializes and delivers.
(function (native, scope) {
  'use strict';
  const { TypeError, Reflect, Symbol, MessageEvent, EventTarget } = globalThis;
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

  let constructing = 0;

  class MessagePort extends EventTarget {
    #number;
    constructor() {
      if (constructing === 0) throw new TypeError('Illegal constructor');
      super();
      this.#number = constructing;
    }
    postMessage(message, options = undefined) {
      if (arguments.length === 0) throw new TypeError('Failed to execute \'postMessage\' on \'MessagePort\': 1 argument required, but only 0 present.');
      native.post(this.#number, message, transferList(options));
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
  }
  const callable = (value) => (typeof value === 'function' || (typeof value === 'object' && value !== null) ? value : null);
  scope.expose(MessagePort);

  scope.exposeOperations({
    structuredClone(value, options = undefined) {
      if (arguments.length === 0) throw new TypeError('Failed to execute \'structuredClone\': 1 argument required, but only 0 present.');
      return native.clone(value, transferOption(options, 'Failed to execute \'structuredClone\': the transfer list'));
    },
  });

  scope.makePort = (number) => {
    constructing = number;
    try {
      return new MessagePort();
    } finally {
      constructing = 0;
    }
  };
  scope.deliver = (port, data) => { scope.fire(port, scope.makeMessage(data)); };
  scope.deliverError = (port) => { scope.fire(port, new MessageEvent('messageerror')); };
})

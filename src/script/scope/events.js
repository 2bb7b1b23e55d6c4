// Event, EventTarget, MessageEvent, DOMException, as far as an AudioWorkletGlobalScope exposes them (DOM §2, HTML §9.1, Web IDL §4.3).
// Every bootstrap script is called with `native`, what C++ gives it, and `scope`, what the scripts give each other and C++.
(function (native, scope) {
  'use strict';
  const { Array, Function, Object, Symbol, TypeError, Error, Reflect } = globalThis;
  const { defineProperty, freeze, setPrototypeOf } = Object;
  const { apply } = Reflect;

  /** Makes the members of an interface object enumerable, as Web IDL has them. */
  scope.shape = function shape(constructor) {
    const { prototype, name } = constructor;
    for (const key of Reflect.ownKeys(prototype)) {
      if (key === 'constructor') continue;
      const descriptor = Reflect.getOwnPropertyDescriptor(prototype, key);
      defineProperty(prototype, key, { ...descriptor, enumerable: typeof key === 'string' });
    }
    defineProperty(prototype, Symbol.toStringTag, { value: name, configurable: true });
    return constructor;
  };
  /** Makes `constructor` an interface object of the global scope. */
  scope.expose = (constructor) => {
    scope.shape(constructor);
    defineProperty(globalThis, constructor.name, { value: constructor, writable: true, configurable: true });
  };
  scope.exposeOperations = (operations) => {
    for (const name of Object.keys(operations)) {
      defineProperty(globalThis, name, { value: operations[name], writable: true, enumerable: true, configurable: true });
    }
  };

  const legacyCodes = {
    IndexSizeError: 1, HierarchyRequestError: 3, WrongDocumentError: 4, InvalidCharacterError: 5,
    NoModificationAllowedError: 7, NotFoundError: 8, NotSupportedError: 9, InUseAttributeError: 10,
    InvalidStateError: 11, SyntaxError: 12, InvalidModificationError: 13, NamespaceError: 14,
    InvalidAccessError: 15, TypeMismatchError: 17, SecurityError: 18, NetworkError: 19, AbortError: 20,
    URLMismatchError: 21, QuotaExceededError: 22, TimeoutError: 23, InvalidNodeTypeError: 24,
    DataCloneError: 25,
  };

  class DOMException {
    #message;
    #name;
    constructor(message = '', name = 'Error') {
      this.#message = `${message}`;
      this.#name = `${name}`;
      if (Error.captureStackTrace) Error.captureStackTrace(this, DOMException);
    }
    get name() { return this.#name; }
    get message() { return this.#message; }
    get code() { return Object.hasOwn(legacyCodes, this.#name) ? legacyCodes[this.#name] : 0; }
  }
  setPrototypeOf(DOMException.prototype, Error.prototype);
  scope.expose(DOMException);
  for (const [name, value] of Object.entries(legacyCodes)) {
    const constant = `${name.replace(/Error$/, '').replace(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase()}_ERR`;
    for (const target of [DOMException, DOMException.prototype]) {
      defineProperty(target, constant, { value, enumerable: true });
    }
  }
  scope.makeException = (message, name) => new DOMException(message, name);

  const dictionary = (value) => {
    if (value === undefined || value === null) return {};
    if (typeof value !== 'object' && typeof value !== 'function') {
      throw new TypeError('The provided value is not of type \'EventInit\'.');
    }
    return value;
  };

  const state = Symbol('event');
  const { now } = native;

  class Event extends native.PlatformObject {
    #state;
    constructor(type, init = undefined) {
      if (arguments.length === 0) throw new TypeError('Failed to construct \'Event\': 1 argument required, but only 0 present.');
      super();
      const { bubbles, cancelable, composed } = dictionary(init);
      this.#state = {
        type: `${type}`, bubbles: !!bubbles, cancelable: !!cancelable, composed: !!composed, target: null, phase: 0,
        canceled: false, stopped: false, stoppedNow: false, dispatching: false, trusted: false, passive: false,
        timeStamp: now(),
      };
    }
    static [state](event) { return event.#state; }
    static is(value) { return typeof value === 'object' && value !== null && #state in value; }
    get type() { return this.#state.type; }
    get target() { return this.#state.target; }
    get srcElement() { return this.#state.target; }
    get currentTarget() { return this.#state.phase ? this.#state.target : null; }
    get eventPhase() { return this.#state.phase; }
    get bubbles() { return this.#state.bubbles; }
    get cancelable() { return this.#state.cancelable; }
    get composed() { return this.#state.composed; }
    get defaultPrevented() { return this.#state.canceled; }
    get returnValue() { return !this.#state.canceled; }
    get isTrusted() { return this.#state.trusted; }
    get timeStamp() { return this.#state.timeStamp; }
    get cancelBubble() { return this.#state.stopped; }
    set cancelBubble(value) { if (value) this.#state.stopped = true; }
    composedPath() { return this.#state.phase ? [this.#state.target] : []; }
    stopPropagation() { this.#state.stopped = true; }
    stopImmediatePropagation() { this.#state.stopped = this.#state.stoppedNow = true; }
    preventDefault() { if (this.#state.cancelable && !this.#state.passive) this.#state.canceled = true; }
  }
  const stateOf = Event[state];
  const isEvent = Event.is;
  delete Event[state];
  delete Event.is;
  scope.expose(Event);
  for (const [index, name] of ['NONE', 'CAPTURING_PHASE', 'AT_TARGET', 'BUBBLING_PHASE'].entries()) {
    for (const target of [Event, Event.prototype]) defineProperty(target, name, { value: index, enumerable: true });
  }

  class MessageEvent extends Event {
    #data;
    #origin;
    #lastEventId;
    #source;
    #ports;
    constructor(type, init = undefined) {
      if (arguments.length === 0) throw new TypeError('Failed to construct \'MessageEvent\': 1 argument required, but only 0 present.');
      super(type, init);
      const { data = null, origin = '', lastEventId = '', source = null, ports = [] } = dictionary(init);
      this.#data = data;
      this.#origin = `${origin}`;
      this.#lastEventId = `${lastEventId}`;
      this.#source = source;
      this.#ports = freeze(slice(ports));
    }
    static [state](event, data) { event.#data = data; }   // even undefined, which a dictionary has for "not given"
    get data() { return this.#data; }
    get origin() { return this.#origin; }
    get lastEventId() { return this.#lastEventId; }
    get source() { return this.#source; }
    get ports() { return this.#ports; }
  }
  const setData = MessageEvent[state];
  delete MessageEvent[state];
  scope.expose(MessageEvent);
  scope.makeMessage = (data, ports) => {
    const event = new MessageEvent('message', { ports });
    setData(event, data);
    return event;
  };

  const slice = Function.prototype.call.bind(Array.prototype.slice);

  /** Calls what listens at a target, in order; what a listener throws is reported and stops nothing (DOM "inner invoke"). */
  function invoke(target, listeners, event) {
    const s = stateOf(event);
    const present = slice(listeners);
    for (let i = 0; i < present.length; ++i) {
      const listener = present[i];
      if (listener.type !== s.type || listener.removed || s.stoppedNow) continue;
      if (listener.once) remove(listeners, listener);
      s.passive = listener.passive;
      try {
        const { callback } = listener;
        if (typeof callback === 'function') {
          const result = apply(callback, target, [event]);
          if (listener.handler && result === false && s.cancelable) s.canceled = true;
        } else {
          const handle = callback.handleEvent;
          if (typeof handle !== 'function') throw new TypeError('EventListener.handleEvent is not a function');
          apply(handle, callback, [event]);
        }
      } catch (error) {
        native.report(error);
      }
      s.passive = false;
    }
  }

  function remove(listeners, listener) {
    listener.removed = true;
    const index = listeners.indexOf(listener);
    if (index >= 0) listeners.splice(index, 1);
  }

  const dispatch = Symbol('dispatch');
  const handler = Symbol('handler');

  class EventTarget extends native.PlatformObject {
    #listeners = [];
    constructor() { super(); }   // an implicit one would spread its arguments by the Array iterator, which script may replace
    addEventListener(type, callback, options = undefined) {
      if (arguments.length < 2) throw new TypeError(`Failed to execute 'addEventListener' on 'EventTarget': 2 arguments required, but only ${arguments.length} present.`);
      type = `${type}`;
      const flags = typeof options === 'object' && options !== null ? options : { capture: !!options };
      const { capture, once, passive } = flags;
      if (callback === null || callback === undefined) return;
      if (typeof callback !== 'function' && typeof callback !== 'object') {
        throw new TypeError('Failed to execute \'addEventListener\' on \'EventTarget\': parameter 2 is not of type \'Object\'.');
      }
      const same = (l) => !l.handler && l.type === type && l.callback === callback && l.capture === !!capture;
      if (this.#listeners.some(same)) return;
      this.#listeners.push({ type, callback, capture: !!capture, once: !!once, passive: !!passive, removed: false, handler: false });
    }
    removeEventListener(type, callback, options = undefined) {
      if (arguments.length < 2) throw new TypeError(`Failed to execute 'removeEventListener' on 'EventTarget': 2 arguments required, but only ${arguments.length} present.`);
      type = `${type}`;
      const capture = typeof options === 'object' && options !== null ? !!options.capture : !!options;
      const listener = this.#listeners.find((l) => !l.handler && l.type === type && l.callback === callback && l.capture === capture);
      if (listener) remove(this.#listeners, listener);
    }
    dispatchEvent(event) {
      if (!isEvent(event)) throw new TypeError('Failed to execute \'dispatchEvent\' on \'EventTarget\': parameter 1 is not of type \'Event\'.');
      const s = stateOf(event);
      if (s.dispatching) throw new DOMException('The event is already being dispatched.', 'InvalidStateError');
      s.trusted = false;
      return dispatchTrusted(this, event);
    }
    static [dispatch](target, event) {
      const s = stateOf(event);
      s.dispatching = true;
      s.target = target;
      s.phase = 2;
      if (!s.stopped) invoke(target, target.#listeners, event);
      s.phase = 0;
      s.dispatching = s.stopped = s.stoppedNow = false;
      return !s.canceled;
    }
    // An event handler attribute keeps its place among the listeners while it is replaced (HTML §8.1.8.1).
    static [handler](target, type, callback) {
      const listeners = target.#listeners;
      const present = listeners.find((l) => l.handler && l.type === type);
      if (callback === undefined) return present ? present.callback : null;
      if (callback === null) {
        if (present) remove(listeners, present);
      } else if (present) {
        present.callback = callback;
      } else {
        listeners.push({ type, callback, capture: false, once: false, passive: false, removed: false, handler: true });
      }
      return callback;
    }
  }
  const dispatchTrusted = EventTarget[dispatch];
  scope.eventHandler = EventTarget[handler];
  delete EventTarget[dispatch];
  delete EventTarget[handler];
  scope.fire = (target, event) => {
    stateOf(event).trusted = true;
    return dispatchTrusted(target, event);
  };
  scope.expose(EventTarget);

  // PlatformObject only makes the objects ones that structured clone refuses; it is no interface.
  for (const constructor of [Event, EventTarget]) setPrototypeOf(constructor.prototype, Object.prototype);
})

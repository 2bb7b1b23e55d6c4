// AudioWorkletGlobalScope and AudioWorkletProcessor (Web Audio §1.32.3, §1.32.5).
(function (native, scope) {
  'use strict';
  const { Object, Map, Set, Symbol, TypeError, Proxy, Reflect, Number, Math, DOMException } = globalThis;
  const { defineProperty, setPrototypeOf } = Object;
  const { apply, construct } = Reflect;
  const { fround } = Math;
  const { clock } = native;

  let pendingPort = null;
  const brand = Symbol('processor');

  class AudioWorkletProcessor extends native.PlatformObject {
    #port;
    constructor() {
      if (!pendingPort) throw new TypeError('Illegal constructor: an AudioWorkletProcessor is made by an AudioWorkletNode, once.');
      super();
      this.#port = pendingPort;
      pendingPort = null;
    }
    get port() { return this.#port; }
    static [brand](value) { return typeof value === 'object' && value !== null && #port in value; }
  }
  const isProcessor = AudioWorkletProcessor[brand];
  delete AudioWorkletProcessor[brand];
  scope.expose(AudioWorkletProcessor);
  setPrototypeOf(AudioWorkletProcessor.prototype, Object.prototype);

  const constructors = new Map();
  let staged = null;   // what a module registers that is to replace others, until all of it can be

  // Only a proxy of a constructor can be constructed; asking it touches nothing of the class.
  function isConstructor(value) {
    try {
      new new Proxy(value, { construct: () => ({}) })();
      return true;
    } catch {
      return false;
    }
  }

  const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';

  function toFloat(value, member, initial) {
    if (value === undefined) return initial;
    const number = fround(+value);
    if (!Number.isFinite(number)) throw new TypeError(`AudioParamDescriptor.${member} must be a finite float.`);
    return number;
  }

  /** Web IDL conversion to an AudioParamDescriptor; members in lexicographical order. */
  function toDescriptor(value) {
    if (value === undefined || value === null) value = {};
    if (!isObject(value)) throw new TypeError('An AudioParamDescriptor must be an object.');
    const { automationRate } = value;
    const rate = automationRate === undefined ? 'a-rate' : `${automationRate}`;
    if (rate !== 'a-rate' && rate !== 'k-rate') {
      throw new TypeError(`AudioParamDescriptor.automationRate: '${rate}' is not a valid AutomationRate.`);
    }
    const defaultValue = toFloat(value.defaultValue, 'defaultValue', 0);
    const maxValue = toFloat(value.maxValue, 'maxValue', fround(3.4028235e38));
    const minValue = toFloat(value.minValue, 'minValue', fround(-3.4028235e38));
    const { name } = value;
    if (name === undefined) throw new TypeError('AudioParamDescriptor.name is required.');
    return { name: `${name}`, defaultValue, minValue, maxValue, rate };
  }

  function toDescriptors(value) {
    const what = 'The value of parameterDescriptors';
    if (!isObject(value)) throw new TypeError(`${what} must be iterable.`);
    const iterator = value[Symbol.iterator];
    if (iterator === undefined || iterator === null || typeof iterator !== 'function') throw new TypeError(`${what} must be iterable.`);
    const descriptors = [];
    for (const item of { [Symbol.iterator]: () => apply(iterator, value, []) }) descriptors.push(toDescriptor(item));
    return descriptors;
  }

  function checkDescriptors(descriptors) {
    const names = new Set();
    for (let i = 0; i < descriptors.length; ++i) {
      const { name, defaultValue, minValue, maxValue } = descriptors[i];
      if (names.has(name)) throw new DOMException(`The parameter '${name}' is described twice.`, 'NotSupportedError');
      names.add(name);
      if (!(minValue <= defaultValue && defaultValue <= maxValue)) {
        throw new DOMException(`The default value ${defaultValue} of the parameter '${name}' lies outside [${minValue}, ${maxValue}].`, 'InvalidStateError');
      }
    }
  }

  const failed = 'Failed to execute \'registerProcessor\' on \'AudioWorkletGlobalScope\': ';

  function registerProcessor(name, processorCtor) {
    if (arguments.length < 2) throw new TypeError(`${failed}2 arguments required, but only ${arguments.length} present.`);
    name = `${name}`;
    try {
      register(name, processorCtor);
    } catch (error) {
      native.registrationFailed(name, error);
      throw error;
    }
  }

  function register(name, processorCtor) {
    if (typeof processorCtor !== 'function') throw new TypeError(`${failed}parameter 2 is not a function.`);
    if (name === '') throw new DOMException(`${failed}the name is empty.`, 'NotSupportedError');
    if ((staged ?? constructors).has(name)) throw new DOMException(`${failed}a processor named '${name}' is already registered.`, 'NotSupportedError');
    if (!isConstructor(processorCtor)) throw new TypeError(`${failed}the class of '${name}' is not a constructor.`);
    if (!isObject(processorCtor.prototype)) throw new TypeError(`${failed}the prototype of the class of '${name}' is not an object.`);
    const value = processorCtor.parameterDescriptors;
    const descriptors = value === undefined ? [] : toDescriptors(value);
    checkDescriptors(descriptors);
    (staged ?? constructors).set(name, processorCtor);
    native.registered(name, descriptors);
  }

  const classOf = (name) => staged?.get(name) ?? constructors.get(name);

  /** "Invoking processor constructor": the processor, or an exception. previous: the processor whose place it takes, if there is one. */
  scope.construct = (name, options, port, previous) => {
    const processorCtor = classOf(name);
    if (!processorCtor) throw new DOMException(`No processor named '${name}' is registered.`, 'InvalidStateError');
    pendingPort = port;
    try {
      const processor = construct(processorCtor, previous === undefined ? [options] : [options, previous]);
      if (!isProcessor(processor)) throw new TypeError(`The constructor of '${name}' did not return an AudioWorkletProcessor.`);
      return processor;
    } finally {
      pendingPort = null;
    }
  };
  scope.process = (processor, inputs, outputs, parameters) => processor.process(inputs, outputs, parameters);

  scope.classOf = classOf;
  scope.stage = () => { staged = new Map(); };
  scope.settle = (keep) => {
    const classes = staged;
    staged = null;
    if (keep) classes.forEach((processorCtor, name) => constructors.set(name, processorCtor));
  };

  const illegal = () => { throw new TypeError('Illegal constructor'); };
  class WorkletGlobalScope { constructor() { illegal(); } }
  class AudioWorkletGlobalScope extends WorkletGlobalScope {}
  scope.expose(WorkletGlobalScope);
  scope.expose(AudioWorkletGlobalScope);
  setPrototypeOf(globalThis, AudioWorkletGlobalScope.prototype);

  const { sampleRate, quantum } = native;
  const attributes = {
    get currentFrame() { return clock[0]; },
    get currentTime() { return clock[1]; },
    get sampleRate() { return sampleRate; },
    get renderQuantumSize() { return quantum; },
    get port() { return native.scopePort(); },
  };
  for (const name of Object.keys(attributes)) {
    const { get } = Object.getOwnPropertyDescriptor(attributes, name);
    defineProperty(globalThis, name, { get, enumerable: true, configurable: true });
  }
  scope.exposeOperations({
    registerProcessor,
    queueMicrotask(callback) {
      if (typeof callback !== 'function') throw new TypeError('Failed to execute \'queueMicrotask\': parameter 1 is not a function.');
      native.queueMicrotask(callback);
    },
  });
})

// The console (console.spec.whatwg.org): formats as Node's does, as far as a log line needs, and hands lines to the program.
(function (native, scope) {
  'use strict';
  const { Object, Array, ArrayBuffer, Map, Set, Symbol, Error, JSON, Reflect, Promise, RegExp, Date, String, Number, Math } = globalThis;
  const { SharedArrayBuffer, WeakMap, WeakSet } = globalThis;
  const kDepth = 2;
  const kItems = 100;
  const kWidth = 76;
  const kLongest = 65536;   // characters of a line

  const quote = (text) => (text.includes('\'') && !text.includes('"') ? JSON.stringify(text) : `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll('\'', '\\\'')}'`);

  function primitive(value) {
    switch (typeof value) {
      case 'string': return quote(value);
      case 'bigint': return `${value}n`;
      case 'number': return Object.is(value, -0) ? '-0' : `${value}`;
      default: return String(value);
    }
  }

  function nameOf(object) {
    for (let o = object; o !== null; o = Reflect.getPrototypeOf(o)) {
      const descriptor = Reflect.getOwnPropertyDescriptor(o, 'constructor');
      if (descriptor && typeof descriptor.value === 'function' && descriptor.value.name) return descriptor.value.name;
    }
    return null;
  }

  const keyText = (key) => (typeof key === 'symbol' ? `[${String(key)}]` : /^[A-Za-z_$][\w$]*$/.test(key) ? key : quote(key));

  function layout(prefix, open, parts, close) {
    const head = prefix ? `${prefix} ${open}` : open;
    if (parts.length === 0) return `${head}${close}`;
    const line = parts.join(', ');
    if (line.length <= kWidth && !line.includes('\n')) return `${head} ${line} ${close}`;
    return `${head}\n  ${parts.map((part) => part.replaceAll('\n', '\n  ')).join(',\n  ')}\n${close}`;
  }

  function properties(object, inspectValue, skipIndices) {
    const parts = [];
    for (const key of Reflect.ownKeys(object)) {
      const descriptor = Reflect.getOwnPropertyDescriptor(object, key);
      if (!descriptor || !descriptor.enumerable) continue;
      if (skipIndices && typeof key === 'string' && /^\d+$/.test(key)) continue;
      let text;
      if (descriptor.get) text = descriptor.set ? '[Getter/Setter]' : '[Getter]';
      else if (descriptor.set) text = '[Setter]';
      else text = inspectValue(descriptor.value);
      parts.push(`${keyText(key)}: ${text}`);
    }
    return parts;
  }

  function items(values, length, inspectValue) {
    const parts = [];
    for (let i = 0; i < Math.min(length, kItems); ++i) parts.push(inspectValue(values[i]));
    if (length > kItems) parts.push(`... ${length - kItems} more item${length - kItems > 1 ? 's' : ''}`);
    return parts;
  }

  function inspect(value, depth = 0, seen = []) {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return primitive(value);
    if (seen.includes(value)) return '[Circular *1]';
    const name = nameOf(value);
    if (value instanceof Error) {
      const stack = typeof value.stack === 'string' && value.stack ? value.stack : `${value.name}: ${value.message}`;
      const rest = properties(value, (v) => inspect(v, depth + 1, [...seen, value]), false);
      return rest.length ? layout(stack, '{', rest, '}') : stack;
    }
    const deeper = (v) => inspect(v, depth + 1, [...seen, value]);
    if (typeof value === 'function') {
      const kind = /^class\b/.test(Reflect.apply(functionText, value, [])) ? 'class' : name || 'Function';
      const head = kind === 'class' ? `[class ${value.name || '(anonymous)'}]` : `[${kind}${value.name ? `: ${value.name}` : ' (anonymous)'}]`;
      const rest = properties(value, deeper, false);
      return rest.length ? layout(head, '{', rest, '}') : head;
    }
    if (value instanceof Date) return Number.isNaN(+value) ? 'Invalid Date' : value.toISOString();
    if (value instanceof RegExp) return `${value}`;
    if (depth > kDepth) return Array.isArray(value) ? '[Array]' : `[${name ?? 'Object: null prototype'}]`;
    if (Array.isArray(value)) {
      const parts = [...items(value, value.length, deeper), ...properties(value, deeper, true)];
      const prefix = name === 'Array' ? '' : `${name}(${value.length})`;
      return layout(prefix, '[', parts, ']');
    }
    if (ArrayBuffer.isView(value) && 'length' in value) {
      return layout(`${name}(${value.length})`, '[', items(value, value.length, deeper), ']');
    }
    if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) return `${name} { byteLength: ${value.byteLength} }`;
    if (value instanceof Map) return layout(`${name}(${value.size})`, '{', [...value].map(([k, v]) => `${deeper(k)} => ${deeper(v)}`), '}');
    if (value instanceof Set) return layout(`${name}(${value.size})`, '{', [...value].map(deeper), '}');
    if (value instanceof WeakMap || value instanceof WeakSet) return `${name} { <items unknown> }`;
    if (value instanceof Promise) return 'Promise { … }';
    const prefix = name === null ? '[Object: null prototype]' : name === 'Object' ? '' : name;
    return layout(prefix, '{', properties(value, deeper, false), '}');
  }
  const functionText = Function.prototype.toString;

  function safely(value) {
    try {
      return inspect(value);
    } catch {
      return '[value that cannot be shown]';
    }
  }

  const number = (value, convert) => (typeof value === 'symbol' ? 'NaN' : typeof value === 'bigint' ? `${value}n` : `${convert(value)}`);
  const conversions = {
    s: (v) => (typeof v === 'string' ? v : typeof v === 'object' || typeof v === 'function' ? safely(v) : typeof v === 'bigint' ? `${v}n` : String(v)),
    d: (v) => number(v, Number),
    i: (v) => number(v, Number.parseInt),
    f: (v) => number(v, Number.parseFloat),
    o: safely,
    O: safely,
    j: (v) => JSON.stringify(v),
    c: () => '',
  };

  /** Console "Formatter" and "Printer" in one: the text of a call's arguments. */
  function format(args) {
    let first = 0;
    let text = '';
    if (typeof args[0] === 'string') {
      first = 1;
      text = args[0].replace(/%([sdifoOjc%])/g, (all, letter) => {
        if (letter === '%') return args.length > 1 ? '%' : all;
        return first < args.length ? conversions[letter](args[first++]) : all;
      });
      if (first >= args.length) return text;
    }
    const rest = args.slice(first).map((v) => (typeof v === 'string' ? v : safely(v)));
    return (first > 0 ? [text, ...rest] : rest).join(' ');
  }

  let indent = '';
  const print = (level, args) => {
    let text = format(args);
    if (text.length > kLongest) text = `${text.slice(0, kLongest)}… and ${text.length - kLongest} more characters`;
    native.print(level, indent ? indent + text.replaceAll('\n', `\n${indent}`) : text);
  };
  const counts = new Map();
  const timers = new Map();

  const console = {
    log(...args) { print('log', args); },
    info(...args) { print('info', args); },
    debug(...args) { print('debug', args); },
    warn(...args) { print('warn', args); },
    error(...args) { print('error', args); },
    dir(value) { print('log', [safely(value)]); },
    dirxml(...args) { print('log', args); },
    table(value) { print('log', [value]); },
    trace(...args) { print('log', [new Error(format(args)).stack.replace(/^Error(: )?/, 'Trace$1')]); },
    assert(condition, ...args) {
      if (condition) return;
      if (typeof args[0] === 'string') args[0] = `Assertion failed: ${args[0]}`;
      else args.unshift('Assertion failed');
      print('error', args);
    },
    clear() {},
    count(label = 'default') {
      counts.set(`${label}`, (counts.get(`${label}`) ?? 0) + 1);
      print('log', [`${label}: ${counts.get(`${label}`)}`]);
    },
    countReset(label = 'default') { counts.delete(`${label}`); },
    group(...args) {
      if (args.length) print('log', args);
      indent += '  ';
    },
    groupCollapsed(...args) { console.group(...args); },
    groupEnd() { indent = indent.slice(2); },
    time(label = 'default') { timers.set(`${label}`, Date.now()); },
    timeLog(label = 'default', ...args) {
      if (timers.has(`${label}`)) print('log', [`${label}: ${Date.now() - timers.get(`${label}`)}ms`, ...args]);
    },
    timeEnd(label = 'default') {
      console.timeLog(label);
      timers.delete(`${label}`);
    },
  };
  Object.defineProperty(console, Symbol.toStringTag, { value: 'console', configurable: true });
  Object.defineProperty(globalThis, 'console', { value: console, writable: true, configurable: true });
})

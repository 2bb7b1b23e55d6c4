import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Session } from './driver.mjs';

/** What `code` throws in a worklet: [name, instanceof TypeError, instanceof DOMException, message]. */
function thrown(code, session = new Session()) {
  session.load(`
    globalThis.C = class extends AudioWorkletProcessor { process() { return true; } };
    globalThis.described = (d) => class extends AudioWorkletProcessor { static get parameterDescriptors() { return d; } };
    let result = 'nothing';
    try { ${code} } catch (e) { result = [e.name, e instanceof TypeError, e instanceof DOMException, e.message]; }
    console.log(JSON.stringify(result));`);
  return JSON.parse(session.console().at(-1).slice('log: '.length));
}
const is = (result, name) => assert.equal(result[0], name, JSON.stringify(result));

test('a registration is reported with its parameters before evaluate() returns', () => {
  const s = new Session();
  s.load(`registerProcessor('full', class extends AudioWorkletProcessor {
    static get parameterDescriptors() { return [
      {name: 'one'},
      {name: 'two', automationRate: 'k-rate', defaultValue: 0.5, minValue: '-1', maxValue: 2},
    ]; } })`);
  const [event] = s.events('registered');
  assert.equal(event.name, 'full');
  assert.deepEqual(event.params, [
    { name: 'one', initial: 0, minimum: Math.fround(-3.4028235e38), maximum: Math.fround(3.4028235e38), rate: 'a-rate' },
    { name: 'two', initial: 0.5, minimum: -1, maximum: 2, rate: 'k-rate' },
  ]);
});

test('an empty name is a NotSupportedError', () => {
  const result = thrown('registerProcessor("", C)');
  is(result, 'NotSupportedError');
  assert.equal(result[2], true);
});

test('a name registered before is a NotSupportedError that names it', () => {
  const result = thrown('registerProcessor("twice", C); registerProcessor("twice", class extends C {})');
  is(result, 'NotSupportedError');
  assert.match(result[3], /'twice'/);
});

test('what is no constructor is a TypeError', () => {
  for (const value of ['3', 'null', '{}', '() => {}', 'Math.max', '({ m() {} }).m', 'async function () {}']) {
    is(thrown(`registerProcessor("x", ${value})`), 'TypeError');
  }
  is(thrown('registerProcessor("x")'), 'TypeError');
});

test('a prototype that is no object is a TypeError', () => {
  is(thrown('function F() {} F.prototype = 3; registerProcessor("x", F)'), 'TypeError');
  is(thrown('function F() {} F.prototype = null; registerProcessor("x", F)'), 'TypeError');
});

test('the constructor is asked for its prototype once, and for its descriptors once, in this order', () => {
  const s = new Session();
  s.load(`const asked = [];
    registerProcessor('x', new Proxy(class extends AudioWorkletProcessor {}, {get(t, k, r) { asked.push(String(k)); return Reflect.get(t, k, r); }}));
    console.log(asked.join(' '));`);
  assert.deepEqual(s.console(), ['log: prototype parameterDescriptors']);
});

test('descriptors that are no sequence of dictionaries are a TypeError', () => {
  for (const value of ['3', '"name"', 'null', '{}', '[3]', '[{}]', '[null]', '[{name: "a", automationRate: "x-rate"}]',
    '[{name: "a", defaultValue: NaN}]', '[{name: "a", maxValue: Infinity}]', '[{name: "a", minValue: 1e39}]', '[{name: Symbol()}]']) {
    is(thrown(`registerProcessor("x", described(${value}))`), 'TypeError');
  }
});

test('descriptors may be any iterable', () => {
  const s = new Session();
  s.load(`registerProcessor('x', class extends AudioWorkletProcessor { static *parameterDescriptors() {} })`.replace('static *parameterDescriptors() {}', 'static get parameterDescriptors() { return new Set([{name: "a"}]); }'));
  assert.deepEqual(s.events('registered')[0].params.map((p) => p.name), ['a']);
});

test('two parameters of one name are a NotSupportedError', () => {
  is(thrown('registerProcessor("x", described([{name: "a"}, {name: "a"}]))'), 'NotSupportedError');
});

test('a default outside its range is an InvalidStateError', () => {
  is(thrown('registerProcessor("x", described([{name: "a", defaultValue: 2, maxValue: 1}]))'), 'InvalidStateError');
  is(thrown('registerProcessor("x", described([{name: "a", minValue: 1}]))'), 'InvalidStateError');
  is(thrown('registerProcessor("x", described([{name: "a", minValue: 2, maxValue: 1, defaultValue: 1.5}]))'), 'InvalidStateError');
});

test('a registration that failed left the name free', () => {
  const s = new Session();
  thrown('registerProcessor("x", described([{name: "a"}, {name: "a"}]))', s);
  assert.equal(thrown('registerProcessor("x", C)', s), 'nothing');
  assert.equal(typeof s.create('x'), 'number');
});

test('a registration that failed is told with its reason and place, caught or not', () => {
  const s = new Session();
  s.load("try {\n  registerProcessor('a', 3);\n} catch {}\nregisterProcessor('b', class extends AudioWorkletProcessor {});", 'test:a.js');
  s.evaluate("registerProcessor('b', class extends AudioWorkletProcessor {});", 'test:b.js');
  const failures = s.events('registrationFailed');
  assert.deepEqual(failures.map(({ name }) => name), ['a', 'b']);
  assert.match(failures[0].text, /^TypeError: .*parameter 2 is not a function\. \(test:a\.js:2:3\)$/);
  assert.match(failures[1].text, /^NotSupportedError: .*already registered\. \(test:b\.js:1:1\)$/);
});

test('an exception of a getter comes out of registerProcessor', () => {
  is(thrown('registerProcessor("x", class extends C { static get parameterDescriptors() { throw new RangeError("mine"); } })'), 'RangeError');
});

test('a class can be registered from a message handler while rendering', () => {
  const s = new Session();
  s.load(`registerProcessor('a', class extends AudioWorkletProcessor {
    constructor() { super(); this.port.onmessage = () => registerProcessor('b', class extends AudioWorkletProcessor {}); }
    process() { return true; } })`);
  const node = s.create('a');
  s.send(node, 'go');
  s.quantum(node);
  assert.deepEqual(s.events('registered').map((e) => e.name), ['a', 'b']);
  assert.equal(typeof s.create('b'), 'number');
});

test('a constructor gets the deserialized options', () => {
  const s = new Session();
  s.load(`registerProcessor('p', class extends AudioWorkletProcessor { constructor(o) { super(); this.port.postMessage(o); } })`);
  s.create('p', { inputs: 2, outputs: 3, options: { processorOptions: { when: new Date(5), list: new Set([1]) } } });
  assert.deepEqual(s.messages(), [{ numberOfInputs: 2, numberOfOutputs: 3, processorOptions: { when: new Date(5), list: new Set([1]) } }]);
});

test('a constructor that throws is an error with its place', () => {
  const s = new Session();
  s.load(`registerProcessor('p', class extends AudioWorkletProcessor {\n  constructor() {\n    super();\n    null.x;\n  }\n})`, 'test:thrower.js');
  const error = s.create('p');
  assert.equal(error.name, 'TypeError');
  assert.equal(error.url, 'test:thrower.js');
  assert.equal(error.line, 4);
  assert.equal(s.instances(), 0);
});

test('a name that is not registered is an error that says it', () => {
  const error = new Session().create('nobody');
  assert.equal(error.name, 'InvalidStateError');
  assert.match(error.message, /'nobody'/);
});

test('a constructor must return an AudioWorkletProcessor', () => {
  const s = new Session();
  s.load('registerProcessor("p", class { process() { return true; } }); registerProcessor("q", class extends AudioWorkletProcessor { constructor() { super(); return {}; } })');
  assert.equal(s.create('p').name, 'TypeError');
  assert.equal(s.create('q').name, 'TypeError');
});

test('AudioWorkletProcessor is constructed once a node and never otherwise', () => {
  const s = new Session();
  s.load(`const attempt = (f) => { try { f(); return 'made'; } catch (e) { return e.name; } };
    console.log(attempt(() => new AudioWorkletProcessor()));
    registerProcessor('super-after-new', class extends AudioWorkletProcessor { constructor() {
      const p = new AudioWorkletProcessor(); p.port.postMessage(attempt(() => super())); return p; } });
    registerProcessor('new-after-super', class extends AudioWorkletProcessor { constructor() {
      super(); this.port.postMessage(attempt(() => new AudioWorkletProcessor())); } });
    registerProcessor('new-after-new', class extends AudioWorkletProcessor { constructor() {
      const p = new AudioWorkletProcessor(); p.port.postMessage(attempt(() => new AudioWorkletProcessor())); return p; } });`);
  assert.deepEqual(s.console(), ['log: TypeError']);
  for (const name of ['super-after-new', 'new-after-super', 'new-after-new']) assert.equal(typeof s.create(name), 'number', name);
  assert.deepEqual(s.messages(), ['TypeError', 'TypeError', 'TypeError']);
});

test('one processor may serve two nodes', () => {
  const s = new Session();
  s.load(`let one; registerProcessor('singleton', class extends AudioWorkletProcessor { constructor() {
    if (!one) { one = new AudioWorkletProcessor(); one.process = function () { this.port.postMessage('called'); return false; }; }
    return one; } })`);
  const nodes = [s.create('singleton'), s.create('singleton')];
  s.quantum(...nodes);
  assert.deepEqual(s.events('message').map((e) => e.node), [nodes[0], nodes[0]]);
});

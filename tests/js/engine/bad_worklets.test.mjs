// Modules and processors that go wrong: each is told as the specification says, with its place, and what else sounds goes on.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';

import { AnalyserNode, AudioContext, AudioWorkletNode, ConstantSourceNode } from '../../../lib/index.js';
import { settings } from '../../../lib/settings.js';

settings.device = 'virtual';

const moduleOf = (source) => `data:text/javascript,${encodeURIComponent(source)}`;
const processor = (body, name = 'bad') => moduleOf(`registerProcessor('${name}', class extends AudioWorkletProcessor {\n${body}\n});`);

let context, innocent, ears;

before(async () => {
  context = new AudioContext();
  await context.audioWorklet.addModule(processor('process(i, [[out]]) { this.n = (this.n ?? 0) + 1; out.fill(0.25); this.port.onmessage ??= () => this.port.postMessage(this.n); return true; }', 'innocent'));
  innocent = new AudioWorkletNode(context, 'innocent');
  ears = new AnalyserNode(context);
  innocent.connect(ears).connect(context.destination);
  innocent.port.start();
  await context.resume();
});
after(() => context.close());

const calls = async () => {
  innocent.port.postMessage(0);
  return (await once(innocent.port, 'message'))[0].data;
};

/** The innocent processor is called on, and heard. */
async function goesOn() {
  const start = await calls();
  while (await calls() < start + 20);
  const samples = new Float32Array(ears.fftSize);
  ears.getFloatTimeDomainData(samples);
  assert.equal(samples.at(-1), 0.25);
  assert.equal(context.state, 'running');
}

const rejected = (what, source, expected) => test(`${what}: addModule rejects, the sound goes on`, async () => {
  await assert.rejects(context.audioWorklet.addModule(source), (error) => {
    for (const [key, value] of Object.entries(expected)) (value instanceof RegExp ? assert.match : assert.equal)(error[key], value, key);
    return true;
  });
  await goesOn();
});

rejected('a module that is missing', new URL('no-such-file.js', import.meta.url).href, { name: 'AbortError', message: /no-such-file\.js/ });
rejected('a syntax error', moduleOf('let a;\nlet = = 1;'), { name: 'SyntaxError', stack: /data:text\/javascript,[^\n]*:2/ });
rejected('a throw at top level', moduleOf('\n\nthrow new RangeError("mine");'), { name: 'RangeError', message: 'mine', stack: /:3:7/ });
rejected('a thrown value that is no Error', moduleOf('throw "text";'), { message: /text/ });
rejected('a promise that never settles', moduleOf('await new Promise(() => {});'), { name: 'Error', message: /awaits something that cannot happen/ });
rejected('a name that is registered twice', moduleOf("const P = class extends AudioWorkletProcessor {};\nregisterProcessor('twice', P);\nregisterProcessor('twice', P);"), { name: 'NotSupportedError', message: /'twice'/ });
rejected('a class that is none', moduleOf("registerProcessor('none', {});"), { name: 'TypeError' });
rejected('descriptors that are no list', moduleOf("registerProcessor('d1', class extends AudioWorkletProcessor { static parameterDescriptors = 5; });"), { name: 'TypeError', message: /iterable/ });
rejected('a descriptor without a name', moduleOf("registerProcessor('d2', class extends AudioWorkletProcessor { static parameterDescriptors = [{}]; });"), { name: 'TypeError', message: /name is required/ });
rejected('two parameters of one name', moduleOf("registerProcessor('d3', class extends AudioWorkletProcessor { static parameterDescriptors = [{ name: 'a' }, { name: 'a' }]; });"), { name: 'NotSupportedError', message: /'a'/ });
rejected('a default outside its range', moduleOf("registerProcessor('d4', class extends AudioWorkletProcessor { static parameterDescriptors = [{ name: 'a', maxValue: 1, defaultValue: 2 }]; });"), { name: 'InvalidStateError', message: /2/ });
rejected('an automation rate that there is not', moduleOf("registerProcessor('d5', class extends AudioWorkletProcessor { static parameterDescriptors = [{ name: 'a', automationRate: 'b-rate' }]; });"), { name: 'TypeError', message: /b-rate/ });

let number = 0;

/** A node whose processor has `body`, with a source at its input. */
async function nodeOf(body) {
  const name = `bad-${++number}`;
  await context.audioWorklet.addModule(processor(body, name));
  const node = new AudioWorkletNode(context, name);
  const source = new ConstantSourceNode(context);
  source.start();
  source.connect(node).connect(context.destination);
  return node;
}

const failing = (what, body, message, line) => test(`${what}: processorerror, once, with its place; the sound goes on`, async () => {
  const node = await nodeOf(body);
  let count = 0;
  node.addEventListener('processorerror', () => count++);
  const [event] = await once(node, 'processorerror');
  assert.match(event.message, message);
  assert.match(event.filename, /^data:text\/javascript/);
  assert.equal(event.lineno, line);
  await goesOn();
  assert.equal(count, 1);
  node.disconnect();
});

failing('a constructor that throws', 'constructor() { super();\nthrow new TypeError("no"); }', /no/, 3);
failing('a constructor that does not call super()', 'constructor() { }', /super/, 2);
failing('process that is no function', 'process = 5;', /not a function/, 1);
failing('process that is missing', '', /not a function/, 1);
failing('process() that throws', 'process() {\nthrow new Error("now"); }', /now/, 3);
failing('process() that throws at its thousandth call', 'n = 0; process() {\nif (++this.n === 1000) throw new Error("late"); return true; }', /late/, 3);
failing('process() that puts a channel where none is', 'process(inputs, outputs) {\noutputs[0].push(new Float32Array(128)); return true; }', /not extensible/, 3);
failing('process() that posts what cannot be cloned', 'process() {\nthis.port.postMessage(() => {}); return true; }', /could not be cloned/, 3);

test('process() that returns nothing goes on while its input does; one that writes past its outputs changes nothing; a port that was closed says nothing', async () => {
  const node = await nodeOf(`constructor() { super(); this.n = 0; this.quiet = new MessageChannel(); this.quiet.port1.close(); }
    process(inputs, outputs) {
      const [[out]] = outputs; out[128] = 1; out[-1] = 1; out[1e9] = 1; out.extra = 5; try { out.set(new Float32Array(129)); } catch (e) { this.error = e.name; }
      this.quiet.port1.postMessage('nobody'); this.quiet.port2.postMessage('nobody'); this.quiet.port1.start(); this.quiet.port1.close();
      if (++this.n === 50) { this.port.postMessage([out.length, this.error]); this.port.close(); this.port.postMessage('never'); this.port.start(); } }`);
  const messages = [];
  node.onprocessorerror = (event) => messages.push(event.message);
  node.port.onmessage = ({ data }) => messages.push(data);
  while (messages.length === 0) await goesOn();
  await goesOn();
  assert.deepEqual(messages, [[128, 'RangeError']]);
  node.port.close();
  node.port.postMessage('nobody');
  node.disconnect();
});

test('a handler and a timer that throw are told on the console with their place, and are no processorerror', async (t) => {
  const lines = [];
  t.mock.method(console, 'error', (line) => lines.push(line));
  const node = await nodeOf('constructor() { super(); this.port.onmessage = () => {\nthrow new Error("heard"); };\nsetTimeout(() => { throw new Error("timed"); }, 1); }\nprocess() { return true; }');
  node.onprocessorerror = () => lines.push('processorerror');
  node.port.postMessage(0);
  while (lines.length < 2) await goesOn();
  lines.sort();
  assert.match(lines[0], /Uncaught Error: heard\n +at .*data:text\/javascript,[^\n]*:3:7/);
  assert.match(lines[1], /Uncaught Error: timed\n +at .*data:text\/javascript,[^\n]*:4:26/);
  assert.equal(lines.length, 2);
  node.disconnect();
});

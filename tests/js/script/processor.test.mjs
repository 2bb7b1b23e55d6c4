import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Session } from './driver.mjs';

const ramp = (from, n = 128) => Float32Array.from({ length: n }, (_, i) => from + i);

/** A session with one class `P` registered as "p". */
function withProcessor(body, options) {
  const session = new Session(options);
  session.load(`registerProcessor('p', class P extends AudioWorkletProcessor { ${body} });`);
  session.events();
  return session;
}

test('process() gets the samples of its inputs and its output reaches the block', () => {
  const s = withProcessor('process([[a, b]], [[x]]) { for (let i = 0; i < 128; ++i) x[i] = a[i] + 2 * b[i]; return true; }');
  const node = s.create('p');
  s.configure(node, { inputs: [[ramp(0), ramp(1000)]], outputs: [1] });
  const [{ result, outputs, silent }] = s.quantum(node);
  assert.equal(result, 'keepAlive');
  assert.deepEqual(silent, [false]);
  assert.deepEqual([...outputs[0]], Array.from({ length: 128 }, (_, i) => i + 2 * (1000 + i)));
});

test('NaN and infinities pass through', () => {
  const s = withProcessor('process([[a]], [[x]]) { x.set(a); }');
  const node = s.create('p');
  const input = new Float32Array(128);
  input.set([NaN, Infinity, -Infinity, 1e-40]);
  s.configure(node, { inputs: [[input]] });
  assert.deepEqual([...s.quantum(node)[0].outputs[0].slice(0, 4)], [NaN, Infinity, -Infinity, Math.fround(1e-40)]);
});

test('outputs are zero before every call, and silence is recognized', () => {
  const s = withProcessor(`n = 0; process(i, [[x, y]]) {
    const dirty = x.some(Boolean) || y.some(Boolean);
    if (++this.n % 2) x.fill(1); else y.fill(dirty ? 5 : 0);
    return true; }`);
  const node = s.create('p');
  s.configure(node, { outputs: [2] });
  assert.deepEqual(s.quantum(node)[0].silent, [false]);
  const second = s.quantum(node)[0];
  assert.deepEqual(second.silent, [true]);
  assert.ok(second.outputs[0].every((v) => v === 0));
});

test('an inactive input has no channels', () => {
  const s = withProcessor('process(inputs) { this.port.postMessage(inputs.map((i) => i.length)); return true; }');
  const node = s.create('p', { inputs: 3 });
  s.configure(node, { inputs: [[], [ramp(0)], []] });
  s.quantum(node);
  assert.deepEqual(s.messages(), [[0, 1, 0]]);
});

test('inputs, outputs and parameters are frozen and the same objects while the topology stays', () => {
  const s = new Session();
  s.load(`registerProcessor('p', class extends AudioWorkletProcessor {
    static parameterDescriptors = [{name: 'gain'}, {name: 'pan', automationRate: 'k-rate'}];
    process(inputs, outputs, parameters) {
      const f = Object.isFrozen;
      const frozen = f(inputs) && inputs.every(f) && f(outputs) && outputs.every(f) && f(parameters);
      const now = [inputs, inputs[0], inputs[0][0], outputs, outputs[0], outputs[0][0], parameters, parameters.gain];
      this.port.postMessage({frozen, same: now.map((o, i) => o === this.last?.[i]), keys: Object.keys(parameters)});
      this.last = now;
      return true;
    }
  })`);
  const node = s.create('p');
  const steady = { inputs: [[ramp(0)]], outputs: [1], params: [1, 2] };
  s.configure(node, steady);
  s.quantum(node);
  s.quantum(node);
  s.configure(node, { ...steady, inputs: [[ramp(0), ramp(1)]] });
  s.quantum(node);
  s.configure(node, { ...steady, inputs: [[ramp(0), ramp(1)]], params: [ramp(0), 2] });
  s.quantum(node);
  const [first, second, third, fourth] = s.messages();
  assert.deepEqual(first.keys, ['gain', 'pan']);
  for (const m of [first, second, third, fourth]) assert.equal(m.frozen, true);
  assert.deepEqual(second.same, Array(8).fill(true));
  assert.deepEqual(third.same.slice(0, 2), [false, false], 'the number of channels changed');
  assert.deepEqual(third.same.slice(3), Array(5).fill(true));
  assert.deepEqual(fourth.same.slice(6), [false, false], 'the length of a parameter changed');
});

test('a parameter has one value where it is constant and one a frame otherwise', () => {
  const s = new Session();
  s.load(`registerProcessor('p', class extends AudioWorkletProcessor {
    static parameterDescriptors = [{name: 'a'}, {name: 'b'}];
    process(i, o, {a, b}) { this.port.postMessage([a.length, a[0], b.length, b[127]]); return true; }
  })`);
  const node = s.create('p');
  s.configure(node, { params: [0.25, ramp(1)] });
  s.quantum(node);
  s.configure(node, { params: [ramp(3), 7] });
  s.quantum(node);
  assert.deepEqual(s.messages(), [[1, 0.25, 128, 128], [128, 3, 1, undefined]]);
});

test('arrays that process() transferred away are made anew and the output is silence', () => {
  const s = withProcessor(`process([[a]], [[x]], parameters) {
      const lengths = [a.length, x.length, x[0]];
      x.fill(1);
      this.port.postMessage({ a, x, lengths }, [a.buffer, x.buffer]);
      return true; }`);
  const node = s.create('p');
  s.configure(node, { inputs: [[ramp(5)]] });
  for (let i = 0; i < 3; ++i) {
    const [{ result, outputs }] = s.quantum(node);
    assert.equal(result, 'keepAlive');
    assert.ok(outputs[0].every((v) => v === 0));
  }
  for (const m of s.messages()) {
    assert.deepEqual(m.lengths, [128, 128, 0]);
    assert.equal(m.a[1], 6);
    assert.equal(m.x[127], 1);
  }
});

test('what process() returns is converted to a boolean', () => {
  const s = withProcessor('values = [true, 1, "x", {}, false, 0, "", undefined, null]; process() { return this.values.shift(); }');
  const node = s.create('p');
  const results = Array.from({ length: 9 }, () => s.quantum(node)[0].result);
  assert.deepEqual(results, [...Array(4).fill('keepAlive'), ...Array(5).fill('done')]);
});

test('process() that throws fires processorerror once, with its place, and is not called again', () => {
  const s = new Session();
  s.load(`registerProcessor('p', class extends AudioWorkletProcessor {
    process(i, [[x]]) {
      x.fill(1);
      throw new RangeError('too loud');
    }
  })`, 'test:loud.js');
  const node = s.create('p');
  const [{ result, outputs, silent }] = s.quantum(node);
  assert.equal(result, 'failed');
  assert.deepEqual(silent, [true]);
  assert.ok(outputs[0].every((v) => v === 0), 'the output of a call that threw is silence');
  assert.equal(s.quantum(node)[0].result, 'failed');
  const [error, ...more] = s.errors();
  assert.deepEqual(more, []);
  assert.equal(error.node, node);
  assert.equal(error.name, 'RangeError');
  assert.equal(error.message, 'too loud');
  assert.equal(error.url, 'test:loud.js');
  assert.equal(error.line, 4);
  assert.equal(error.column, 7);
  assert.match(error.stack, /process.*test:loud\.js:4:13/);
});

test('a thrown value that is no Error is reported as its text', () => {
  const s = withProcessor('process() { throw "just text"; }');
  s.quantum(s.create('p'));
  const [error] = s.errors();
  assert.equal(error.message, 'just text');
  assert.equal(error.name, '');
});

test('a process that is missing or no function is a processorerror', () => {
  for (const body of ['', 'process = 3;', 'get process() { throw new TypeError("no process today"); }']) {
    const s = withProcessor(body);
    assert.equal(s.quantum(s.create('p'))[0].result, 'failed');
    assert.equal(s.errors()[0].name, 'TypeError', body);
  }
});

test('the place of an error is in the program, never in what surrounds it', () => {
  const places = (source) => {
    const s = new Session();
    s.load(source, 'test:mine.js');
    const node = s.create('p');
    const errors = typeof node === 'number' ? (s.quantum(node), s.errors()) : [node];
    return errors.map(({ url, line, column, stack }) => {
      assert.doesNotMatch(stack, /backline:/);
      return `${url}:${line}:${column}`;
    });
  };
  const registered = (body) => `\nregisterProcessor('p', class extends AudioWorkletProcessor {\n  ${body}\n});`;
  assert.deepEqual(places(registered('process() { this.port.postMessage(() => {}); }')), ['test:mine.js:3:25'], 'thrown inside the port');
  assert.deepEqual(places(registered('process() { null.x; }')), ['test:mine.js:3:20']);
  assert.deepEqual(places(registered('')), ['test:mine.js:2:24'], 'no process(): the class');
  assert.deepEqual(places(registered('process = 3')), ['test:mine.js:2:24'], 'process is no function: the class');
  assert.deepEqual(places(registered('constructor() { super(); return {}; }')), ['test:mine.js:3:14'], 'no processor was constructed: the constructor');
  assert.deepEqual(places(registered('constructor() { super(); null.x; }')), ['test:mine.js:3:33']);
  assert.deepEqual(places(registered('get process() { throw "text"; }')), ['test:mine.js:3:19']);
});

test('process is looked up once a call, on the instance and on its prototype', () => {
  const s = withProcessor('count = 0; get process() { ++this.count; return () => { this.port.postMessage(this.count); return true; }; }');
  const node = s.create('p');
  for (let i = 0; i < 3; ++i) s.quantum(node);
  assert.deepEqual(s.messages(), [1, 2, 3]);
});

test('promises of process() settle between quanta, not between processors', () => {
  const s = withProcessor('process() { this.port.postMessage(globalThis.n ??= 0); Promise.resolve().then(() => ++globalThis.n); return true; }');
  const nodes = [s.create('p'), s.create('p')];
  for (let i = 0; i < 3; ++i) s.quantum(...nodes);
  assert.deepEqual(s.messages(), [0, 0, 2, 2, 4, 4]);
});

test('currentFrame and currentTime say the frame of the quantum, in any session size and rate', () => {
  const s = withProcessor('process() { this.port.postMessage([currentFrame, currentTime, sampleRate, renderQuantumSize]); return true; }', { sampleRate: 44100, quantum: 64 });
  const node = s.create('p');
  s.quantum(node);
  s.quantum(node);
  assert.deepEqual(s.messages(), [[0, 0, 44100, 64], [64, 64 / 44100, 44100, 64]]);
});

test('all processors of a session share one global scope', () => {
  const s = withProcessor('process() { globalThis.total = (globalThis.total ?? 0) + 1; this.port.postMessage(total); return true; }');
  const a = s.create('p');
  const b = s.create('p');
  s.quantum(a, b);
  assert.deepEqual(s.messages(), [1, 2]);
});

test('sessions share nothing', () => {
  const body = 'process() { globalThis.total = (globalThis.total ?? 0) + 1; this.port.postMessage(total); return true; }';
  const sessions = [withProcessor(body), withProcessor(body)];
  for (const s of sessions) s.quantum(s.create('p'));
  for (const s of sessions) assert.deepEqual(s.messages(), [1]);
});

test('sessions render on threads of their own at once, while another is loaded', () => {
  const sessions = [1, 2].map((k) => {
    const s = withProcessor(`n = 0; process(i, [[x]]) { x.fill(${k}); if (++this.n === 200) this.port.postMessage(x[5]); return true; }`);
    const node = s.create('p');
    s.startThread(node);
    return s;
  });
  const third = new Session();
  third.load('globalThis.sum = 0; for (let i = 0; i < 1e6; ++i) sum += i;');
  const messages = sessions.map((s) => {
    for (;;) {
      const got = s.messages();
      if (got.length) return got[0];
    }
  });
  for (const s of sessions) s.stopThread();
  assert.deepEqual(messages, [1, 2]);
});

test('modules and processors are added while a thread renders', () => {
  const s = withProcessor('process() { return true; }');
  s.startThread(s.create('p'));
  for (let i = 0; i < 20; ++i) {
    s.load(`registerProcessor('extra-${i}', class extends AudioWorkletProcessor { constructor() { super(); this.port.postMessage(${i}); } process() { return true; } })`);
    assert.equal(typeof s.create(`extra-${i}`), 'number');
  }
  s.stopThread();
  assert.equal(s.messages().length, 20);
});

test('a destroyed processor is gone from its scope', () => {
  const s = withProcessor('process() { return true; }');
  const nodes = [s.create('p'), s.create('p')];
  assert.equal(s.instances(), 2);
  s.destroy(nodes[0]);
  assert.equal(s.instances(), 1);
});

test('a quantum in steady state makes no garbage', () => {
  const s = new Session();
  s.load(`registerProcessor('p', class extends AudioWorkletProcessor {
    static parameterDescriptors = [{name: 'a'}, {name: 'b'}];
    process(inputs, outputs, parameters) {   // (destructuring would make iterators, garbage of the script's own)
      const input = inputs[0], output = outputs[0], a = parameters.a, b = parameters.b;
      for (let i = 0; i < 128; ++i) {
        output[0][i] = input[0][i] * a[0];
        output[1][i] = input[1][i] * b[i];
      }
      return true;
    }
  })`);
  const nodes = [s.create('p'), s.create('p')];
  for (const node of nodes) s.configure(node, { inputs: [[ramp(0), ramp(1)]], outputs: [2], params: [1, ramp(2)] });
  s.heapGrowth(nodes, 20000);   // until everything is optimized: before, numbers are boxed
  const quanta = 10000;
  const growth = Math.min(...Array.from({ length: 3 }, () => s.heapGrowth(nodes, quanta)));
  assert.ok(growth / quanta < 0.5, `the heap grew by ${growth} bytes in ${quanta} quanta; the limit is half a byte a quantum`);
});

test('10,000 quanta of empty processors make V8 collect nothing', () => {
  const s = withProcessor('process() { return true; }');
  const nodes = [s.create('p'), s.create('p')];
  for (const node of nodes) s.configure(node, { inputs: [[ramp(0), ramp(1)]], outputs: [2] });
  s.heapGrowth(nodes, 20000);
  assert.equal(s.collections(nodes, 10000), 0);
  const wasteful = withProcessor('process() { this.kept = new Array(100).fill(0); return true; }');
  assert.ok(wasteful.collections([wasteful.create('p')], 10000) > 0, 'what a script wastes is collected, and counted here');
});

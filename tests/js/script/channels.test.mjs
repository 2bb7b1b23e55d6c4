// MessageChannels of a scope, and MessagePorts that are transferred within it, out of it and into it. The program's part is played with pipes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Session, closePipe, createPipe, deserialize, openPipes, readPipe, sendPipe, serialize, sharedBytes } from './driver.mjs';

/** A session that has run `code` in a processor's constructor, and what it posts, quantum by quantum. */
function withNode(code, options) {
  const s = new Session(options);
  s.load(`registerProcessor('p', class extends AudioWorkletProcessor { constructor() { super(); const post = (v, t) => this.port.postMessage(v, t); ${code} } process() { return true; } })`);
  const node = s.create('p');
  assert.equal(typeof node, 'number', JSON.stringify(node));
  return [s, node];
}
const after = (quanta, code, options) => {
  const [s, node] = withNode(code, options);
  for (let i = 0; i < quanta; i++) s.quantum(node);
  return s.messages();
};

/** Sends a value with a new port to a node; the program's side of it. */
function sendPort(s, node, value = {}) {
  const pipe = createPipe();
  const port = new MessageChannel().port1;
  s.receive(node, serialize({ ...value, port }, { sameProcess: s.sameProcess, ports: [port], pipes: [pipe] }));
  return pipe;
}
/** Everything that a pipe holds: values, and 'closed'. */
function drain(pipe) {
  const values = [];
  for (let bytes; (bytes = readPipe(pipe)) !== null;) {
    if (bytes === undefined) return [...values, 'closed'];
    values.push(deserialize(bytes));
  }
  return values;
}
/** What a node has posted, with the pipes of the ports in it (as their numbers). */
const received = (s) => s.events('message').map(({ message }) => {
  const pipes = openPipes(message);
  return { pipes, value: deserialize(message, pipes.map((pipe) => ({ pipe }))) };
});

for (const sameProcess of [true, false]) {
  const where = sameProcess ? 'in the same process' : 'in another process';
  const options = { sameProcess };

  test(`a channel carries messages in order, each in a task of its own, ${where}`, () => {
    assert.deepEqual(after(2, `const { port1, port2 } = new MessageChannel(); let n = 0;
      port2.onmessage = (e) => { post([e.data, n, e.target === port2, e.ports.length, e instanceof MessageEvent]); queueMicrotask(() => n++); };
      port1.postMessage('a'); port1.postMessage('b'); port2.onmessage.own = 1;`, options), [['a', 0, true, 0, true], ['b', 1, true, 0, true]]);
  });

  test(`a port of the program is a port of the worklet, both ways, ${where}`, () => {
    const [s, node] = withNode('this.port.onmessage = ({ data, ports }) => { data.port.onmessage = (e) => data.port.postMessage([e.data, ports.length, ports[0] === data.port, data.port instanceof MessagePort]); };', options);
    const pipe = sendPort(s, node);
    sendPipe(pipe, serialize('early', {}));
    s.quantum(node);
    assert.deepEqual(drain(pipe), [['early', 1, true, true]]);
    sendPipe(pipe, serialize({ n: new Map([[1, 2n]]) }, {}));
    s.quantum(node);
    assert.deepEqual(drain(pipe), [[{ n: new Map([[1, 2n]]) }, 1, true, true]]);
    s.close();
    assert.deepEqual(drain(pipe), ['closed']);
  });

  test(`a port that the worklet made reaches the program, with what waited in it, ${where}`, () => {
    const [s, node] = withNode(`const { port1, port2 } = new MessageChannel(); port1.postMessage('before'); post({ it: port2 }, [port2]); port1.postMessage('after');
      port1.onmessage = (e) => port1.postMessage(e.data + 1); try { port2.postMessage(1); port2.start(); post('still an object'); } catch (e) { post(e.name); }`, options);
    const [{ pipes, value }, { value: rest }] = received(s);
    assert.deepEqual(value.it, { pipe: pipes[0] });
    assert.equal(rest, 'still an object');
    assert.deepEqual(drain(pipes[0]), ['before', 'after']);
    sendPipe(pipes[0], serialize(1, {}));
    s.quantum(node);
    assert.deepEqual(drain(pipes[0]), [2]);
  });

  test(`a port goes through the worklet and back: messages keep their order and their ports, ${where}`, () => {
    const [s, node] = withNode('this.port.onmessage = ({ data }) => post(data, [data.port]);', options);
    const near = sendPort(s, node);
    sendPipe(near, serialize(1, {}));
    s.quantum(node);
    const [{ pipes: [far] }] = received(s);
    sendPipe(near, serialize(2, {}));
    sendPipe(far, serialize('back', {}));
    const inner = createPipe();
    const port = new MessageChannel().port1;
    sendPipe(near, serialize({ port }, { ports: [port], pipes: [inner] }));
    s.quantum();
    assert.deepEqual(drain(near), ['back']);
    assert.deepEqual([readPipe(far), readPipe(far)].map((bytes) => deserialize(bytes)), [1, 2]);
    const carried = readPipe(far);
    const [other] = openPipes(carried);
    sendPipe(other, serialize('inside', {}));
    assert.deepEqual(drain(inner), ['inside']);
    assert.equal(closePipe(near), true);
    s.quantum();
    assert.deepEqual(drain(far), ['closed']);
  });

  test(`shared memory passes pipes and channels as the same memory, ${where}`, () => {
    const before = sharedBytes();
    const [s, node] = withNode(`const { port1, port2 } = new MessageChannel(); const memory = new SharedArrayBuffer(16); new Uint8Array(memory)[0] = 1;
      port2.onmessage = ({ data }) => { new Uint8Array(data)[0]++; post([new Uint8Array(memory)[0]]); }; port1.postMessage(memory);
      this.port.onmessage = ({ data }) => data.port.postMessage(memory);`, options);
    const pipe = sendPort(s, node);
    s.quantum(node);
    assert.deepEqual(s.messages(), [[2]]);
    const [memory] = drain(pipe);
    assert.equal(new Uint8Array(memory)[0], 2);
    assert.ok(sharedBytes() > before);
  });

  test(`a million small messages and one of a hundred megabytes lose nothing, however slowly they are read, ${where}`, () => {
    const [s, node] = withNode(`let n = 0; this.port.onmessage = ({ data: { port } }) => {
      port.onmessage = ({ data }) => { if (typeof data === 'number') { if (data !== n++) post(['wrong', data, n]); } else { post([n, data.length, data[data.length - 1]]); for (let i = 0; i < 50000; i++) port.postMessage(i); port.close(); } }; };`, options);
    const pipe = sendPort(s, node);
    const counts = 1_000_000;
    for (let i = 0; i < counts; i++) sendPipe(pipe, serialize(i, {}));
    const big = new Uint8Array(100 << 20);
    big[big.length - 1] = 7;
    sendPipe(pipe, serialize(big, {}));
    let answers = [];
    const got = [];
    for (let i = 0; i < 5000 && answers.length === 0; i++) {
      s.quantum(node);
      got.push(...drain(pipe));   // writes on
      answers = s.messages();
    }
    assert.deepEqual(answers, [[counts, big.length, 7]]);
    for (let i = 0; i < 5000 && got.at(-1) !== 'closed'; i++) {
      got.push(...drain(pipe));
      s.quantum(node);
    }
    assert.equal(got.length, 50001);
    assert.ok(got.slice(0, -1).every((value, i) => value === i));
  });
}

test('a port is started by onmessage or start(), and keeps what came before', () => {
  assert.deepEqual(after(3, `const { port1, port2 } = new MessageChannel(); port1.postMessage(1); port2.addEventListener('message', (e) => post(e.data));
    let go; const other = new MessageChannel(); other.port2.onmessage = () => port2.start(); other.port1.postMessage(0); port1.postMessage(2);`), [1, 2]);
});

test('ports that answer each other do not hold up the rendering', () => {
  const [s, node] = withNode('const { port1, port2 } = new MessageChannel(); let n = 0; port1.onmessage = port2.onmessage = function () { n++; this.postMessage(0); }; port1.postMessage(0); this.port.onmessage = () => post(n);');
  for (let i = 0; i < 10; i++) s.quantum(node);
  s.send(node, 0);
  s.quantum(node);
  const [n] = s.messages();
  assert.ok(n >= 10 && n < 1000, `${n} answers in ten quanta`);
});

test('close() is heard at the other end after everything that was sent, once, also by a port that was never started', () => {
  assert.deepEqual(after(3, `const a = new MessageChannel(); a.port2.onclose = (e) => post([e.type, e instanceof Event, e.target === a.port2]); a.port2.onmessage = (e) => post(e.data); a.port1.postMessage('last'); a.port1.close(); a.port1.postMessage('never'); a.port2.postMessage('nobody');
    const b = new MessageChannel(); b.port2.addEventListener('close', () => post('unstarted')); b.port1.close(); b.port1.close();`), ['last', ['close', true, true], 'unstarted']);
});

test('a port transferred within the scope goes on under its new object, what waited included; the old one is dead', () => {
  assert.deepEqual(after(3, `const { port1, port2 } = new MessageChannel(); port1.postMessage('waits'); const moved = structuredClone({ port2 }, { transfer: [port2] }).port2;
    post([moved !== port2, moved instanceof MessagePort]); port2.onmessage = () => post('dead'); port2.close(); moved.onmessage = (e) => { post(e.data); moved.postMessage('back'); }; port1.onmessage = (e) => post(e.data);
    const c = new MessageChannel(); c.port2.onmessage = ({ ports: [p] }) => { p.onmessage = (e) => post(['carried', e.data]); }; const d = new MessageChannel(); d.port1.postMessage(5); c.port1.postMessage(null, [d.port2]);`),
  [[true, true], 'waits', ['carried', 5], 'back']);
});

test('what may not be transferred is a DataCloneError and changes nothing', () => {
  assert.deepEqual(after(2, `const { port1, port2 } = new MessageChannel(); const gone = new MessageChannel().port1; structuredClone(gone, { transfer: [gone] });
    const tries = [() => port1.postMessage(0, [port1]), () => port1.postMessage(port2), () => port1.postMessage(0, [gone]), () => post(0, [this.port]), () => post(0, [port2, port2]), () => structuredClone(gone, { transfer: [gone] }), () => port1.postMessage(() => 0, [new MessageChannel().port1])];
    post(tries.map((t) => { try { t(); return 'went'; } catch (e) { return e.name; } })); port2.onmessage = (e) => post(e.data); port1.postMessage('alive'); new MessageChannel().port1.postMessage(0, [port1].slice(1));`),
  [Array(7).fill('DataCloneError'), 'alive']);
  assert.deepEqual(after(2, `const { port1, port2 } = new MessageChannel(); port2.onclose = () => post('closed'); port2.onmessage = () => post('never'); port1.postMessage(0, [port2]); post('doomed');`), ['doomed']);
});

test('bytes that are no message, and what is shared with nobody, are a messageerror', () => {
  const [s, node] = withNode("this.port.onmessage = ({ data: { port } }) => { port.onmessageerror = (e) => post([e.type, e.data]); port.onmessage = (e) => post(e.data); };", { sameProcess: false });
  const pipe = sendPort(s, node);
  sendPipe(pipe, new Uint8Array(8));
  sendPipe(pipe, serialize(new SharedArrayBuffer(4), { sameProcess: true }));
  sendPipe(pipe, serialize('fine', {}));
  s.quantum(node);
  assert.deepEqual(s.messages(), [['messageerror', null], ['messageerror', null], 'fine']);
});

test('a port whose ticket is void arrives closed', () => {
  const [s, node] = withNode("this.port.onmessage = ({ data: { port } }) => { port.onclose = () => post('closed'); port.postMessage('nobody'); };", { sameProcess: false });
  const port = new MessageChannel().port1;
  s.receive(node, serialize({ port }, { ports: [port], pipes: [0] }));
  const message = serialize({ port }, { ports: [port], pipes: [createPipe()] });
  s.receive(node, message);
  s.receive(node, message);   // the same ticket twice
  s.quantum(node);
  s.quantum(node);
  assert.deepEqual(s.messages(), ['closed', 'closed']);
});

test('the memory of a pipe is free when both sides are closed', async () => {
  const before = sharedBytes();
  const [s, node] = withNode('this.port.onmessage = ({ data: { port } }) => port.close();', { sameProcess: false });
  const pipes = Array.from({ length: 20 }, () => sendPort(s, node));
  assert.ok(sharedBytes() - before > 20 << 18);
  s.quantum(node);
  s.quantum(node);
  for (const pipe of pipes) assert.deepEqual(drain(pipe), ['closed']);
  assert.equal(sharedBytes(), before);
});

test('every type that structured clone knows passes a channel', () => {
  const [s, node] = withNode(`const { port1, port2 } = new MessageChannel();
    port2.onmessage = ({ data }) => post(data);
    const grows = new ArrayBuffer(2, { maxByteLength: 8 });
    const values = [-0, NaN, 2n ** 80n, 'zwölf', new Boolean(false), new Number(3), new String('s'), Object(4n), new Date(5), /a+/giu, [1, , 3], Object.assign([1], { extra: 1 }),
      new Map([[new Map(), new Set([1])]]), new BigInt64Array([-1n]), new BigUint64Array([1n]), new Uint8ClampedArray([300]), new Float64Array([1.5]), new DataView(new ArrayBuffer(4), 1, 2), new URIError('u'), new Error('e', { cause: 'c' }), { a: { b: { c: null } } }, undefined];
    for (const value of values) port1.postMessage(value);
    const circle = [new Map()]; circle[0].set('me', circle); port1.postMessage(circle); port1.postMessage(grows);`);
  s.quantum(node);
  const got = s.messages();
  const { length } = got;
  assert.ok(Object.is(got[0], -0) && Number.isNaN(got[1]));
  assert.deepEqual(got.slice(2, 18), [2n ** 80n, 'zwölf', new Boolean(false), new Number(3), new String('s'), Object(4n), new Date(5), /a+/giu, [1, , 3], Object.assign([1], { extra: 1 }),
    new Map([[new Map(), new Set([1])]]), new BigInt64Array([-1n]), new BigUint64Array([1n]), new Uint8ClampedArray([255]), new Float64Array([1.5]), new DataView(new ArrayBuffer(4), 1, 2)]);
  assert.ok(got[18] instanceof URIError && got[18].message === 'u' && typeof got[18].stack === 'string');
  assert.equal(got[19].cause, 'c');
  assert.deepEqual(got[20], { a: { b: { c: null } } });
  assert.equal(got[21], undefined);
  assert.equal(got[22][0].get('me'), got[22]);
  assert.equal(got[23].byteLength, 2);
  if ('resizable' in ArrayBuffer.prototype) assert.deepEqual([got[23].resizable, got[23].maxByteLength], [true, 8]);
  assert.equal(length, 24);
});

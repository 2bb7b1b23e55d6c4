// What happens around addModule, and to the nodes of what it registered.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { AudioContext, AudioWorkletNode, OfflineAudioContext } from '../../../lib/index.js';
import { settings } from '../../../lib/settings.js';

settings.device = 'virtual';

const moduleOf = (source) => `data:text/javascript,${encodeURIComponent(source)}`;
const registering = (name, body = 'process() { return true; }') => `registerProcessor('${name}', class extends AudioWorkletProcessor { ${body} });`;
const offline = () => new OfflineAudioContext(1, 128, 48000);

for (const [kind, make] of [['offline', offline], ['live', () => new AudioContext()]]) {
  const contextFor = (t) => {
    const context = make();
    if (context.close) t.after(() => context.close());
    return context;
  };

  test(`${kind}: addModule resolves once its registrations are known, several in flight, one twice, one failing`, async (t) => {
    const context = contextFor(t);
    const known = [];
    const add = async (source, name) => {
      await context.audioWorklet.addModule(moduleOf(source));
      known.push(new AudioWorkletNode(context, name) && name);
    };
    const late = 'await new Promise((resolve) => { Atomics.waitAsync(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20).value.then(resolve); });';
    const results = await Promise.allSettled([
      add(late + registering('late'), 'late'), add(registering('a'), 'a'), add(registering('a'), 'a'),
      add(`${registering('half')} throw new RangeError('then this');`, 'half'), add(registering('b'), 'b'),
    ]);
    assert.deepEqual(results.map(({ status }) => status), ['fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    assert.equal(results[3].reason.message, 'then this');
    assert.deepEqual(known.sort(), ['a', 'a', 'b', 'late']);
    assert.ok(new AudioWorkletNode(context, 'half'), 'registered before its module threw');
  });

  test(`${kind}: the InvalidStateError of a node says why its name is not registered`, async (t) => {
    const context = contextFor(t);
    const refused = (name, message) => assert.throws(() => new AudioWorkletNode(context, name), { name: 'InvalidStateError', message });
    refused('x', /no processor is registered at all/);
    await context.audioWorklet.addModule(moduleOf(`${registering('good')} try { registerProcessor('x', {}); } catch {}`));
    refused('x', /"x"; its registration failed with TypeError: .*is not a function\. \(data:text/);
    refused('goof', /"goof"; registered: "good"/);
    await assert.rejects(context.audioWorklet.addModule(moduleOf(`registerProcessor('y', class {
      static get parameterDescriptors() { return [{ name: 'p' }, { name: 'p' }]; } })`)), { name: 'NotSupportedError' });
    refused('y', /its registration failed with NotSupportedError: The parameter 'p' is described twice/);
  });

  test(`${kind}: AudioWorklet.port talks with the scope's own port, from before the first module on, in order`, async (t) => {
    const context = contextFor(t);
    const { port } = context.audioWorklet;
    assert.ok(port instanceof MessagePort && port === context.audioWorklet.port);
    const heard = [];
    const all = new Promise((resolve) => {
      port.onmessage = ({ data }) => heard.push(data) === 5 && resolve();
    });
    port.postMessage('early');
    port.postMessage(new Float32Array([1, 2]));
    await context.audioWorklet.addModule(moduleOf(`
      port.postMessage(globalThis.port === port && port instanceof MessagePort && !('port' in AudioWorkletProcessor));
      port.onmessage = ({ data }) => {
        port.postMessage(data === 'throw' ? 'throwing' : { got: data });
        if (data === 'throw') throw new Error('of the scope');
      };`));
    port.postMessage('throw');
    port.postMessage('late');
    await all;
    assert.deepEqual(heard, [true, { got: 'early' }, { got: new Float32Array([1, 2]) }, 'throwing', { got: 'late' }]);
    assert.throws(() => port.postMessage(() => {}), { name: 'DataCloneError' });
  });
}

test('an empty outputChannelCount is for a node without outputs', async () => {
  const context = offline();
  await context.audioWorklet.addModule(moduleOf(registering('p')));
  const make = (options) => () => new AudioWorkletNode(context, 'p', options);
  assert.equal(make({ outputChannelCount: [], numberOfOutputs: 0 })().numberOfOutputs, 0);
  assert.throws(make({ outputChannelCount: [] }), { name: 'IndexSizeError' });
  assert.throws(make({ outputChannelCount: null }), TypeError);
  assert.throws(make({ numberOfOutputs: 2000 }), { name: 'NotSupportedError' });
  assert.ok(make({ outputChannelCount: undefined })());
});

test('processorOptions are there as given, and absent if undefined', async (t) => {
  const context = new AudioContext();
  t.after(() => context.close());
  await context.audioWorklet.addModule(moduleOf(registering('p', 'constructor(options) { super(); this.port.postMessage(options); } process() {}')));
  const seen = (options) => {
    const node = new AudioWorkletNode(context, 'p', options);
    return new Promise((resolve) => { node.port.onmessage = ({ data }) => resolve(data); });
  };
  const given = await Promise.all([seen({ processorOptions: undefined }), seen({ processorOptions: { a: null, b: [] } }), seen({ outputChannelCount: [2] }), seen()]);
  const shape = { numberOfInputs: 1, numberOfOutputs: 1 };
  assert.deepEqual(given, [shape, { ...shape, processorOptions: { a: null, b: [] } }, { ...shape, outputChannelCount: [2] }, shape]);
  assert.throws(() => new AudioWorkletNode(context, 'p', { processorOptions: null }), TypeError);
});

test('while a context is suspended its ports are served, and what their handlers wait for goes on', async (t) => {
  const context = new AudioContext();
  t.after(() => context.close());
  await context.audioWorklet.addModule(moduleOf(registering('p', `constructor() {
      super();
      this.port.onmessage = async ({ data }) => {
        this.port.postMessage([data, 'at once']);
        await WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
        this.port.postMessage([data, 'compiled']);
        await Atomics.waitAsync(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5).value;
        this.port.postMessage([data, 'waited']);
      };
    }
    process() { return true; }`)));
  const node = new AudioWorkletNode(context, 'p');
  const staying = setInterval(() => {}, 1000);   // a suspended context keeps no program
  t.after(() => clearInterval(staying));
  await context.suspend();
  const frame = context.currentTime;
  const answers = new Promise((resolve) => {
    const got = [];
    node.port.onmessage = ({ data }) => { if (got.push(data) === 3) resolve(got); };
  });
  node.port.postMessage(1);
  assert.deepEqual(await answers, [[1, 'at once'], [1, 'compiled'], [1, 'waited']]);
  assert.equal(context.currentTime, frame, 'nothing was rendered for it');
  assert.equal(context.state, 'suspended');
});

test('a message of 32 MB goes there and back while another context plays on', async (t) => {
  const contexts = [new AudioContext(), new AudioContext()];
  t.after(() => Promise.all(contexts.map((context) => context.close())));
  await Promise.all(contexts.map((context) => context.resume()));
  await contexts[0].audioWorklet.addModule(moduleOf(registering('p', `constructor() {
    super();
    this.port.onmessage = ({ data }) => this.port.postMessage([data.length, data[5], data], [data.buffer]);
  }
  process() { return true; }`)));
  const node = new AudioWorkletNode(contexts[0], 'p');
  const before = contexts[1].currentTime;
  const big = new Uint8Array(32e6).fill(7);
  const answer = new Promise((resolve) => { node.port.onmessage = ({ data }) => resolve(data); });
  node.port.postMessage(big, [big.buffer]);
  const [length, fifth, back] = await answer;
  assert.deepEqual([length, fifth, back.length, back.at(-1)], [32e6, 7, 32e6, 7]);
  assert.ok(contexts[1].currentTime > before);
});

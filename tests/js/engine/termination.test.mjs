// Processors that run or grow without end, in a render host of its own: they end, the rest of the session and all others go on.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

process.env.BACKLINE_PROCESSOR_BUDGET = '0.1';
process.env.BACKLINE_WORKLET_HEAP = '64';
const { AudioContext, AudioWorkletNode, ConstantSourceNode, OfflineAudioContext } = await import('../../../lib/index.js');
const { settings } = await import('../../../lib/settings.js');
settings.device = 'virtual';

const moduleOf = (source) => `data:text/javascript,${encodeURIComponent(source)}`;
const innocent = moduleOf(`registerProcessor('innocent', class extends AudioWorkletProcessor {
  process(inputs, [[x]]) { x.fill(0.5); this.port.postMessage(currentFrame); return true; } });`);
const guilty = (body, more = '') => moduleOf(`registerProcessor('guilty', class extends AudioWorkletProcessor {
  ${more}
  process() { ${body}; return true; } });`);

async function playing(t) {
  const context = new AudioContext();
  t.after(() => context.close());
  await context.resume();
  await context.audioWorklet.addModule(innocent);
  const node = new AudioWorkletNode(context, 'innocent');
  node.connect(context.destination);
  const heard = [];
  node.port.onmessage = ({ data }) => heard.push(data);
  while (!heard.length) await sleep(5);
  return { context, node, heard };
}

/** The innocent processor is called on, for every quantum once, until so many more. */
async function goesOn({ heard }, quanta = 100) {
  const from = heard.length;
  while (heard.length < from + quanta) await sleep(5);
  const frames = heard.slice(from);
  frames.forEach((frame, i) => assert.equal(frame, frames[0] + i * 128, 'a quantum is missing'));
}

const cases = [
  ['loops in process()', guilty('for (;;)'), /process\(\) ran for more than 0\.1 s of processor time and was terminated/],
  ['recurses without end', guilty('const f = () => f() + 1; f()'), /call stack/],
  ['fills the heap', guilty('for (this.all = [];;) this.all.push(new Array(1e5).fill({}))'), /filled the worklet's heap|ran for more/],
  ['asks for ArrayBuffers without end', guilty('for (this.all = [];;) this.all.push(new ArrayBuffer(1 << 26))'), /allocation failed/],
  ['grows a WebAssembly memory without end', guilty('const m = new WebAssembly.Memory({ initial: 1 }); for (;;) m.grow(64)'), /grow/],
  ['loops in a microtask', guilty('Promise.resolve().then(() => { for (;;); })'), /a microtask ran for more than/],
];

test('each kind of run-away ends alone: its session and another one play on', async (t) => {
  const one = await playing(t), other = await playing(t);
  for (const [what, module, message] of cases) {
    await t.test(what, async (t) => {
      const victim = await playing(t);
      await victim.context.audioWorklet.addModule(module);
      const node = new AudioWorkletNode(victim.context, 'guilty');
      const [error] = await once(node, 'processorerror');
      assert.match(error.message, message);
      assert.match(error.filename, /^data:text\/javascript/);
      assert.ok(error.lineno >= 1);
      await goesOn(victim);
      await Promise.all([goesOn(one, 20), goesOn(other, 20)]);
    });
  }
});

test('a port handler, a constructor and a module that loop end alone', async (t) => {
  const victim = await playing(t);
  const { context } = victim;
  await context.audioWorklet.addModule(moduleOf(`
    registerProcessor('hears', class extends AudioWorkletProcessor {
      constructor() { super(); this.port.onmessage = () => { for (;;); }; }
      process() { return true; } });
    registerProcessor('never-made', class extends AudioWorkletProcessor { constructor() { super(); for (;;); } });`));
  const hears = new AudioWorkletNode(context, 'hears');
  hears.port.postMessage('loop');
  assert.match((await once(hears, 'processorerror'))[0].message, /a handler of its port ran for more than/);
  await goesOn(victim, 20);
  const never = new AudioWorkletNode(context, 'never-made');
  assert.match((await once(never, 'processorerror'))[0].message, /the constructor ran for more than/);
  await goesOn(victim, 20);
  await assert.rejects(context.audioWorklet.addModule(moduleOf('for (;;);')), /the module ran for more than/);
  await goesOn(victim, 20);
  const source = new ConstantSourceNode(context);
  source.connect(context.destination);
  source.start();
  source.stop(context.currentTime + 0.05);
  await once(source, 'ended');
});

test('an offline rendering goes on without the processor that loops', async () => {
  const context = new OfflineAudioContext(1, 4800, 48000);
  await context.audioWorklet.addModule(innocent);
  await context.audioWorklet.addModule(guilty('for (;;)'));
  new AudioWorkletNode(context, 'innocent').connect(context.destination);
  const node = new AudioWorkletNode(context, 'guilty');
  node.connect(context.destination);
  const failed = once(node, 'processorerror');
  const samples = (await context.startRendering()).getChannelData(0);
  assert.match((await failed)[0].message, /ran for more than 0\.1 s/);
  assert.ok(samples.every((sample) => sample === 0.5));
});

/** Runs a program of this folder; answers with what it said. */
async function run(program, ...args) {
  const child = spawn(process.execPath, [fileURLToPath(new URL(`programs/${program}`, import.meta.url)), ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) child[name].setEncoding('utf8').on('data', (text) => { said[name] += text; });
  const [status] = await once(child, 'close');
  return { status, ...said };
}

test('a call that cannot be terminated costs the host its life, and is named; the session comes back without it', async () => {
  const { stdout, stderr } = await run('sorts_without_end.mjs');
  assert.match(stdout, /^interrupted\nprocess\(\) of 'sorts' ran without end and could not be terminated: its render host was ended\nrunning\nplays on\n$/);
  assert.match(stderr, /backline-render: process\(\) of node \d+ cannot be terminated: the render host ends/);
});

test('a module that cannot be terminated costs the host its life, too: it is refused, and is not evaluated again', async () => {
  const { stdout } = await run('sorts_without_end.mjs', 'module');
  assert.match(stdout, /^interrupted\n(.*the module ran without end and could not be terminated: its render host was ended\nrunning|running\n.*the module ran without end and could not be terminated: its render host was ended)\nplays on\n$/);
});

test('behind its walls the render host loads modules, compiles, collects garbage and runs WebAssembly; native code gets nowhere', async () => {
  const { status, stdout, stderr } = await run('behind_walls.mjs');
  assert.match(stderr, /probe: all denied/);
  assert.equal(status, 0, stderr);
  assert.match(stdout, /played behind walls/);
});

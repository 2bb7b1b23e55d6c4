// addModule(url, { replace: true }): a processor is replaced while it plays, and stays so.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { AudioContext, AudioWorkletNode, ConstantSourceNode, OfflineAudioContext } from '../../../lib/index.js';
import { settings } from '../../../lib/settings.js';

settings.device = 'virtual';

const moduleOf = (source) => `data:text/javascript,${encodeURIComponent(source)}`;
const level = (value, params = []) => moduleOf(`registerProcessor('level', class extends AudioWorkletProcessor {
  static parameterDescriptors = ${JSON.stringify(params.map((name) => ({ name, defaultValue: 0.5 })))};
  quanta = 0;
  constructor(options, previous) { super(); if (previous) this.quanta = previous.quanta; }
  process(i, [[x]]) { x.fill(${value}); if (++this.quanta % 8 === 0) this.port.postMessage([${value}, this.quanta]); return true; } });`);

test('an offline rendering that is suspended goes on with the new class, faded in from the quantum after', async () => {
  const context = new OfflineAudioContext(1, 4096, 48000);
  await context.audioWorklet.addModule(level(1));
  new AudioWorkletNode(context, 'level').connect(context.destination);
  context.suspend(1024 / 48000).then(async () => {
    await assert.rejects(context.audioWorklet.addModule(level(2)), { name: 'NotSupportedError' });
    await context.audioWorklet.addModule(level(2), { replace: true });
    context.resume();
  });
  const samples = (await context.startRendering()).getChannelData(0);
  samples.forEach((x, n) => assert.ok(Math.abs(x - (1 + Math.min(1, Math.max(0, (n - 1023) / 480)))) < 1e-5, `frame ${n}: ${x}`));
});

test('a playing processor is replaced, new nodes have the new parameters, and what fails changes nothing', async (t) => {
  const context = new AudioContext();
  t.after(() => context.close());
  await context.resume();
  await context.audioWorklet.addModule(level(0.1, ['old']));
  const node = new AudioWorkletNode(context, 'level');
  node.connect(context.destination);
  const heard = [];
  node.port.onmessage = ({ data }) => heard.push(data);
  const hear = async (value) => { while (!heard.some(([each]) => each === value)) await sleep(5); };
  await hear(0.1);
  await context.audioWorklet.addModule(level(0.2, ['new']), { replace: true });
  await hear(0.2);
  assert.deepEqual([...node.parameters.keys()], ['old']);
  assert.deepEqual([...new AudioWorkletNode(context, 'level').parameters.keys()], ['new']);
  await assert.rejects(context.audioWorklet.addModule(moduleOf('registerProcessor("level", class {}); throw new RangeError("no")'), { replace: true }),
    { name: 'RangeError', message: 'no' });
  await assert.rejects(context.audioWorklet.addModule(moduleOf('nonsense('), { replace: true }), { name: 'SyntaxError' });
  const before = heard.length;
  while (heard.length < before + 3) await sleep(5);
  assert.equal(heard.at(-1)[0], 0.2);
  const counts = heard.filter(([value]) => value === 0.2).map(([, quanta]) => quanta);
  assert.ok(counts[0] > heard[0][1], 'the state was carried over');
  assert.deepEqual(counts, counts.map((_, i) => counts[0] + 8 * i));
});

test('what has been replaced is so again after the death of the render host', async (t) => {
  const hosts = () => execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(process.pid)], { encoding: 'utf8' }).split('\n')
    .filter((line) => line.includes('backline-render')).map((line) => Number.parseInt(line, 10));
  const context = new AudioContext();
  t.after(() => context.close());
  await context.resume();
  await context.audioWorklet.addModule(level(0.1));
  const node = new AudioWorkletNode(context, 'level');
  node.connect(context.destination);
  const heard = [];
  node.port.onmessage = ({ data }) => heard.push(data);
  while (!heard.length) await sleep(5);
  await context.audioWorklet.addModule(level(0.2), { replace: true });
  await context.audioWorklet.addModule(level(0.3, ['gain']), { replace: true });
  await assert.rejects(context.audioWorklet.addModule(level('typo('), { replace: true }));
  for (const pid of hosts()) process.kill(pid, 'SIGKILL');
  while (context.state !== 'interrupted') await once(context, 'statechange');
  while (context.state !== 'running') await once(context, 'statechange');
  heard.length = 0;
  while (heard.length < 3) await sleep(5);
  assert.ok(heard.slice(1).every(([value]) => value === 0.3), JSON.stringify(heard));
  await context.audioWorklet.addModule(level(0.4, ['gain', 'pan']), { replace: true });
  while (heard.at(-1)[0] !== 0.4) await sleep(5);
  assert.deepEqual([...new AudioWorkletNode(context, 'level').parameters.keys()], ['gain', 'pan']);
});

test('a module that is added beside playing nodes makes no underrun while no processor is alive', async (t) => {
  const context = new AudioContext();
  t.after(() => context.close());
  const source = new ConstantSourceNode(context, { offset: 0.1 });
  source.connect(context.destination);
  source.start();
  await context.resume();
  await context.audioWorklet.addModule(moduleOf('1'));
  while (context.currentTime < 0.2) await sleep(5);
  const { underrunDuration } = context.playbackStats;
  await context.audioWorklet.addModule(moduleOf('const end = Date.now() + 500; while (Date.now() < end);'));
  await sleep(50);
  assert.ok(context.playbackStats.underrunDuration - underrunDuration < 0.2, `${context.playbackStats.underrunDuration} s were silent beside a module of 0.5 s`);
});

// The render host is killed while a program plays: what the program sees of it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';

import { AudioContext, AudioWorkletNode, ConstantSourceNode, GainNode } from '../../../lib/index.js';
import { settings } from '../../../lib/settings.js';

settings.device = 'virtual';

/** The pid of this program's render host: the child that is no spare is the one with the render threads. */
function renderHosts() {
  return execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(process.pid)], { encoding: 'utf8' }).split('\n')
    .filter((line) => line.includes('backline-render')).map((line) => Number.parseInt(line, 10));
}

const counter = `data:text/javascript,${encodeURIComponent(`registerProcessor('counter', class extends AudioWorkletProcessor {
  constructor({ processorOptions }) {
    super();
    this.step = processorOptions.step;
    this.port.onmessage = ({ data }) => this.port.postMessage({ data, step: this.step, frame: currentFrame });
  }
  process() { return true; }
});`)}`;

test('a killed render host: interrupted, running; time goes on, processors are there again with their ports, every message is answered', async (t) => {
  const context = new AudioContext();
  t.after(() => context.close());
  await context.audioWorklet.addModule(counter);
  const node = new AudioWorkletNode(context, 'counter', { processorOptions: { step: 3 } });
  node.connect(new GainNode(context)).connect(context.destination);
  await context.resume();
  const answers = [];
  const states = [];
  let answered;
  node.port.onmessage = ({ data }) => { answers.push(data); answered?.(); };
  context.onstatechange = () => states.push(context.state);
  node.port.postMessage('before');
  while (answers.length < 1) await new Promise((resolve) => { answered = resolve; });
  const time = context.currentTime;
  const pids = renderHosts();
  assert.equal(pids.length, 1);
  process.kill(pids[0], 'SIGKILL');
  for (let i = 0; i < 10; i++) node.port.postMessage(i);
  const late = new ConstantSourceNode(context, { offset: 0.1 });
  late.connect(context.destination);
  late.start();
  late.stop(context.currentTime + 0.05);
  await once(late, 'ended');
  while (answers.length < 11) await new Promise((resolve) => { answered = resolve; });
  assert.deepEqual(answers.slice(1).map(({ data }) => data), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.ok(answers.every(({ step }) => step === 3), 'processorOptions are there again');
  assert.ok(answers.at(-1).frame >= answers[0].frame, 'currentFrame went back');
  assert.deepEqual(states, ['interrupted', 'running']);
  assert.ok(context.currentTime >= time + 0.05);
  assert.ok(!renderHosts().includes(pids[0]));
});

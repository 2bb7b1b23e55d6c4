// backline play --inspect: a debugger at the worklets of a program that plays.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { WebSocket } from 'ws';
import { backline, pidsOf, program, readWav, start, temporaryDirectory, until } from './support.mjs';

const worklet = pathToFileURL(program('inspected_worklet.js')).href;
const kLineOfWork = 10;   // counted from 0

/** Plays the program; {playing, port}. */
async function play(t, args = []) {
  const playing = start(['play', program('inspected.mjs'), '--device', 'virtual', '--inspect=127.0.0.1:0', ...args], { env: { BACKLINE_HANG_LIMIT: '0.5' } });
  t.after(() => playing.child.kill('SIGKILL'));
  const [, port] = await until('the address', () => /inspected at 127\.0\.0\.1:(\d+)/.exec(playing.errors()));
  await until('the sound', () => playing.output().includes('sounds'));
  return { playing, port };
}

/** What the server answers: {status, body}. */
async function ask(port, path, headers = {}) {
  const [response] = await once(get({ host: '127.0.0.1', port, path, headers }), 'response');
  const body = (await response.setEncoding('utf8').toArray()).join('');
  return { status: response.statusCode, body };
}

/** A client of the debugging protocol at the only target. */
class Debugger {
  #last = 0;
  #answers = new Map();
  events = [];

  static async attach(port) {
    const list = await until('a target', async () => {
      const targets = JSON.parse((await ask(port, '/json/list')).body);
      return targets.length && targets;
    });
    const client = new Debugger();
    client.socket = new WebSocket(list[0].webSocketDebuggerUrl);
    client.socket.on('message', (data) => client.#take(JSON.parse(data)));
    await once(client.socket, 'open');
    return client;
  }

  #take(message) {
    if (message.id) this.#answers.get(message.id)(message);
    else this.events.push(message);
  }

  async send(method, params = {}) {
    const id = ++this.#last;
    const answer = new Promise((resolve) => this.#answers.set(id, resolve));
    this.socket.send(JSON.stringify({ id, method, params }));
    const { result, error } = await answer;
    if (error) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  event(method) {
    return until(method, () => {
      const index = this.events.findIndex((each) => each.method === method);
      return index >= 0 && this.events.splice(index, 1)[0].params;
    });
  }

  async frame() { return (await this.send('Runtime.evaluate', { expression: 'currentFrame' })).result.value; }
}

test('DevTools find the worklets of a program; whoever comes by another name, or for another target, is refused', async (t) => {
  const { playing, port } = await play(t);
  const [target] = await until('a target', async () => {
    const targets = JSON.parse((await ask(port, '/json')).body);
    return targets.length && targets;
  });
  assert.equal(target.type, 'node');
  assert.equal(target.title, 'inspected.mjs: AudioWorklet 1');
  assert.match(target.webSocketDebuggerUrl, new RegExp(`^ws://127\\.0\\.0\\.1:${port}/[0-9a-f-]{36}$`));
  assert.match(target.devtoolsFrontendUrl, /^devtools:.*ws=127\.0\.0\.1/);
  assert.equal(JSON.parse((await ask(port, '/json/version')).body)['Protocol-Version'], '1.1');
  assert.equal((await ask(port, '/json/list', { Host: 'attacker.example' })).status, 400);
  assert.equal((await ask(port, '/elsewhere')).status, 404);
  const stranger = new WebSocket(`ws://127.0.0.1:${port}/00000000-0000-0000-0000-000000000000`);
  assert.match((await once(stranger, 'error'))[0].message, /400/);
  playing.child.kill('SIGINT');
  assert.equal((await playing.ended).status, 0);
});

test('a breakpoint stops a processor for longer than any limit; its frame can be looked into; afterwards the sound goes on', async (t) => {
  const tap = join(temporaryDirectory(t), 'out.wav');
  const { playing, port } = await play(t, ['--tap', tap]);
  const pids = await pidsOf(playing);
  const debug = await Debugger.attach(port);
  await debug.send('Runtime.enable');
  await debug.send('Debugger.enable');
  const { breakpointId, locations } = await debug.send('Debugger.setBreakpointByUrl', { url: worklet, lineNumber: kLineOfWork });
  assert.equal(locations.length, 1);
  const { callFrames: [frame] } = await debug.event('Debugger.paused');
  assert.equal(frame.functionName, 'process');
  assert.equal(frame.location.lineNumber, kLineOfWork);
  const evaluate = async (expression) => (await debug.send('Debugger.evaluateOnCallFrame', { callFrameId: frame.callFrameId, expression })).result.value;
  const count = await evaluate('this.count');
  assert.ok(count > 0);
  assert.equal(await evaluate('work(1) === work(1)'), true);
  const stopped = await evaluate('currentFrame');
  await sleep(1500);   // thrice what a host that shows no life is given, six times what a call may take
  assert.equal(await evaluate('[this.count, currentFrame].join()'), `${count},${stopped}`, 'rendering has paused');
  await debug.send('Debugger.removeBreakpoint', { breakpointId });
  await debug.send('Debugger.resume');
  await debug.event('Debugger.resumed');
  await until('more frames', async () => await debug.frame() > stopped + 24000);
  assert.deepEqual(await pidsOf(playing), pids);
  assert.doesNotMatch(playing.output(), /interrupted/);
  playing.child.kill('SIGINT');
  const { status, stderr } = await playing.ended;
  assert.equal(status, 0, stderr);
  const { data: [samples], frames } = readWav(tap);
  let longest = 0, from = 0;
  for (let i = 0, run = 0; i < frames; ++i) {
    run = samples[i] === 0 ? run + 1 : 0;
    if (run > longest) [longest, from] = [run, i];
  }
  assert.ok(longest > 48000, `the device played ${longest} frames of silence while it stood`);
  assert.ok(samples.subarray(from + 1).some((x) => Math.abs(x - 0.25) < 0.01), 'and sound after it');
});

test('a processor is profiled: most of the samples that are in any function are in its own', async (t) => {
  const { playing, port } = await play(t);
  const debug = await Debugger.attach(port);
  await debug.send('Profiler.enable');
  let own = 0, others = 0;
  for (let i = 0; i < 20 && own < 20; ++i) {   // V8 takes few samples where a machine has much else to do
    await debug.send('Profiler.start');
    await sleep(500);
    const { profile } = await debug.send('Profiler.stop');
    for (const { callFrame, hitCount } of profile.nodes) {
      if (callFrame.url === worklet) own += hitCount;
      else if (!callFrame.functionName.startsWith('(')) others += hitCount;   // (idle), (program), (garbage collector)
    }
  }
  assert.ok(own >= 20 && own > others, `${own} samples are in the worklet, ${others} in other functions`);
  const before = await debug.frame();
  await until('more frames', async () => await debug.frame() > before);
  playing.child.kill('SIGINT');
  assert.equal((await playing.ended).status, 0);
});

test('a debugger that goes away leaves nothing stopped, and a program ends though its processor stands at a breakpoint', async (t) => {
  const { playing, port } = await play(t);
  const first = await Debugger.attach(port);
  await first.send('Debugger.enable');
  await first.send('Debugger.setBreakpointByUrl', { url: worklet, lineNumber: kLineOfWork });
  await first.event('Debugger.paused');
  first.socket.terminate();
  const second = await Debugger.attach(port);
  const before = await second.frame();
  await until('more frames', async () => await second.frame() > before + 4800);
  await second.send('Debugger.enable');
  await second.send('Debugger.setBreakpointByUrl', { url: worklet, lineNumber: kLineOfWork });
  await second.event('Debugger.paused');
  playing.child.kill('SIGINT');
  const { status, stderr } = await playing.ended;
  assert.equal(status, 0, stderr);
});

test('the address is this machine\'s own', async () => {
  for (const [address, message] of [['0.0.0.0:9229', /from this machine alone/], ['example.org:1', /from this machine alone/], ['70000', /no address/], ['a:b:c', /no address/]]) {
    const { status, stderr } = await backline(['play', program('tone.mjs'), `--inspect=${address}`, '--device', 'virtual']);
    assert.equal(status, 1);
    assert.match(stderr, message);
  }
});

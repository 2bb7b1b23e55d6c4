// All that the three processes share of one session, with worklets, ports, script processors and streams in it, is written over at random while it plays. What
// it says and how it sounds may become anything; no process dies, and the session beside it plays on.
import assert from 'node:assert/strict';
import { readdirSync, readlinkSync, statSync, writeSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import {
  AnalyserNode, AudioBuffer, AudioBufferSourceNode, AudioContext, AudioWorkletNode, ConstantSourceNode, MediaStreamAudioDestinationNode, MediaStreamAudioSourceNode,
} from '../../../lib/index.js';
import { native } from '../../../lib/native.js';
import { settings } from '../../../lib/settings.js';
import { moduleOf } from '../support/killed_host.mjs';
import { patience } from '../support/pulse.mjs';

settings.device = 'virtual';
process.on('warning', () => {});   // processors and sessions fail as they must

const seed = Number(process.env.BACKLINE_TEST_SEED || Math.floor(Math.random() * 2 ** 31));
let state = seed;
/** mulberry32 */
function random(below) {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) % below;
}

/** Descriptors of shared memory of this process, one for each segment, by inode. */
function segments() {
  const found = new Map();
  for (const fd of readdirSync('/proc/self/fd').map(Number)) {
    try {
      if (!readlinkSync(`/proc/self/fd/${fd}`).startsWith('/memfd:')) continue;
      const { ino, size } = statSync(`/proc/self/fd/${fd}`);
      found.set(ino, { fd, size });
    } catch {
      // It was the listing's own.
    }
  }
  return found;
}

const kRounds = 3000;   // of a millisecond: longer than a host may show no life
const word = Buffer.alloc(4);
function scribble(targets) {
  const { fd, size } = targets[random(targets.length)];
  const words = Math.floor(size / 4);
  const values = [0, 0xffffffff, 0x7fc00000, random(64), 2 ** random(32), random(2 ** 31)];
  word.writeUInt32LE(values[random(values.length)] >>> 0);
  try {
    writeSync(fd, word, 0, 4, 4 * random(random(2) ? words : Math.min(words, 128)));   // headers more often than what follows
  } catch {
    // Sealed, or closed meanwhile.
  }
}

const kProcessors = moduleOf(`registerProcessor('echo', class extends AudioWorkletProcessor {
  constructor() { super(); this.port.onmessage = ({ data }) => this.port.postMessage(data); }
  process([[input]], [[output]]) { if (input) output.set(input); this.port.postMessage(currentFrame); return true; } });`);

async function playing() {
  const context = new AudioContext();
  context.onerror = () => {};
  await context.resume();
  await context.audioWorklet.addModule(kProcessors);
  const node = new AudioWorkletNode(context, 'echo');
  const source = new ConstantSourceNode(context);
  source.connect(node).connect(context.destination);
  source.start();
  await patience(() => context.currentTime > 0.1, 'it does not play');
  return { context, node, source };
}

test(`whatever is written into a session's shared memory, no process dies and the session beside it plays on (BACKLINE_TEST_SEED=${seed})`, async (t) => {
  const beside = await playing();
  // The victim may stay in between, and the program with it.
  t.after(() => setTimeout(() => process.exit(), 1000).unref());
  let answer;
  beside.node.port.onmessage = ({ data }) => { if (data?.asked) answer = data; };
  beside.node.port.postMessage({ shared: new Int32Array(new SharedArrayBuffer(64)) });   // the program's shared heap is no session's
  await sleep(200);
  const others = segments();
  const victim = await playing();
  const { context } = victim;
  const script = context.createScriptProcessor(256, 2, 2);
  script.onaudioprocess = ({ inputBuffer, outputBuffer }) => outputBuffer.copyToChannel(inputBuffer.getChannelData(0), 0);
  const destination = new MediaStreamAudioDestinationNode(context);
  const analyser = new AnalyserNode(context);
  const buffer = new AudioBuffer({ length: 48000, sampleRate: 48000 });
  const player = new AudioBufferSourceNode(context, { buffer, loop: true });
  player.connect(script).connect(destination);
  victim.source.connect(analyser).connect(context.destination);
  player.start();
  new MediaStreamAudioSourceNode(context, { mediaStream: destination.stream }).connect(context.destination);
  await sleep(200);
  const own = [...segments()].filter(([inode]) => !others.has(inode)).map(([, segment]) => segment);
  assert.ok(own.length >= 12, `${own.length} segments: rings, pages, a buffer, an exchange of two rings, two streams`);
  const before = native().status();
  const samples = new Float32Array(128);
  victim.node.port.onmessage = () => {};
  for (let round = 0; round < kRounds; round++) {
    scribble(own);
    try {
      victim.node.port.postMessage({ round, text: 'x'.repeat(random(500)) });
      victim.source.offset.value = random(10);
      analyser.getFloatTimeDomainData(samples);
      context.getOutputTimestamp();
      if (round % 50 === 0) new AudioWorkletNode(context, 'echo').connect(context.destination);
      if (round % 100 === 0) context.setSinkId(round % 200 ? { type: 'none' } : 'virtual').catch(() => {});
    } catch {
      // A session that has failed says so.
    }
    await sleep(1);
  }
  await Promise.race([context.close().catch(() => {}), sleep(1000)]);   // whose answer may be lost
  const now = native().status();
  assert.deepEqual([now.audioPid, now.renderPid], [before.audioPid, before.renderPid], 'a process has died');
  const time = beside.context.currentTime;
  await patience(() => beside.context.currentTime > time + 0.2, 'the session beside it does not play on');
  beside.node.port.postMessage({ asked: 1 });
  await patience(() => answer, 'its processor does not answer');
  assert.equal(beside.context.state, 'running');
});

// Whether a recording loses a frame while everything beside it is busy: a counter is played and recorded on one device.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { counterBuffer, differences, judge, numbersIn, withoutGaps } from './recording/counter.mjs';

const kUsage = `Usage: node bench/recording.mjs [--seconds N] [--jack]

Plays a counter on the virtual device and records that device, for N seconds (60), while every core is kept busy, a worklet makes garbage in each quantum
and the main thread does nothing but block. Says which frames are missing, twice or others than those that the device got. With --jack the same through a
JACK server of its own, whose xruns are told apart. Exit status 1 if the recording lost or doubled anything.
`;

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '60' }, jack: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } });
if (values.help) {
  console.log(kUsage);
  process.exit(0);
}
const seconds = Number(values.seconds);
if (!(seconds > 0 && seconds <= 170)) {   // numbers of the counter end
  console.error(`recording: --seconds takes a number above 0 and at most 170, not '${values.seconds}'`);
  process.exit(1);
}

const folder = mkdtempSync(join(tmpdir(), 'backline-recording-'));
const children = [];
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const { startJack } = await import('./recording/jack.mjs');
const jack = values.jack ? await startJack(children) : undefined;
const { settings } = await import('../lib/settings.js');
const tap = join(folder, 'tap.wav'), take = join(folder, 'take.wav');
Object.assign(settings, { device: jack ? 'jack' : 'virtual', ...(jack ? {} : { tap }) });
const { AudioContext, AudioWorkletNode } = await import('../lib/index.js');
const { native } = await import('../lib/native.js');

const context = new AudioContext();
await context.audioWorklet.addModule(new URL('recording/garbage.js', import.meta.url));
new AudioWorkletNode(context, 'garbage').connect(context.destination);
const counter = context.createBufferSource();
counter.buffer = counterBuffer(context, seconds + 8);
counter.connect(context.destination);
await context.resume();

let over;
const told = [];   // of gaps
const ended = new Promise((resolve) => { over = resolve; });
const recording = new (native().CaptureRecording)({
  device: jack ? 'jack' : 'virtual', path: take, capacityFrames: 20 * context.sampleRate,
  onEvent: (type, detail) => (type === 'gap' ? told.push(detail) : over()),
});
await jack?.loopBack();
for (let core = 0; core < availableParallelism(); core++) children.push(spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }));
await sleep(300);
counter.start();
await sleep(200);
// The main thread is not there for anybody.
const until = performance.now() + seconds * 1000;
for (let waste = []; performance.now() < until; waste = waste.length > 1e5 ? [] : waste) waste.push({ at: waste.length });
recording.stop();
await ended;

const { frames, gaps, lostFrames, mostWaiting } = recording.status();
const { underrunEvents: underruns } = context.playbackStats;
if (!jack) await native().finishTap();
await context.close();
const numbers = numbersIn(take);
const verdict = judge(numbers);
console.log(`recorded ${frames} frames; at most ${mostWaiting} waited in the ring; ${underruns} underruns of what was played`);
console.log(`the device itself lost ${lostFrames} frames in ${gaps} gaps, for which silence stands`);
console.log(`counter ${verdict.first} … ${verdict.last}: ${verdict.missing} missing, ${verdict.twice} twice; ${verdict.disturbed} frames in gaps, underruns and their fades`);
let failed = verdict.missing + verdict.twice > 0;
if (jack) {
  const xruns = jack.xruns();
  console.log(`JACK tells of ${xruns} xruns${failed && xruns ? ', which may lose and double frames' : ''}`);
  failed &&= xruns === 0;
} else {
  const { compared, different } = differences(withoutGaps(numbers, told), numbersIn(tap));
  console.log(`compared with what the device got: ${different} of ${compared} frames differ`);
  failed ||= different > 0 || compared < seconds * context.sampleRate * 0.9;
}
await jack?.end();
console.log(failed ? 'something was lost' : `nothing was lost${verdict.missing + verdict.twice > 0 ? ' but what JACK lost' : ''}`);
for (const child of children) child.kill('SIGKILL');
await Promise.all(children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null).map((child) => once(child, 'exit')));
process.exit(failed ? 1 : 0);

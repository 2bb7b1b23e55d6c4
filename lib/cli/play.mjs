// backline play: runs a program, or plays a sound file, and tells how its sound is doing.

import { closeSync, openSync, rmSync, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { closeContexts, patiently, waitForEnd } from './ending.mjs';
import { Failure, describe } from './failure.mjs';
import { LiveLine } from './live_line.mjs';
import { addressOption, numberOption } from './options.mjs';
import { findProgram, importProgram } from './program.mjs';
import { Sound, isSound, kKeys } from './sound.mjs';
import { openStage } from './stage.mjs';
import { ModuleWatch } from './watch.mjs';

export const help = `Usage: backline play PROGRAM [options] [-- ARGUMENTS]
       backline play SOUND [options]

Runs PROGRAM, an ES module that uses the Web Audio API as in a browser or imports it from 'backline'. If it makes no
AudioContext itself and exports a function as its default, that is called with one. SOUND is a sound file, known by its
name (.mp3, .wav, .flac, .ogg, ...); it is played once. In a terminal: ${kKeys}.

  --seconds N     end by itself when the device has played N seconds; otherwise it plays until Ctrl-C or the program's own end
  --device NAME   a device of "backline devices", "virtual" (no sound, paced by the clock) or "stepped" (no sound; waits
                  until all is rendered, so that every run is the same); otherwise the variable BACKLINE_DEVICE, otherwise the system's default
  --inspect[=[HOST:]PORT]
                  let Chromium's DevTools (chrome://inspect) or VS Code debug and profile worklets, from this machine (port 9229)
  --watch         replace worklet modules, with what they import, whenever one of their files is saved, while they play
  --tap FILE.wav  also write exactly what goes to the device, as 32-bit floats; with --seconds exactly N seconds of it

Exit status: 0 when it has played, also when Ctrl-C ended it; 1 when it could not. A second Ctrl-C ends it at once.
`;

export const positionals = ['PROGRAM'];
export const options = { seconds: { type: 'string' }, device: { type: 'string' }, tap: { type: 'string' }, watch: { type: 'boolean' }, inspect: { type: 'string', bare: true } };

const kShowEvery = 50;  // milliseconds
const kMostSeconds = 1e6;

/** Throws Failure if a file cannot be written there; leaves an existing one as it is. */
function checkWritable(path) {
  const existed = statSync(path, { throwIfNoEntry: false });
  try {
    closeSync(openSync(path, 'a'));
  } catch (error) {
    throw new Failure(`cannot write ${path}: ${error.message}`);
  }
  if (!existed) rmSync(path);
}

/** Runs the program: what it does when imported, and its default export if that is how it wants a context. */
async function start(stage, path, args) {
  process.argv.splice(1, Infinity, path, ...args);
  const program = await importProgram(path);
  if (typeof program.default !== 'function' || stage.contexts.length) return;
  const { AudioContext } = await import('../index.js');
  await program.default(new AudioContext());
}

/** What can be told about the playing of a stage, gathered as it goes. */
class Report {
  pids = new Set();
  helpers = { program: process.pid, render: 0, audio: 0 };
  underruns = 0;
  seconds = 0;

  constructor(stage, name, sound) {
    this.stage = stage;
    this.name = name;
    this.sound = sound;
    this.line = process.stdout.isTTY ? new LiveLine(process.stdout) : undefined;
  }

  /** Reads how far things are. */
  update() {
    const { contexts, addon } = this.stage;
    const context = contexts.findLast((each) => each.state !== 'closed') ?? contexts.at(-1);
    if (!context) return;
    const { audioPid, renderPid } = addon.status();
    for (const pid of [audioPid, renderPid]) if (pid) this.pids.add(pid);
    Object.assign(this.helpers, { render: renderPid, audio: audioPid });
    const playback = context.playback();
    this.underruns = playback.underruns;
    this.seconds = playback.playedFrame / context.sampleRate;
    this.context = context;
    if (context.state === 'closed') return;
    this.device = context.device.name === context.device.backend
      ? context.device.name : `${context.device.name} (${context.device.backend})`;
    if (!this.announced && renderPid) this.announce();
    this.line?.show({ peak: playback.peak, seconds: this.seconds, underruns: this.underruns, position: this.sound?.position });
  }

  announce() {
    this.announced = true;
    const { program, render, audio } = this.helpers;
    console.log(`playing ${this.name} on ${this.device} at ${this.context.sampleRate} Hz; program ${program}, render ${render}, audio ${audio}`);
    if (this.sound && this.line && process.stdin.isTTY) console.log(kKeys);
  }

  conclude(tap, taken) {
    this.line?.close();
    if (!this.context) return;
    const tapped = tap ? `; ${tap}: ${taken ? `${taken.frames} frames` : 'not finished'}${taken?.dropped ? `, ${taken.dropped} lost` : ''}` : '';
    console.log(`played ${this.seconds.toFixed(2)} s, ${this.underruns} underruns${tapped}`);
  }
}

/** Settles when the show is over: resolves to an exit status, rejects with what went wrong. */
function untilOver(stage, report, seconds, started, sound) {
  return new Promise((over, fail) => {
    let interrupted = false;
    process.on('SIGINT', () => {
      if (interrupted) process.exit(130);
      interrupted = true;
      over(0);
    });
    process.on('SIGTERM', () => over(143));
    process.on('uncaughtException', fail);
    process.on('beforeExit', () => over(0));
    stage.on('lost', ({ message }) => fail(new Failure(message)));
    started.then(() => sound && over(0), fail);
    setInterval(() => {
      try {
        report.update();
        if (seconds !== undefined && report.seconds >= seconds) over(0);
      } catch (error) {
        fail(error);
      }
    }, kShowEvery).unref();
  });
}

/** One message for what ended the show early. A device that cannot be had is no fault of the line that asked for it. */
function tell(error, refusal) {
  if (refusal && (error === refusal || error.cause === refusal)) return refusal.message;
  return error instanceof Failure ? error.message : describe(error);
}

export async function run({ values, positionals: [name], rest }) {
  const seconds = numberOption(values, 'seconds', { most: kMostSeconds, unit: 'seconds' });
  const sound = isSound(name) ? new Sound() : undefined;
  const program = findProgram(name, sound ? 'sound file' : 'program');
  const inspect = values.inspect === undefined ? undefined : addressOption(values.inspect);
  const tap = values.tap && resolve(values.tap);
  if (tap) checkWritable(tap);
  const stage = openStage({ device: values.device, tap, tapSeconds: seconds, programName: basename(program), inspect });
  const report = new Report(stage, basename(program), sound);
  if (values.watch) new ModuleWatch();
  let status = 0, trouble;
  try {
    status = await untilOver(stage, report, seconds, sound ? sound.start(program) : start(stage, program, rest), sound);
    if (!stage.contexts.length && status === 0) {
      throw new Failure(`${name} made no AudioContext, and its default export is no function that takes one`);
    }
  } catch (error) {
    status = 1;
    trouble = tell(error, stage.refusal);
  }
  sound?.close();
  const taken = tap && stage.contexts.length ? await patiently(stage.addon.finishTap()) : undefined;
  await closeContexts(stage.contexts);
  await waitForEnd(report.pids);
  report.conclude(values.tap, taken);
  if (trouble) process.stderr.write(`backline: ${trouble}\n`);
  process.exit(status);
}

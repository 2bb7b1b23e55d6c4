// Recorder: what a node of a running graph gives, into files. Native threads do it; what runs here only says when.
import { getEventListeners } from 'node:events';
import { resolve } from 'node:path';

import { kSoundFormats, soundFormat } from './media/sound_format.js';
import { native } from './native.js';
import { interfaceNamed, slotsOf, unwrap } from './webidl/platform_object.js';
import { getHandler, setHandler } from './webidl/event_handlers.js';

const kMostChannels = 32;
const kMostSeconds = 1e7;

const fail = (what) => { throw new TypeError(`Failed to construct 'Recorder': ${what}`); };

function number(options, name, least, most, otherwise) {
  const value = options[name] ?? otherwise;
  if (typeof value !== 'number' || !(value >= least && value <= most)) fail(`${name} is ${value}; it can be ${least} … ${most}`);
  return value;
}

function formatOf({ file, format }) {
  const name = soundFormat(format, file);
  return kSoundFormats.includes(name) ? name : fail(`there is no sound format '${name}': ${kSoundFormats.join(', ')} are`);
}

/// Records a node. Events: 'gap' { frame, frames, reason } where frames were lost and are silence in the file, 'error' { message }, 'stop' at the end.
export class Recorder extends EventTarget {
  #options;
  #native;
  #state = 'inactive';
  #stopped;       // a promise, and what resolves it
  #finish;

  /// options: file, and format ('wav', 'flac', 'ogg', 'opus'; otherwise as the file's name ends), channels (2), output (0), split and seconds (of a file, of
  /// all; none), replace (false: a file that is there is an error).
  constructor(node, options) {
    super();
    const impl = unwrap(node, interfaceNamed('AudioNode')) ?? fail("parameter 1 is not of type 'AudioNode'");
    if (typeof options !== 'object' || options === null || typeof options.file !== 'string' || options.file === '') fail('options.file names no file');
    if (node.numberOfOutputs === 0) fail('the node has no output: record what leads to it');
    const channels = number(options, 'channels', 1, kMostChannels, 2);
    const output = number(options, 'output', 0, node.numberOfOutputs - 1, 0);
    if (!Number.isInteger(channels) || !Number.isInteger(output)) fail('channels and output are integers');
    this.#options = {
      node: impl, context: slotsOf(impl).context, path: resolve(options.file), format: formatOf(options), channels, output, replace: Boolean(options.replace),
      splitSeconds: number(options, 'split', 0, kMostSeconds, 0), seconds: number(options, 'seconds', 0, kMostSeconds, 0),
    };
  }

  /// 'inactive', 'recording', 'paused'
  get state() { return this.#state; }

  /// Begins with the next quantum that the context renders. Throws where the file cannot be written.
  start() {
    this.#require('start', 'inactive');
    this.#native = new (native().Recorder)({ ...this.#options, onEvent: (type, detail) => this.#on(type, detail) });
    this.#state = 'recording';
    this.#stopped = new Promise((resolve) => { this.#finish = resolve; });
  }

  /// Leaves out what is rendered from now on, to the frame.
  pause() {
    if (this.#state === 'paused') return;
    this.#require('pause', 'recording');
    this.#native.pause();
    this.#state = 'paused';
  }

  resume() {
    if (this.#state === 'recording') return;
    this.#require('resume', 'paused');
    this.#native.resume();
    this.#state = 'recording';
  }

  /// Ends it with what has been rendered by now. Gives the report, as the files are finished.
  async stop() {
    if (this.#state !== 'inactive') this.#native.stop();
    await this.#stopped;
    return this.report;
  }

  /// { frames, duration (seconds), bytes, gaps, lostFrames, pausedFrames, files, peaks (a channel each), failure ('' or why it ended early) }; null before start().
  get report() {
    if (!this.#native) return null;
    const { frames, bytes, gaps, lostFrames, pausedFrames, files, peaks, failure } = this.#native.status();
    return { frames, duration: frames / this.#options.context.sampleRate, bytes, gaps, lostFrames, pausedFrames, files, peaks, failure };
  }

  /// The largest magnitude of each channel since they were asked for last.
  levels() { return this.#native?.levels() ?? []; }

  get ongap() { return getHandler(this, 'gap'); }
  set ongap(value) { setHandler(this, 'gap', value); }
  get onerror() { return getHandler(this, 'error'); }
  set onerror(value) { setHandler(this, 'error', value); }
  get onstop() { return getHandler(this, 'stop'); }
  set onstop(value) { setHandler(this, 'stop', value); }

  #require(operation, state) {
    if (this.#state !== state) throw new DOMException(`Failed to execute '${operation}' on 'Recorder': its state is '${this.#state}'`, 'InvalidStateError');
  }

  #on(type, detail) {
    if (type === 'gap') return void this.dispatchEvent(Object.assign(new Event('gap'), detail));
    this.#state = 'inactive';
    const { failure } = this.#native.status();
    if (failure) this.#fail(failure);
    this.dispatchEvent(new Event('stop'));
    this.#finish();
  }

  // What nobody listens for is told on standard error: it must not go unnoticed.
  #fail(message) {
    if (getEventListeners(this, 'error').length === 0) return process.emitWarning(message, { type: 'RecorderError' });
    this.dispatchEvent(Object.assign(new Event('error'), { message, error: new Error(message) }));
  }
}

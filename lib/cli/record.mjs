// backline record: an input into a file, for hours. It is recorded by native threads; what runs here only shows it.

import { existsSync, statSync, statfsSync } from 'node:fs';
import { basename, dirname, extname, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { kSoundFormats, soundFormat } from '../media/sound_format.js';
import { native } from '../native.js';
import { settings } from '../settings.js';
import { patiently } from './ending.mjs';
import { Failure } from './failure.mjs';
import { durationOption, numberOption } from './options.mjs';
import { RecordLine, clock, decibels, sizeText } from './record_line.mjs';
import { openStage } from './stage.mjs';

export const help = `Usage: backline record [-o FILE] [options]

Records an input until Ctrl-C, and loses nothing: what the program and the disk do meanwhile is no matter, the file is readable at every moment,
and whatever the input itself lost is silence of its exact length, noted in the file. In a terminal: space pauses and goes on, q stops.

  -o, --output FILE  where to; otherwise a name with date and time, in this directory
  --device NAME      an input of "backline devices", or "virtual", which is silent but needs no hardware; otherwise BACKLINE_INPUT, otherwise the system's default
  --channels N       channels, mixed by the Web Audio rules; otherwise the input's
  --seconds N        end by itself with exactly N seconds
  --format NAME      wav (32-bit floats, RF64 beyond 4 GB), flac (24 bits), ogg (Vorbis) or opus; otherwise as FILE's name ends
  --split TIME       a file each so long: 90, 90s, 15m, 1h; take-001.wav, take-002.wav, ...; not a frame is missing between them
  --monitor          play it, too, on the device of BACKLINE_DEVICE or the system's default
  --force            replace files that are there

Exit status: 0 when it was recorded, also when Ctrl-C ended it; 1 when it ended early. A machine that crashed leaves a file that
"backline repair FILE" mends.
`;

export const positionals = [];
export const options = {
  output: { type: 'string', short: 'o' }, device: { type: 'string' }, channels: { type: 'string' }, seconds: { type: 'string' }, format: { type: 'string' },
  split: { type: 'string' }, monitor: { type: 'boolean' }, force: { type: 'boolean' },
};

const kShowEvery = 100;             // milliseconds
const kSayEvery = 60_000;           // milliseconds, where there is no terminal
const kMostSeconds = 1e7;
const kMostChannels = 32;
const kRingSeconds = 20;            // that a disk may be late
const kMostRingBytes = 128 * 2 ** 20;
const kMostRingFrames = 2 ** 24;
const kDevicePatience = 10;         // seconds that a device which has gone is waited for

/** The format that an option or else the file's name asks for. */
function formatOf({ output, format }) {
  const name = soundFormat(format, output);
  if (kSoundFormats.includes(name)) return name;
  throw new Failure(`there is no sound format "${name}"; --format takes ${kSoundFormats.join(', ')}`);
}

/** "2026-11-26 21.40.05.wav" */
function datedName(format, now = new Date()) {
  const two = (number) => String(number).padStart(2, '0');
  const date = [now.getFullYear(), two(now.getMonth() + 1), two(now.getDate())].join('-');
  return `${date} ${[now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join('.')}.${format}`;
}

/** The input by id or name. Throws a Failure that lists what there is. */
async function findInput(name, addon) {
  const inputs = (await addon.devices()).devices.filter(({ input }) => input);
  const wanted = name ?? settings.input;
  const found = wanted === undefined ? inputs.find(({ isDefault, backend }) => isDefault && (backend !== 'alsa' || existsSync('/dev/snd')))
    : inputs.find(({ id }) => id === wanted) ?? inputs.find((device) => device.name === wanted || (device.backend === wanted && device.isDefault));
  if (found) return found;
  if (wanted === undefined) {
    throw new Failure('there is no microphone; "backline devices" lists what there is, and --device virtual, which is silent, needs no hardware');
  }
  throw new Failure(`there is no input "${wanted}"; there are: ${inputs.map(({ id }) => id).join(', ')}`);
}

/** What is said before a device is opened for nothing. */
function checkPlace(path, split) {
  const directory = dirname(resolve(path));
  if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory()) throw new Failure(`cannot write ${path}: there is no directory ${dirname(path)}`);
  if (!split && statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw new Failure(`cannot write ${path}: it is a directory`);
}

const firstOf = (path, split) => (split ? `${path.slice(0, path.length - extname(path).length)}-001${extname(path)}` : path);

/** Whether what is there may be replaced; asks on a terminal. Throws Failure where it may not. */
async function mayReplace(path, force) {
  if (force || !existsSync(path)) return force === true;
  if (!process.stdin.isTTY || !process.stdout.isTTY) throw new Failure(`${path} is there already; --force replaces it`);
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`${path} is there already. Replace it? [y/N] `);
  terminal.close();
  if (/^y(es)?$/i.test(answer.trim())) return true;
  throw new Failure(`${path} is left as it is`);
}

/** A ring for so many seconds of a stalled disk, as far as memory is no matter. */
const ringFrames = ({ sampleRate, maxChannels }, channels) =>
  Math.min(kRingSeconds * sampleRate, Math.floor(kMostRingBytes / 4 / (channels ?? maxChannels)), kMostRingFrames);

/** Plays the input, as it is recorded, too. Resolves to what ends that. */
async function monitor(device, channels) {
  const { AudioContext, mediaDevices } = await import('../index.js');
  let context;
  try {
    context = new AudioContext({ latencyHint: 'interactive' });
  } catch (error) {
    throw new Failure(`what is recorded cannot be played: ${error.message}`);
  }
  const stream = await mediaDevices.getUserMedia({ audio: { deviceId: { exact: device.id }, ...(channels && { channelCount: channels }) } });
  context.createMediaStreamSource(stream).connect(context.destination);
  await context.resume();
  return async () => {
    for (const track of stream.getTracks()) track.stop();
    await patiently(context.close());
  };
}

/** Bytes that are free where a file is. */
function freeBytes(path) {
  try {
    const { bavail, bsize } = statfsSync(dirname(resolve(path)));
    return bavail * bsize;
  } catch {
    return undefined;
  }
}

/** A recording that runs, and what is shown of it. */
class Session {
  constructor(options) {
    this.over = new Promise((over) => { this.end = over; });
    this.recording = new (native().CaptureRecording)({
      ...options,
      onEvent: (type, detail) => (type === 'gap' ? this.tell(detail) : this.end()),
    });
    this.info = this.recording.info();
    this.line = process.stdout.isTTY ? new RecordLine(process.stdout) : undefined;
  }

  tell({ frame, frames, reason }) {
    console.error(`gap at ${clock(frame / this.info.sampleRate)}: ${frames} frames of silence, ${reason}`);
  }

  begin(keys) {
    const { sampleRate, channels, device, deviceId } = this.info;
    const { files: [file] } = this.recording.status();
    console.log(`recording ${device} (${deviceId}), ${channels} channel${channels === 1 ? '' : 's'} at ${sampleRate} Hz, into ${file}${keys ? '; space pauses, q stops' : '; Ctrl-C stops'}`);
    if (this.line) this.timer = setInterval(() => this.show(), kShowEvery);
    else this.timer = setInterval(() => this.say(), kSayEvery);
  }

  /** How far it is, with the time that the disk lasts. */
  look() {
    const status = this.recording.status();
    const seconds = status.frames / this.info.sampleRate;
    const free = freeBytes(status.files.at(-1));
    const left = free !== undefined && seconds > 1 ? free / (status.bytes / seconds) : undefined;
    return { ...status, seconds, left };
  }

  show() { this.line.show({ ...this.look(), levels: this.recording.levels() }); }

  say() {
    const { seconds, bytes, gaps, left, paused } = this.look();
    console.log(`${paused ? 'paused at' : 'recorded'} ${clock(seconds)}, ${sizeText(bytes)}, ${gaps} gap${gaps === 1 ? '' : 's'}${left === undefined ? '' : `, disk for ${clock(left)}`}`);
  }

  toggle() {
    this.paused = !this.paused;
    if (this.paused) this.recording.pause();
    else this.recording.resume();
  }

  stop() { this.recording.stop(); }

  /** Says what there is; gives what went wrong, or nothing. */
  conclude() {
    clearInterval(this.timer);
    this.line?.close();
    const { frames, bytes, gaps, lostFrames, pausedFrames, peaks, files, failure, lost } = this.recording.status();
    const names = files.length === 1 ? files[0] : `${files[0]} … ${basename(files.at(-1))} (${files.length} files)`;
    const missed = `${gaps} gap${gaps === 1 ? '' : 's'}${gaps ? ` of ${lostFrames} frames in all` : ''}`;
    console.log(`${names}: ${frames} frames, ${clock(frames / this.info.sampleRate)}, ${sizeText(bytes)}; ${missed}${pausedFrames ? `; ${pausedFrames} frames left out in pauses` : ''}; ` +
      `peak ${peaks.map(decibels).join(', ')} dB`);
    const trouble = failure || lost;
    return trouble && `the recording ended early: ${trouble}; what was recorded until then is in ${files.at(-1)}`;
  }
}

export async function run({ values }) {
  const format = formatOf(values);
  const path = values.output ?? datedName(format);
  const channels = numberOption(values, 'channels', { whole: true, most: kMostChannels });
  const seconds = numberOption(values, 'seconds', { most: kMostSeconds, unit: 'seconds' });
  const splitSeconds = durationOption(values, 'split');
  if (!settings.capture) throw new Failure('BACKLINE_CAPTURE forbids programs to record; unset it to allow them to');
  checkPlace(path, splitSeconds);
  const { addon } = openStage({ programName: 'record' });
  const input = await findInput(values.device, addon);
  const replace = await mayReplace(firstOf(path, splitSeconds), values.force);
  const endMonitor = values.monitor ? await monitor(input, channels) : undefined;
  let session, status = 0;
  process.on('SIGINT', () => session.stop());
  process.on('SIGHUP', () => { status = 129; session.stop(); });
  process.on('SIGTERM', () => { status = 143; session.stop(); });
  try {
    session = new Session({ device: input.id, channels, capacityFrames: ringFrames(input, channels), patience: kDevicePatience, path, format, replace, splitSeconds, seconds });
  } catch (error) {
    throw new Failure(advised(error.message));
  }
  const keys = process.stdin.isTTY && process.stdout.isTTY;
  if (keys) listen(session);
  process.stdout.on('error', () => {});   // whoever read us has enough; the recording goes on
  session.begin(keys);
  await session.over;
  await endMonitor?.();
  const trouble = session.conclude();
  if (trouble) process.stderr.write(`backline: ${trouble}\n`);
  process.exit(trouble ? 1 : status);
}

function listen(session) {
  process.stdin.setRawMode(true).resume().on('data', (typed) => {
    for (const key of String(typed)) {
      if (key === ' ') session.toggle();
      else if (/[q\u0003\u0004]/.test(key)) session.stop();
    }
  });
  process.on('exit', () => process.stdin.setRawMode(false));
}

/** What to do about a format that cannot have an input's rate or channels. */
function advised(message) {
  if (!/ takes .* not \d+ at \d+ Hz$/.test(message)) return message;
  return `${message}; nothing is resampled on its way into a file: wav takes every rate and number of channels, flac every rate of up to 8; --channels N mixes them down`;
}

// backline render: what a program builds, into a file, without a device. It is written while it is rendered, a chunk after the other.

import { constants } from 'node:os';
import { basename } from 'node:path';
import { soundFormat } from '../media/sound_format.js';
import { native } from '../native.js';
import { Failure, describe } from './failure.mjs';
import { numberOption } from './options.mjs';
import { findProgram, importProgram } from './program.mjs';
import { RenderLine } from './render_line.mjs';
import { openStage } from './stage.mjs';

export const help = `Usage: backline render PROGRAM -o FILE [options]

Calls the default export of PROGRAM with an OfflineAudioContext and writes what it renders, of any length.

  -o, --output FILE  where to; it appears when it is whole
  --format NAME      wav (32-bit floats, RF64 beyond 4 GB), flac (24 bits), ogg (Vorbis) or opus; otherwise as FILE's name ends
  --seconds N        how long (10)
  --rate HZ          sample rate (48000)
  --channels N       channels (2)
`;

export const positionals = ['PROGRAM'];
export const options = {
  output: { type: 'string', short: 'o' }, format: { type: 'string' }, seconds: { type: 'string' }, rate: { type: 'string' }, channels: { type: 'string' },
};

const kChunk = 1 << 16;   // frames

async function makeContext(length, sampleRate, numberOfChannels) {
  const { OfflineAudioContext } = await import('../index.js');
  try {
    return new OfflineAudioContext({ numberOfChannels, length, sampleRate });
  } catch (error) {
    throw new Failure(`cannot render ${length} frames of ${numberOfChannels} channels at ${sampleRate} Hz: ${error.message}`);
  }
}

/** Rejects with whatever is thrown where nobody waits for it. */
const accident = () => new Promise((_, fail) => process.on('uncaughtException', fail));

/** A file that takes what is rendered. Throws Failure naming it. */
function openFile(path, format, sampleRate, channels) {
  try {
    return new (native().SoundWriter)(path, format, sampleRate, channels);
  } catch (error) {
    throw new Failure(error.message);
  }
}

/** While a chunk is written the next one is rendered; none waits but these two. */
async function render(program, context, file, line) {
  await program.default(context);
  let writing;
  for (let rendered = 0; rendered < context.length;) {
    const chunk = await context.startRendering(kChunk);
    await writing;
    const channels = Array.from({ length: chunk.numberOfChannels }, (_, c) => chunk.getChannelData(c));
    writing = written(file.write(channels, chunk.length));
    rendered += chunk.length;
    line.show(rendered);
  }
  await writing;
  await written(file.finish());
}

function written(promise) {
  promise = promise.catch((error) => { throw new Failure(error.message); });
  promise.catch(() => {});   // it is waited for later
  return promise;
}

export async function run({ values, positionals: [name] }) {
  if (!values.output) throw new Failure('render: -o FILE is missing; see backline render --help');
  const seconds = numberOption(values, 'seconds', { unit: 'seconds' }) ?? 10;
  const sampleRate = numberOption(values, 'rate', { whole: true, unit: 'hertz' }) ?? 48000;
  const channels = numberOption(values, 'channels', { whole: true }) ?? 2;
  const path = findProgram(name);
  openStage();
  const program = await importProgram(path);
  if (typeof program.default !== 'function') {
    throw new Failure(`${name} exports no function as its default; render calls that with an OfflineAudioContext`);
  }
  const context = await makeContext(Math.round(seconds * sampleRate), sampleRate, channels);
  const line = new RenderLine(process.stderr, basename(path), context);
  let file;
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => {
      line.end();
      file?.discard();
      process.exit(128 + constants.signals[signal]);
    });
  }
  file = openFile(values.output, soundFormat(values.format, values.output), sampleRate, channels);
  try {
    await Promise.race([render(program, context, file, line), accident()]);
    line.end();
    console.log(`${values.output}: ${context.length} frames, ${channels} channels, ${sampleRate} Hz`);
  } catch (error) {
    line.end();
    const message = error instanceof Failure ? error.message : `${basename(path)} failed while it was rendered\n  ${describe(error)}`;
    process.stderr.write(`backline: ${message}\n`);
    process.exitCode = 1;
  } finally {
    file.discard();
  }
  process.exit();
}

// backline render: what a program builds, into a file, without a device.

import { basename } from 'node:path';
import { Failure, describe } from './failure.mjs';
import { numberOption } from './options.mjs';
import { findProgram, importProgram } from './program.mjs';
import { openStage } from './stage.mjs';
import { WavFile } from './wav.mjs';

export const help = `Usage: backline render PROGRAM -o FILE.wav [options]

Calls the default export of PROGRAM with an OfflineAudioContext and writes what it renders as 32-bit floats.

  -o, --output FILE.wav  where to
  --seconds N            how long (10)
  --rate HZ              sample rate (48000)
  --channels N           channels (2)
`;

export const positionals = ['PROGRAM'];
export const options = {
  output: { type: 'string', short: 'o' }, seconds: { type: 'string' }, rate: { type: 'string' }, channels: { type: 'string' },
};

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

async function render(program, context, output) {
  await program.default(context);
  await output.write(await context.startRendering());
}

export async function run({ values, positionals: [name] }) {
  if (!values.output) throw new Failure('render: -o FILE.wav is missing; see backline render --help');
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
  const output = await WavFile.create(values.output);
  try {
    await Promise.race([render(program, context, output), accident()]);
    console.log(`${values.output}: ${context.length} frames, ${channels} channels, ${sampleRate} Hz`);
  } catch (error) {
    const message = error instanceof Failure ? error.message : `${basename(path)} failed while it was rendered\n  ${describe(error)}`;
    process.stderr.write(`backline: ${message}\n`);
    process.exitCode = 1;
  } finally {
    await output.discard();
  }
  process.exit();
}

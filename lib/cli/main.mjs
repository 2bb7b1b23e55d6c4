#!/usr/bin/env node
// The `backline` command: finds the subcommand, runs it, turns failures into one message and exit status 1.

import { readFileSync } from 'node:fs';
import { Failure, describe } from './failure.mjs';
import { parseCommandLine } from './options.mjs';

const commands = ['play', 'record', 'render', 'repair', 'devices', 'doctor', 'top'];

const help = `Usage: backline <command> [options]

  play PROGRAM       run a Web Audio program and hear it; or play a sound file
  record             record an input into a file, for hours, and lose nothing
  render PROGRAM     render what it builds to a WAV file, as fast as possible
  repair FILE        mend a sound file that broke off when the machine did
  devices            list the devices sound can go to
  top                show what all running programs are doing
  doctor             check what this machine offers, and say what to do about what is missing

  backline <command> --help tells more; --version prints the version.
`;

const version = () => JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;

async function main(name, ...rest) {
  if (name === '--version' || name === '-v') return void console.log(version());
  if (name === '--help' || name === '-h' || name === 'help') return void process.stdout.write(help);
  if (name === undefined) throw new Failure(`no command given\n\n${help.trimEnd()}`);
  if (!commands.includes(name)) {
    throw new Failure(`unknown ${name.startsWith('-') ? 'option' : 'command'} "${name}"; commands are ${commands.join(', ')}`);
  }
  const command = await import(`./${name}.mjs`);
  const line = parseCommandLine(name, command, rest);
  if (line.values.help) return void process.stdout.write(command.help);
  if (line.values.version) return void console.log(version());
  await command.run(line);
}

try {
  await main(...process.argv.slice(2));
} catch (error) {
  process.stderr.write(`backline: ${error instanceof Failure ? error.message : describe(error)}\n`);
  process.exit(1);   // whatever the program has started ends with it
}

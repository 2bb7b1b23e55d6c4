// Command lines: what each command declares, checked. An option that may be given without a value, which is then '', is `bare`.

import { parseArgs } from 'node:util';
import { inspectAddress } from '../settings.js';
import { Failure } from './failure.mjs';

const isBare = ({ options }, arg) => arg.startsWith('--') && options[arg.slice(2)]?.bare === true;

/** Throws Failure naming the argument that is wrong. `command` has `options`, as parseArgs takes them, and `positionals`, their names. */
export function parseCommandLine(name, command, args) {
  const hint = `see backline ${name} --help`;
  let line;
  try {
    line = parseArgs({
      args: args.map((arg, i) => (isBare(command, arg) && !args.slice(0, i).includes('--') ? `${arg}=` : arg)),
      allowPositionals: true,
      options: { ...command.options, help: { type: 'boolean', short: 'h' }, version: { type: 'boolean' } },
      tokens: true,
    });
  } catch (error) {
    throw new Failure(`${name}: ${error.message.split('. ')[0]}; ${hint}`);
  }
  if (line.values.help || line.values.version) return line;
  const terminator = line.tokens.find((token) => token.kind === 'option-terminator')?.index ?? Infinity;
  const isRest = (token) => token.index > terminator;
  const rest = line.tokens.filter((token) => token.kind === 'positional' && isRest(token)).map((token) => token.value);
  const positionals = line.tokens.filter((token) => token.kind === 'positional' && !isRest(token)).map((token) => token.value);
  if (positionals.length < command.positionals.length) {
    throw new Failure(`${name}: ${command.positionals[positionals.length]} is missing; ${hint}`);
  }
  if (positionals.length > command.positionals.length) {
    throw new Failure(`${name}: "${positionals[command.positionals.length]}" is one argument too many; ${hint}`);
  }
  return { values: line.values, positionals, rest };
}

/** The address that --inspect names, as {host, port}. Throws Failure for one that cannot be. */
export function addressOption(text) {
  try {
    return inspectAddress(text);
  } catch (error) {
    throw new Failure(`--inspect: ${error.message}`);
  }
}

/** The number an option names, in (0, most]; undefined where the option is absent. `whole`: integers only. */
export function numberOption(values, name, { most = Infinity, whole = false, unit = '' } = {}) {
  const text = values[name];
  if (text === undefined) return undefined;
  const value = text.trim() === '' ? NaN : Number(text);
  if (Number.isFinite(value) && value > 0 && value <= most && (!whole || Number.isInteger(value))) return value;
  const kind = whole ? 'a whole number' : 'a number';
  const range = most === Infinity ? 'above 0' : `above 0 and at most ${most}`;
  throw new Failure(`--${name} must be ${kind}${unit && ` of ${unit}`} ${range}, not "${text}"`);
}

const kUnits = { s: 1, m: 60, h: 3600 };   // seconds

/** The seconds that an option names: 90, 90s, 15m, 1h, 1h30m; undefined where the option is absent. */
export function durationOption(values, name) {
  const text = values[name];
  if (text === undefined) return undefined;
  const parts = /^(?:\d+(?:\.\d+)?[smh]?)+$/.test(text) ? [...text.matchAll(/(\d+(?:\.\d+)?)([smh]?)/g)] : [];
  const seconds = parts.reduce((sum, [, number, unit]) => sum + Number(number) * kUnits[unit || 's'], 0);
  if (seconds > 0) return seconds;
  throw new Failure(`--${name} must be a time above 0, as 90s, 15m or 1h, not "${text}"`);
}

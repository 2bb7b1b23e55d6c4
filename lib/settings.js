// What the command line or the environment asks of the engine. It is read once, when the first thing is made.
import { realpathSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';

/// device: a device's name, 'virtual' or 'stepped'. input: the same for what is recorded. capture: whether programs may record. tap: a WAV file for what the device gets, at most tapSeconds of it.
/// workletBuffers: megabytes that a worklet's ArrayBuffers, and each of its WebAssembly memories, may take.
/// spareHost: whether a second render host stands by. hangLimit: seconds after which one that shows no life is replaced; 0: never.
/// inspect: {host, port} at which debuggers may look into worklets; undefined: none may.
/// programName: what `backline top` calls the program. logPerformance: a line a second a session on standard error.
export const settings = {
  device: process.env.BACKLINE_DEVICE || undefined,
  input: process.env.BACKLINE_INPUT || undefined,
  capture: process.env.BACKLINE_CAPTURE !== 'off',
  tap: process.env.BACKLINE_TAP || undefined,
  tapSeconds: undefined,
  programName: process.argv[1] ? basename(process.argv[1]) : undefined,
  workletBuffers: megabytes('BACKLINE_WORKLET_BUFFERS', 1024),
  spareHost: process.env.BACKLINE_SPARE !== 'off',
  hangLimit: seconds('BACKLINE_HANG_LIMIT', 2),
  inspect: process.env.BACKLINE_INSPECT === undefined ? undefined : inspectAddress(process.env.BACKLINE_INSPECT),
  logPerformance: (process.env.BACKLINE_LOG ?? '').split(',').includes('perf'),
};

function megabytes(name, initial) {
  const value = Number(process.env[name] || initial);
  if (Number.isInteger(value) && value >= 16 && value <= 65536) return value;
  throw new RangeError(`${name}: '${process.env[name]}' is no number of megabytes from 16 to 65536`);
}

function seconds(name, initial) {
  const value = Number(process.env[name] || initial);
  if (value >= 0 && value < 1e6) return value;
  throw new RangeError(`${name}: '${process.env[name]}' is no number of seconds from 0`);
}

/// The address that --inspect[=[HOST:]PORT] or BACKLINE_INSPECT names: {host, port}. Throws a RangeError for what is no port, and for a host other than
/// this machine's own: nobody else may come.
export function inspectAddress(text) {
  const match = /^(?:(?:\[([\da-f:]+)\]|([\w.-]+)):)?(\d{1,5})?$/i.exec(text);
  const host = match?.[1] ?? match?.[2] ?? '127.0.0.1';
  const port = Number(match?.[3] ?? 9229);
  if (!match || port > 65535) throw new RangeError(`'${text}' is no address to inspect worklets at: it has to be [HOST:]PORT`);
  if (!/^(localhost|127(\.\d+){3}|::1)$/.test(host)) throw new RangeError(`'${text}': worklets are inspected from this machine alone, at 127.0.0.1, ::1 or localhost`);
  return { host, port };
}

let baseURL;

/// The URL that worklet modules are relative to; `backline play` sets that of the program it runs.
export function setBaseURL(url) {
  baseURL = String(new URL(url));
}

/// The URL of the running program, or of the working directory where there is none (REPL, --eval).
export function getBaseURL() {
  return baseURL ??= programURL();
}

function programURL() {
  const directory = `${pathToFileURL(process.cwd())}/`;
  if (!process.argv[1]) return directory;
  try {
    const path = realpathSync(process.argv[1]);
    return statSync(path).isDirectory() ? `${pathToFileURL(path)}/` : String(pathToFileURL(path));
  } catch {
    return String(pathToFileURL(process.argv[1]));
  }
}

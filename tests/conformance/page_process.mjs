// Runs one page in a child process and reads what it found.

import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const kMain = fileURLToPath(new URL('./page/main.mjs', import.meta.url));
const kHarnessSeconds = { short: 10, long: 60 };  // testharness.js ends by itself after these
const kGraceSeconds = 15;
const kKeptOutput = 4000;

/**
 * Resolves to {subtests: [{name, status, message, needs}…], harness: {status, message, needs} | undefined, trouble, output}: trouble says how
 * the process ended where it did not complete, output is the end of what it wrote on standard error. `results` is a file for its use.
 */
export function runPage(url, { isLong, timeoutMultiplier, results, device }) {
  const descriptor = openSync(results, 'w');
  const child = spawn(process.execPath, ['--experimental-vm-modules', '--no-warnings', kMain, url, String(timeoutMultiplier)], {
    stdio: ['ignore', 'ignore', 'pipe', descriptor],
    env: { ...process.env, BACKLINE_DEVICE: device },
  });
  closeSync(descriptor);
  let output = '';
  child.stderr.setEncoding('utf8').on('data', (text) => { output = (output + text).slice(-kKeptOutput); });
  const limit = (isLong ? kHarnessSeconds.long : kHarnessSeconds.short) * timeoutMultiplier + kGraceSeconds;
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    child.kill('SIGKILL');
  }, limit * 1000);
  return new Promise((ended, fail) => {
    child.once('error', fail);
    child.once('exit', (status, signal) => {
      clearTimeout(timer);
      child.stderr.destroy();
      const lines = readFileSync(results, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line));
      const harness = lines.find((line) => line.harness)?.harness;
      const trouble = harness && !signal ? undefined
        : isLate ? `no end after ${limit} s` : `the process ended with ${signal ?? `status ${status}`}`;
      ended({ subtests: lines.filter((line) => !line.harness), harness, trouble, isLate, output: output.trimEnd() });
    });
  });
}

// backline doctor: what this machine offers, and what to do about what is missing.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { buildDirectory, loadAddon, root } from '../build.js';
import { headersOf, libraryVersions, limits, missingPackages, packageVersion, hostState } from './machine.mjs';
import { openStage } from './stage.mjs';

export const help = `Usage: backline doctor [--json]

Checks Node, the build, Debian's packages, the sound systems, real-time priorities and the walls around the render host, and says what to do about each thing
that is missing. Exit status 0 when Backline can play here, 1 when it cannot.

  --json  the findings as JSON
`;

export const positionals = [];
export const options = { json: { type: 'boolean' } };

const kLockedBytes = 64 * 2 ** 20;

/** A finding: `level` is "good", "poor" (plays, but not at its best) or "bad" (cannot play); `advice` says what to do. */
const finding = (what, level, detail, advice) => ({ what, level, detail, ...(level === 'good' ? {} : { advice }) });

function checkNode() {
  const headers = headersOf(process.execPath);
  const detail = `${process.version} at ${process.execPath}, ABI ${process.versions.modules}, V8 ${process.versions.v8}`;
  if (!headers) return finding('Node', 'poor', `${detail}; without headers`, 'it can run a build but not make one: start with ./run, which finds or installs a Node that can');
  return finding('Node', 'good', `${detail}; headers at ${headers}`);
}

function checkBuild() {
  const parts = ['backline.node', 'script.node'].map((name) => {
    try {
      loadAddon(name);
      return finding(name, 'good', `loads into this Node (ABI ${process.versions.modules})`);
    } catch (error) {
      return finding(name, 'bad', error.message, `run ./run in ${root}`);
    }
  });
  for (const name of ['backline-audio', 'backline-node', 'backline-decode']) {
    const helper = join(buildDirectory(), name);
    parts.push(existsSync(helper) ? finding(name, 'good', 'is built') : finding(name, 'bad', `there is no ${helper}`, `run ./run in ${root}`));
  }
  return parts;
}

async function checkInterfaces() {
  try {
    await import('../index.js');
    return finding('interfaces', 'good', 'are generated');
  } catch (error) {
    return finding('interfaces', 'bad', `cannot be loaded: ${error.message}`, `run ./run in ${root}`);
  }
}

function checkPackages() {
  const missing = missingPackages();
  if (!missing) return finding('packages', 'poor', 'this is no Debian: cannot tell', 'see setup/packages.txt for what is needed');
  if (!missing.length) return finding('packages', 'good', 'all of setup/packages.txt are installed');
  return finding('packages', 'poor', `missing: ${missing.join(' ')}`, `apt-get install --no-install-recommends ${missing.join(' ')}`);
}

async function checkSound() {
  let list;
  try {
    list = await stage().addon.devices();
  } catch (error) {
    return [finding('sound', 'bad', error.message, 'see the findings above')];
  }
  const outputs = list.devices.filter(({ input, backend }) => !input && backend !== 'virtual');
  // A backend that is not there says why and, after a semicolon, what to do.
  const backends = list.backends.map(({ name, available, detail }) => {
    const [reason, advice] = available ? [detail || 'is available'] : (detail || 'is not available').split(/; ?/);
    return finding(name, available ? 'good' : 'poor', reason, advice ?? `install or start ${name} to play through it`);
  });
  const usable = outputs.length
    ? finding('devices', 'good', outputs.map((device) => device.name).join(', '))
    : finding('devices', 'poor', 'there is none: everything plays on the virtual device, unheard', 'plug one in, or start the sound system that has it');
  return [...backends, usable];
}

/** What is in force in helpers that run: a silent context on the virtual device has them started. */
async function checkHelpers() {
  let context;
  try {
    const { addon } = stage();
    const { AudioContext } = await import('../index.js');
    context = new AudioContext();
    await context.resume();
    return stateOfHelpers(addon.status());
  } catch (error) {
    return [finding('render host', 'bad', error.message, 'see the findings above')];
  } finally {
    await context?.close();
  }
}

function stateOfHelpers({ renderPid }) {
  const { walled, threads } = hostState(renderPid);
  const priority = threads.get('render') ?? 0;
  return [
    priority > 0
      ? finding('real time', 'good', `the render thread runs under SCHED_FIFO, priority ${priority}`)
      : finding('real time', 'poor', 'the render thread is an ordinary one', 'see SCHED_FIFO'),
    walled
      ? finding('sandbox', 'good', 'the render host cannot open files or sockets, nor start processes')
      : finding('sandbox', 'poor', 'none stands around the render host: what a processor breaks into can do all that you can', process.env.BACKLINE_SANDBOX === 'off'
        ? 'unset BACKLINE_SANDBOX'
        : 'use a kernel with CONFIG_SECCOMP_FILTER, and a build without sanitizers'),
    process.env.BACKLINE_SPARE === 'off'
      ? finding('spare host', 'poor', 'none: where the render host dies, the sound waits until another has started', 'unset BACKLINE_SPARE')
      : finding('spare host', 'good', 'another render host stands by, from two seconds after a program begins to play'),
  ];
}

function checkPriorities() {
  const { realtimePriority, lockedBytes } = limits();
  const advice = 'as root write the two lines "@audio - rtprio 95" and "@audio - memlock unlimited" to '
    + '/etc/security/limits.d/95-backline.conf, add yourself to the group audio (adduser USER audio) and log in again';
  return [
    realtimePriority > 0
      ? finding('SCHED_FIFO', 'good', `up to priority ${realtimePriority}`)
      : finding('SCHED_FIFO', 'poor', 'not allowed: under load the sound may drop out', advice),
    lockedBytes >= kLockedBytes
      ? finding('memlock', 'good', lockedBytes === Infinity ? 'unlimited' : `${lockedBytes} bytes`)
      : finding('memlock', 'poor', `${lockedBytes} bytes: what is played may be swapped out`, advice),
  ];
}

let opened;
const stage = () => opened ??= openStage({ device: 'virtual' });

const marks = { good: 'ok  ', poor: 'poor', bad: 'BAD ' };

export async function run({ values }) {
  const findings = [
    checkNode(), ...checkBuild(), await checkInterfaces(), checkPackages(), ...await checkSound(), ...checkPriorities(), ...await checkHelpers(),
  ];
  const versions = { backline: packageVersion(), node: process.version, v8: process.versions.v8, ...libraryVersions() };
  const canPlay = !findings.some(({ level }) => level === 'bad');
  if (values.json) {
    console.log(JSON.stringify({ canPlay, findings, versions }, null, 2));
  } else {
    for (const { what, level, detail, advice } of findings) {
      console.log(`${marks[level]}  ${what}: ${detail}${advice ? `\n      → ${advice}` : ''}`);
    }
    console.log(`versions: ${Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(', ')}`);
    console.log(canPlay ? 'Backline can play here.' : 'Backline cannot play here yet.');
  }
  process.exitCode = canPlay ? 0 : 1;
}

// What can be read about this machine without the engine.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from '../build.js';

const kFifo = 1;  // sched(7)
const kCapabilityIpcLock = 14, kCapabilitySysNice = 23;  // capabilities(7)
const kLibraries = { cubeb: 'libcubeb0*', capnproto: 'libcapnp-[0-9]*', ffmpeg: 'libavcodec[0-9]*' };

export const packageVersion = () => JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;

/** The directory of the headers beside a Node binary, if there are any. */
export function headersOf(binary) {
  const directory = join(dirname(dirname(realpathSync(binary))), 'include', 'node');
  return existsSync(join(directory, 'node.h')) ? directory : undefined;
}

/** The Debian packages of setup/packages.txt that are not installed; undefined where this is no Debian. */
export function missingPackages() {
  const script = 'set -eu; root=$1; . "$root/setup/packages.sh"; command -v dpkg-query >/dev/null; missingPackages build play test';
  const { status, stdout } = spawnSync('bash', ['-c', script, 'bash', root], { encoding: 'utf8' });
  return status === 0 ? stdout.split('\n').filter(Boolean) : undefined;
}

/** The installed versions of the libraries that sound depends on, as Debian names them; those it does not know are absent. */
export function libraryVersions() {
  const found = {};
  for (const [name, pattern] of Object.entries(kLibraries)) {
    const { stdout } = spawnSync('dpkg-query', ['-W', '-f', '${db:Status-Status} ${Version}\n', pattern], { encoding: 'utf8' });
    const version = /^installed (\S+)/m.exec(stdout ?? '')?.[1];
    if (version) found[name] = version;
  }
  return found;
}

/** What this user may ask of the scheduler and of memory: the highest SCHED_FIFO priority (0: none) and bytes that may be locked. */
export function limits() {
  const text = readFileSync('/proc/self/limits', 'utf8');
  const soft = (name) => {
    const value = new RegExp(`^${name} +(\\S+)`, 'm').exec(text)?.[1];
    return value === 'unlimited' ? Infinity : Number(value ?? 0);
  };
  const capabilities = BigInt(`0x${/^CapEff:\s*(\w+)/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]}`);
  const has = (bit) => (capabilities >> BigInt(bit)) & 1n;
  return {
    realtimePriority: has(kCapabilitySysNice) ? 99 : Math.min(99, soft('Max realtime priority')),
    lockedBytes: has(kCapabilityIpcLock) ? Infinity : soft('Max locked memory'),
  };
}

const filtersOf = (pid) => Number(/^Seccomp_filters:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
const kNodesFilters = 1;   // that which a render host is started with (backline-node) is no wall

/** What the kernel says of a running render host: behind walls of its own or not, and the SCHED_FIFO priority of each thread (0: none), by name. */
export function hostState(pid) {
  const state = { walled: filtersOf(pid) > filtersOf('self') + kNodesFilters, threads: new Map() };
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    const [, name, rest] = /^\d+ \((.*)\) (.*)$/s.exec(readFileSync(`/proc/${pid}/task/${task}/stat`, 'utf8'));
    const fields = rest.split(' ');   // from the third on: proc(5)
    const [priority, policy] = [Number(fields[37]), Number(fields[38])];
    state.threads.set(name, policy === kFifo ? priority : 0);
  }
  return state;
}

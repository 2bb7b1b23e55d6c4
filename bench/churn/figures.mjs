// What a process holds, from /proc.
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

const kKilobyte = 1024;

/** Memory in bytes and counts of a process: see kNames. */
export function figuresOf(pid) {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const bytes = (name) => Number(new RegExp(`^${name}: +(\\d+)`, 'm').exec(rollup)[1]) * kKilobyte;
  const descriptors = readdirSync(`/proc/${pid}/fd`);
  return {
    resident: bytes('Rss'),
    proportional: bytes('Pss'),
    own: bytes('Private_Clean') + bytes('Private_Dirty'),
    reserved: Number(/^VmSize:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * kKilobyte,
    descriptors: descriptors.length,
    memfds: descriptors.filter((fd) => target(pid, fd).startsWith('/memfd:')).length,
    threads: readdirSync(`/proc/${pid}/task`).length,
    mappings: readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n').length - 1,
  };
}

function target(pid, fd) {
  try {
    return readlinkSync(`/proc/${pid}/fd/${fd}`);
  } catch {
    return '';   // closed meanwhile
  }
}

const megabytes = (bytes) => `${(bytes / 2 ** 20).toFixed(1)} MB`;

/** For people. */
export const shown = ({ resident, proportional, own, descriptors, memfds, threads, mappings }) =>
  `${megabytes(own)} own, ${megabytes(proportional)} PSS, ${megabytes(resident)} RSS, ${descriptors} fds (${memfds} memfds), ${threads} threads, ${mappings} mappings`;

// How a command comes to its end: everything closed, the helpers gone.

import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const kPatience = 3000;  // milliseconds a helper may take; a dead one never answers

/** What the promise gives, or undefined if it fails or takes longer than a helper may. */
export async function patiently(promise) {
  const timer = new AbortController();
  const limit = sleep(kPatience, undefined, { signal: timer.signal }).catch(() => {});
  try {
    return await Promise.race([promise, limit]);
  } catch {
    return undefined;
  } finally {
    timer.abort();
  }
}

/** Closes every context that is still open. */
export async function closeContexts(contexts) {
  await patiently(Promise.allSettled(contexts.filter((context) => context.state !== 'closed').map((context) => context.close())));
}

function lives(pid) {
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** Waits until these processes have ended. */
export async function waitForEnd(pids) {
  const start = performance.now();
  while ([...pids].some(lives) && performance.now() - start < kPatience) await sleep(5);
}

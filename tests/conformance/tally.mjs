// What the results of one page come to.

import { readFileSync } from 'node:fs';

// Failures that are as they should be, and why: [{path, subtests: a regular expression, because}…].
const kKnown = JSON.parse(readFileSync(new URL('./known.json', import.meta.url), 'utf8'));

const kPassed = 0, kTimedOut = 2, kNotRun = 3;              // of a subtest
const kHarnessOk = 0, kHarnessTimeout = 2, kOptionalMissing = 3;   // of the page

/**
 * Counts: passed; failed; timedOut, with those never run because of it; needed: failures after the page used what is not implemented
 * yet, named in `needs`; known: failures that known.json explains. `failures` has {name, message} of the failed and the timed out;
 * `outlived` is an entry of known.json after which nothing failed.
 */
export function tally(path, { subtests, harness, trouble, isLate }) {
  const known = kKnown.find((entry) => path.endsWith(entry.path));
  const counts = { passed: 0, failed: 0, timedOut: 0, needed: 0, known: 0, needs: new Set(), failures: [],
    isKnown: (name) => known !== undefined && new RegExp(known.subtests).test(name) };
  const isSummary = ({ name, status }) => status !== kPassed && name.startsWith('# AUDIT TASK RUNNER');  // another has failed
  for (const each of subtests.filter((each) => !isSummary(each))) count(counts, each);
  for (const each of subtests.filter(isSummary)) {
    if (counts.failed + counts.timedOut + counts.needed === 0 && counts.known) counts.known++;
    else count(counts, { ...each, needs: counts.failed + counts.timedOut > 0 ? [] : [...counts.needs] });
  }
  if (trouble) {
    count(counts, { name: '(process)', status: isLate ? kTimedOut : 1, message: trouble, needs: [] });
  } else if (harness.status === kHarnessTimeout && counts.timedOut === 0) {
    count(counts, { name: '(page)', status: kTimedOut, message: harness.message, needs: [...harness.needs, ...counts.needs] });
  } else if (![kHarnessOk, kHarnessTimeout, kOptionalMissing].includes(harness.status)) {
    count(counts, { name: '(page)', status: 1, message: harness.message, needs: [...harness.needs, ...counts.needs] });
  }
  const { isKnown, ...result } = counts;
  return { ...result, needs: [...counts.needs], outlived: known && !counts.known ? known : undefined };
}

function count(counts, { name, status, message, needs }) {
  if (status === kPassed) {
    counts.passed++;
  } else if (needs.length) {
    counts.needed++;
    for (const need of needs) counts.needs.add(need);
  } else if (counts.isKnown(name)) {
    counts.known++;
  } else {
    const isTimeout = status === kTimedOut || status === kNotRun;
    counts[isTimeout ? 'timedOut' : 'failed']++;
    counts.failures.push({ name, message: message ?? (status === kNotRun ? 'not run' : 'timed out') });
  }
}

/** Adds counts up; of a list of tallies. */
export function total(tallies) {
  const sum = { files: tallies.length, passed: 0, failed: 0, timedOut: 0, needed: 0, known: 0 };
  for (const each of tallies) for (const key of ['passed', 'failed', 'timedOut', 'needed', 'known']) sum[key] += each[key];
  return sum;
}

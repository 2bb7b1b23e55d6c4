// What the results of one page come to.

const kPassed = 0, kTimedOut = 2, kNotRun = 3;              // of a subtest
const kHarnessOk = 0, kHarnessTimeout = 2, kOptionalMissing = 3;   // of the page

/**
 * Counts: passed; failed; timedOut, with those never run because of it; needed: failures after the page used what is not implemented
 * yet, named in `needs`. `failures` has {name, message} of the failed and the timed out.
 */
export function tally({ subtests, harness, trouble, isLate }) {
  const counts = { passed: 0, failed: 0, timedOut: 0, needed: 0, needs: new Set(), failures: [] };
  const isSummary = ({ name }) => name.startsWith('# AUDIT TASK RUNNER');  // fails because another did
  for (const each of subtests.filter((each) => !isSummary(each))) count(counts, each);
  for (const each of subtests.filter(isSummary)) {
    const needs = counts.failed + counts.timedOut > 0 ? [] : [...counts.needs];
    count(counts, { ...each, needs });
  }
  if (trouble) {
    count(counts, { name: '(process)', status: isLate ? kTimedOut : 1, message: trouble, needs: [] });
  } else if (harness.status === kHarnessTimeout && counts.timedOut === 0) {
    count(counts, { name: '(page)', status: kTimedOut, message: harness.message, needs: [...harness.needs, ...counts.needs] });
  } else if (![kHarnessOk, kHarnessTimeout, kOptionalMissing].includes(harness.status)) {
    count(counts, { name: '(page)', status: 1, message: harness.message, needs: [...harness.needs, ...counts.needs] });
  }
  return { ...counts, needs: [...counts.needs] };
}

function count(counts, { name, status, message, needs }) {
  if (status === kPassed) {
    counts.passed++;
  } else if (needs.length) {
    counts.needed++;
    for (const need of needs) counts.needs.add(need);
  } else {
    const isTimeout = status === kTimedOut || status === kNotRun;
    counts[isTimeout ? 'timedOut' : 'failed']++;
    counts.failures.push({ name, message: message ?? (status === kNotRun ? 'not run' : 'timed out') });
  }
}

/** Adds counts up; of a list of tallies. */
export function total(tallies) {
  const sum = { files: tallies.length, passed: 0, failed: 0, timedOut: 0, needed: 0 };
  for (const each of tallies) for (const key of ['passed', 'failed', 'timedOut', 'needed']) sum[key] += each[key];
  return sum;
}

// What the results of one page come to.

import { readFileSync } from 'node:fs';

// Failures that are as they should be, and why: [{path, subtests: a regular expression, because}…].
const kKnown = JSON.parse(readFileSync(new URL('./known.json', import.meta.url), 'utf8'));
const kPassed = 0, kFailed = 1, kTimedOut = 2, kNotRun = 3;         // of a subtest
const kHarnessOk = 0, kHarnessTimeout = 2, kOptionalMissing = 3;   // of the page
const kCounts = ['passed', 'failed', 'timedOut', 'known', 'needed'];

class Tally {
  passed = 0;
  failed = 0;
  timedOut = 0;     // with those never run because of it
  known = 0;        // failures that known.json explains
  needed = 0;       // failures after the page used what is not implemented yet
  needs = [];       // what that is
  failures = [];    // {name, message} of the failed and the timed out
  outlived;         // the entry of known.json after which nothing failed
  #known;

  constructor(known) { this.#known = known; }

  count({ name, status, message, needs }) {
    if (status === kPassed) {
      this.passed++;
    } else if (needs.length) {
      this.needed++;
      this.needs = [...new Set([...this.needs, ...needs])];
    } else if (this.#known && new RegExp(this.#known.subtests).test(name)) {
      this.known++;
    } else {
      this[status === kFailed ? 'failed' : 'timedOut']++;
      this.failures.push({ name, message: message ?? (status === kNotRun ? 'not run' : 'timed out') });
    }
  }

  // It fails because a subtest has failed, and for the same reason.
  countSummary(subtest) {
    if (this.failed + this.timedOut > 0) this.count(subtest);
    else if (this.needed) this.count({ ...subtest, needs: this.needs });
    else this.known++;
  }

  countPage({ harness, trouble, isLate }) {
    const page = (status) => this.count({ name: '(page)', status, message: harness.message, needs: [...harness.needs, ...this.needs] });
    if (trouble) this.count({ name: '(process)', status: isLate ? kTimedOut : kFailed, message: trouble, needs: [] });
    else if (harness.status === kHarnessTimeout && !this.timedOut) page(kTimedOut);
    else if (![kHarnessOk, kHarnessTimeout, kOptionalMissing].includes(harness.status)) page(kFailed);
  }

  finish() {
    if (this.#known && !this.known && !this.needed) this.outlived = this.#known;
    return this;
  }
}

/** Counts what a page gave. */
export function tally(path, found) {
  const counts = new Tally(kKnown.find((entry) => path.endsWith(entry.path)));
  const isSummary = ({ name, status }) => status !== kPassed && name.startsWith('# AUDIT TASK RUNNER');
  for (const subtest of found.subtests.filter((each) => !isSummary(each))) counts.count(subtest);
  for (const subtest of found.subtests.filter(isSummary)) counts.countSummary(subtest);
  counts.countPage(found);
  return counts.finish();
}

/** Adds counts up; of a list of tallies. */
export function total(tallies) {
  const sum = { files: tallies.length };
  for (const key of kCounts) sum[key] = tallies.reduce((before, each) => before + each[key], 0);
  return sum;
}

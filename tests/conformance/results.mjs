// The committed list of what every page of the tests came to, and how a run compares with it.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const kList = new URL('./results.json', import.meta.url);
const kLeftOut = JSON.parse(readFileSync(new URL('./left_out.json', import.meta.url), 'utf8'));   // [{path, because: it needs}…]
const kPassed = 0;
const kHarnessOk = [0, 3];   // testharness.js: OK, and an optional feature missing
const kNameLength = 100;

/** What a page came to, as it stands in the list: {passed, of, whole, failing: names}. */
export function resultOf({ subtests, harness, trouble }) {
  const failing = subtests.filter(({ status }) => status !== kPassed).map(({ name }) => name.slice(0, kNameLength));
  if (trouble || !kHarnessOk.includes(harness?.status)) failing.push('(page)');
  const passed = subtests.filter(({ status }) => status === kPassed).length;
  return { passed, of: subtests.length, whole: failing.length === 0 && passed > 0, failing };
}

/** A line in the terms in which browsers are compared: pages that need frames or a second origin are left out. */
export function describeWhole(pages) {
  const counted = pages.filter(({ path }) => !kLeftOut.some((each) => path.endsWith(each.path))).map(resultOf);
  const sum = (pick) => counted.reduce((total, result) => total + pick(result), 0);
  const left = pages.length - counted.length;
  return `${sum(({ whole }) => Number(whole))} files whole of ${counted.length}, subtests ${sum(({ passed }) => passed)} of ${sum(({ of }) => of)}` +
    (left ? ` (${left} files that need frames or a second origin left out)` : '');
}

/** The committed list, path → result; undefined where there is none. */
export const readList = () => (existsSync(kList) ? new Map(Object.entries(JSON.parse(readFileSync(kList, 'utf8')))) : undefined);

/** Writes the results of the pages over those in the list; pages that did not run stay. */
export function updateList(pages) {
  const list = readList() ?? new Map();
  for (const page of pages) {
    const { failing, ...counts } = resultOf(page);
    list.set(page.path, failing.length ? { ...counts, failing } : counts);
  }
  const lines = [...list].sort(([a], [b]) => (a < b ? -1 : 1)).map(([path, result]) => `${JSON.stringify(path)}: ${JSON.stringify(result)}`);
  writeFileSync(kList, `{\n${lines.join(',\n')}\n}\n`);
}

/** {regressed, news}: lines about pages that came to less, and to more or other, than in the list. */
export function compareWithList(pages, list) {
  const regressed = [], news = [];
  for (const page of pages) {
    const now = resultOf(page), before = list.get(page.path);
    const { path } = page;
    if (!before) {
      news.push(`${path} is not in the list: ${now.passed} of ${now.of} passed`);
      continue;
    }
    const lost = now.failing.filter((name) => !before.failing?.includes(name));
    if ((before.whole && !now.whole) || now.passed < before.passed) {
      regressed.push(`${path}: ${now.passed} of ${now.of} passed, in the list ${before.passed} of ${before.of}`, ...lost.map((name) => `    ${name}`));
    } else if (now.whole !== before.whole || now.passed > before.passed) {
      news.push(`${path}: ${now.passed} of ${now.of} passed${now.whole ? ', whole' : ''}, in the list ${before.passed} of ${before.of}`);
    }
  }
  return { regressed, news };
}

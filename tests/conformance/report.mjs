// The runner's output.

import { dirname } from 'node:path';
import { total } from './tally.mjs';

const kMessageLines = 12;
const short = (folder) => folder.replace(/^webaudio\/?/, '').replace(/^the-audio-api\//, '') || '.';

/** One line for a page; with its failing subtests and what the page said on standard error, if asked. */
export function describePage({ path, tally, output }, listFailures) {
  const parts = [`${tally.passed} passed`, `${tally.failed} failed`];
  if (tally.timedOut) parts.push(`${tally.timedOut} timed out`);
  if (tally.needed) parts.push(`${tally.needed} need ${tally.needs.join(', ')}`);
  if (tally.known) parts.push(`${tally.known} known`);
  const mark = tally.failed + tally.timedOut ? 'FAIL' : tally.needed ? 'need' : 'ok  ';
  const lines = [`${mark} ${path}: ${parts.join(', ')}`];
  for (const { name, message } of listFailures ? tally.failures : []) {
    lines.push(`       ${name}`, ...String(message).split('\n').slice(0, kMessageLines).map((line) => `         ${line}`));
  }
  if (listFailures && tally.failures.length && output) lines.push(...output.split('\n').map((line) => `       | ${line}`));
  if (tally.outlived) lines.push(`       known.json is out of date, nothing of this fails any more: ${tally.outlived.because}`);
  return lines.join('\n');
}

/** The table by folder; pages: [{path, tally}…]. */
export function describeFolders(pages) {
  const folders = group(pages);
  const rows = [['folder', 'files', 'passed', 'failed', 'timed out', 'known', 'need more', 'of what is there']];
  for (const [folder, own] of folders) rows.push(row(folder, total(own.map(({ tally }) => tally))));
  rows.push(row('all', total(pages.map(({ tally }) => tally))));
  const widths = rows[0].map((_, column) => Math.max(...rows.map((cells) => cells[column].length)));
  return rows.map((cells) => cells.map((cell, column) => (column ? cell.padStart(widths[column]) : cell.padEnd(widths[0]))).join('  '))
    .join('\n');
}

function group(pages) {
  const groups = new Map();
  for (const page of pages) {
    const folder = short(dirname(page.path));
    if (!groups.has(folder)) groups.set(folder, []);
    groups.get(folder).push(page);
  }
  return groups;
}

function row(name, { files, passed, failed, timedOut, known, needed }) {
  const there = passed + failed + timedOut + known;
  const rate = there ? `${(100 * passed / there).toFixed(1)} %` : '-';
  return [name, files, passed, failed, timedOut, known, needed, rate].map(String);
}

// Which files of a tree of web-platform-tests are tests, and what page a script that is a test stands for.
// https://web-platform-tests.org/writing-tests/file-names.html and …/testharness.html

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const kFolder = 'webaudio';
const kScript = /\.(any|window)\.js$/;
const kSupport = /(^|\/)(resources|js|processors|support|tools)\//;

/** The tests below webaudio/ as {path, isLong}, in order of their paths; with filters, those whose path contains one of them. */
export function findTests(tree, filters = []) {
  return readdirSync(join(tree, kFolder), { recursive: true })
    .map((name) => `${kFolder}/${name}`)
    .filter((path) => (path.endsWith('.html') || kScript.test(path)) && !kSupport.test(path))
    .filter((path) => filters.length === 0 || filters.some((filter) => path.includes(filter)))
    .sort()
    .map((path) => ({ path, isLong: isLong(readFileSync(join(tree, path), 'utf8')) }))
    .filter(({ isLong }) => isLong !== undefined);
}

// undefined where it is no test of testharness.js: a reference, a crash test or a part of another page.
function isLong(text) {
  if (text.includes('<') && /<html|<!doctype/i.test(text) && !text.includes('testharness.js')) return undefined;
  return /<meta name=["']?timeout["']? content=["']?long/i.test(text) || /^\/\/ META: timeout=long/m.test(text);
}

/** The page for a path where the tree has none: X.any.html and X.window.html stand for X.any.js and X.window.js. */
export function generatedPage(tree, path) {
  const script = path.replace(/\.html$/, '.js');
  if (!kScript.test(script)) return undefined;
  let text;
  try {
    text = readFileSync(join(tree, script), 'utf8');
  } catch {
    return undefined;
  }
  const meta = [...text.matchAll(/^\/\/ META: (\w+)=(.*)$/gm)].map(([, key, value]) => [key, value.trim()]);
  const scripts = ['/resources/testharness.js', '/resources/testharnessreport.js',
    ...meta.filter(([key]) => key === 'script').map(([, value]) => value), `/${script}`];
  const isLongTest = meta.some(([key, value]) => key === 'timeout' && value === 'long');
  return `<!doctype html><meta charset=utf-8>${isLongTest ? '<meta name=timeout content=long>' : ''}<div id=log></div>\n` +
    scripts.map((source) => `<script src="${source}"></script>\n`).join('');
}

/** The path of the page that a browser would load for a test. */
export const pageOf = (path) => path.replace(/\.js$/, '.html');

// The house: includes point down the list of rooms, files stay small, nothing on the render side reaches for what it may not have.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');

// docs/architecture.md, top to bottom. Rooms on one line do not know each other.
const floors = [
  ['node'], ['media'], ['control'], ['session'], ['host', 'audioserver'], ['ipc'], ['script'], ['render'], ['dsp'], ['transport'],
];

function files(folder, pattern) {
  const found = [];
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) found.push(...files(path, pattern));
    else if (pattern.test(name)) found.push(path);
  }
  return found;
}

const sources = files(join(root, 'src'), /\.(h|cc)$/);
const floorOf = (room) => floors.findIndex((rooms) => rooms.includes(room));

test('includes point down the list of rooms only', () => {
  const upward = [];
  for (const path of sources) {
    const room = relative(join(root, 'src'), path).split('/')[0];
    assert.notEqual(floorOf(room), -1, `src/${room} is not in the list of rooms`);
    for (const [, included] of readFileSync(path, 'utf8').matchAll(/^#include "([a-z]+)\//gm)) {
      if (included === room || floorOf(included) === -1) continue;
      if (floorOf(included) <= floorOf(room)) upward.push(`${relative(root, path)} includes ${included}/`);
    }
  }
  assert.deepEqual(upward, []);
});

test('render, dsp and transport know nothing of V8, Node or the control plane', () => {
  const offenders = [];
  for (const room of ['render', 'dsp', 'transport']) {
    for (const path of files(join(root, 'src', room), /\.(h|cc)$/)) {
      if (/#include <(v8|node|kj|capnp|napi)/.test(readFileSync(path, 'utf8'))) offenders.push(relative(root, path));
    }
  }
  assert.deepEqual(offenders, []);
});

test('no file is written by hand over 800 lines, and the median is under 150', () => {
  const written = [...sources, ...files(join(root, 'lib'), /\.m?js$/).filter((path) => !path.includes('generated'))];
  const lines = written.map((path) => [readFileSync(path, 'utf8').split('\n').length, relative(root, path)]).sort((a, b) => a[0] - b[0]);
  assert.deepEqual(lines.filter(([count]) => count > 800), []);
  assert.ok(lines[lines.length >> 1][0] < 150, `the median file has ${lines[lines.length >> 1][0]} lines`);
  assert.ok(lines[Math.floor(lines.length * 0.9)][0] < 400, `one file in ten is longer than ${lines[Math.floor(lines.length * 0.9)][0]} lines`);
});

test('every layout of shared memory has a page in docs/formats', () => {
  const pages = files(join(root, 'docs/formats'), /\.md$/).map((path) => readFileSync(path, 'utf8')).join('\n');
  for (const header of ['ring_layout.h', 'block_layout.h', 'page_layout.h', 'pipe_layout.h', 'records.h', 'pages.h'])
    assert.ok(pages.includes(header), `no page in docs/formats names ${header}`);
});

// bench/compare: every case runs on Backline, and its instruments measure.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { cases } from '../../../bench/compare/cases/render.mjs';
import { openChromium } from '../../../bench/compare/chromium.mjs';
import { differenceInDecibels, peakInDecibels } from '../../../bench/compare/difference.mjs';
import * as backline from '../../../lib/index.js';

const main = fileURLToPath(new URL('../../../bench/compare/main.mjs', import.meta.url));
const compare = (...args) => promisify(execFile)(process.execPath, [main, '--engine', 'backline', ...args]);

test('every case builds, renders and sounds', async () => {
  const { stdout } = await compare('--seconds', '0.1', '--rounds', '1', '--check', '--json');
  const { cases: measured } = JSON.parse(stdout);
  assert.equal(measured.length, cases.length);
  for (const { name, results, sound } of measured) {
    const needs = cases.find((one) => one.name === name).needs ?? [];
    if (needs.some((type) => !backline[type])) {
      assert.match(results.backline.nothing, /^no [A-Z]/, name);
      continue;
    }
    assert.ok(results.backline.ms > 0, `${name}: ${JSON.stringify(results.backline)}`);
    assert.ok(sound.peak > -60 && sound.peak < 20, `${name} peaks at ${sound.peak} dB`);
  }
});

test('the table has a line for each case that was asked for', async () => {
  const { stdout } = await compare('--seconds', '0.01', '--rounds', '1', '--case', 'delays');
  assert.match(stdout, /^backline \d+\.\d+\.\d+$/m);
  assert.deepEqual(stdout.match(/^\| .*delays.* \|$/gm).map((line) => line.split('|')[1].trim()), ['16 delays with feedback', '16 modulated delays']);
});

test('a case or an engine that does not exist is said', async () => {
  await assert.rejects(compare('--case', 'theremin'), /no case has "theremin" in its name; --list shows them/);
  await assert.rejects(compare('--engine', 'netscape'), /no engine netscape: backline, node-web-audio-api, chromium/);
});

test('a Chromium that is not there is named, and how to get one', async () => {
  await assert.rejects(openChromium({ executable: '/nowhere/chromium' }), /no Chromium at \/nowhere\/chromium: apt-get install/);
});

test('differences are in dB of full scale; NaN and other shapes are no agreement', () => {
  const at = (...samples) => [Float32Array.from(samples)];
  assert.equal(differenceInDecibels(at(0, 1), at(0, 1)), -Infinity);
  assert.ok(Math.abs(differenceInDecibels(at(0.5, 0.25), at(0.5, 0.375)) + 18.06) < 0.01);
  assert.ok(Number.isNaN(differenceInDecibels(at(0, NaN, 0), at(0, 0, 0))));
  assert.ok(Number.isNaN(differenceInDecibels(at(0, 1), at(0, 1, 0))));
  assert.ok(Math.abs(peakInDecibels(at(0, -10)) - 20) < 1e-6);
});

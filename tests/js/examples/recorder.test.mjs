// examples/recorder: the recorder that every tutorial has, on a page and in Node.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { chromium } from 'playwright-core';

import { kExecutable } from '../../../bench/compare/chromium.mjs';
import { root, temporaryDirectory, readWav } from '../cli/support.mjs';

/** The page of the example in a headless Chromium whose microphone beeps. */
async function openPage(t) {
  const server = spawn(process.execPath, [join(root, 'examples/recorder/serve.mjs'), '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => { server.kill(); });
  const [line] = await once(server.stdout.setEncoding('utf8'), 'data');
  const browser = await chromium.launch({
    executablePath: kExecutable,
    args: ['--no-sandbox', '--disable-gpu', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', '--autoplay-policy=no-user-gesture-required'],
  });
  t.after(() => browser.close());
  const page = await browser.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(error));
  page.on('console', (message) => { if (message.type() === 'error') errors.push(message.text()); });
  await page.goto(line.trim());
  return { page, errors };
}

test('on a page it starts, shows a level, stops, and gives a WAV file to download', async (t) => {
  const { page, errors } = await openPage(t);
  await page.click('#record');
  await page.waitForFunction(() => document.querySelector('#record').textContent === 'Stop');
  await page.waitForFunction(() => document.querySelector('#level').value > 0.1);
  await page.click('#record');
  await page.waitForSelector('#takes a');
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('#takes a')]);
  assert.equal(download.suggestedFilename(), 'take-1.wav');
  const path = join(temporaryDirectory(t), 'take.wav');
  await download.saveAs(path);
  const { channels, frames, data: [samples] } = readWav(path);
  assert.equal(channels, 1);
  assert.ok(frames > 0 && frames % 128 === 0, `${frames} frames`);
  assert.ok(samples.some((sample) => Math.abs(sample) > 0.1), 'the beep is not in it');
  assert.equal(await page.textContent('#record'), 'Record');
  assert.equal(await page.$eval('#level', ({ value }) => value), 0);
  assert.deepEqual(errors, []);
});

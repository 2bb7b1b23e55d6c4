// backline/polyfill: what of a page is there.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';

import '../../../lib/polyfill.js';
import { setBaseURL } from '../../../lib/settings.js';
import { soundFolder } from '../support/sounds.mjs';

test('the globals of a page are there, and Node keeps its own', () => {
  assert.equal(window, globalThis);
  assert.equal(self, globalThis);
  assert.equal(isSecureContext, true);
  assert.equal(location.protocol, 'file:');
  for (const name of ['userAgent', 'appVersion', 'vendor', 'platform', 'language']) assert.equal(typeof navigator[name], 'string', name);
  assert.equal(typeof navigator.mediaDevices.getUserMedia, 'function');
  assert.equal(document.visibilityState, 'visible');
  assert.ok(document.createElement('audio') instanceof HTMLMediaElement);
  assert.throws(() => document.createElement('canvas'), { name: 'NotSupportedError', message: /canvas/ });
  for (const name of ['AudioContext', 'AudioWorkletNode', 'Audio', 'XMLHttpRequest']) assert.equal(typeof window[name], 'function', name);
  let heard = 0;
  const listener = () => { heard++; };
  addEventListener('resize', listener);
  dispatchEvent(new Event('resize'));
  removeEventListener('resize', listener);
  dispatchEvent(new Event('resize'));
  assert.equal(heard, 1);
});

test('what a program has defined before is left alone', () => {
  const polyfill = new URL('../../../lib/polyfill.js', import.meta.url).href;
  const program = `globalThis.document = 'mine'; await import('${polyfill}'); process.stdout.write(document)`;
  assert.equal(execFileSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' }), 'mine');
});

test('frames come with the time, can be cancelled, and hold no program', async () => {
  const order = [];
  const cancelled = requestAnimationFrame(() => order.push('cancelled'));
  const hold = setTimeout(() => {}, 10_000);
  const time = await new Promise((resolve) => {
    requestAnimationFrame((now) => {
      order.push(1);
      cancelAnimationFrame(later);
      requestAnimationFrame(resolve);
      assert.ok(now <= performance.now());
    });
    const later = requestAnimationFrame(() => order.push('cancelled in the same frame'));
    cancelAnimationFrame(cancelled);
  });
  clearTimeout(hold);
  assert.deepEqual(order, [1]);
  assert.ok(time <= performance.now());
  assert.throws(() => requestAnimationFrame(null), TypeError);
  const polyfill = new URL('../../../lib/polyfill.js', import.meta.url).href;
  execFileSync(process.execPath, ['--input-type=module', '--eval', `await import('${polyfill}'); (function show() { requestAnimationFrame(show); })()`], { timeout: 20_000 });
});

test('fetch and XMLHttpRequest read files, relative to the program, and say what they cannot read', async (t) => {
  const file = soundFolder(t);
  const path = file('bytes', Buffer.from([1, 2, 3]));
  const url = pathToFileURL(path);
  setBaseURL(new URL('program.mjs', url));
  const response = await fetch('bytes');
  assert.deepEqual([response.ok, response.url, response.headers.get('content-length')], [true, url.href, '3']);
  assert.deepEqual(new Uint8Array(await response.arrayBuffer()), Uint8Array.of(1, 2, 3));
  await assert.rejects(fetch('missing'), { name: 'TypeError', message: /missing: ENOENT/ });
  await assert.rejects(fetch('.'), { name: 'TypeError', message: /no file/ });
  await assert.rejects(fetch('bytes', { signal: AbortSignal.abort() }), { name: 'AbortError' });
  const request = new XMLHttpRequest();
  const states = [];
  request.onreadystatechange = () => states.push(request.readyState);
  request.open('GET', 'bytes');
  request.responseType = 'arraybuffer';
  request.send();
  assert.throws(() => request.send(), { name: 'InvalidStateError' });
  await once(request, 'loadend');
  assert.deepEqual([request.status, states, new Uint8Array(request.response)], [200, [1, 2, 3, 4], Uint8Array.of(1, 2, 3)]);
  request.open('GET', 'missing');
  request.send();
  await once(request, 'error');
  assert.deepEqual([request.status, request.response], [0, null]);
});

test('XMLHttpRequest asks a server, with its headers, and is aborted or times out', async (t) => {
  const server = createServer((request, response) => {
    if (request.url === '/never') return;
    response.setHeader('x-told', request.headers['x-asked'] ?? '');
    response.end(JSON.stringify({ method: request.method }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => { server.closeAllConnections(); server.close(); });
  const at = (path) => `http://127.0.0.1:${server.address().port}${path}`;
  const request = new XMLHttpRequest();
  request.open('POST', at('/'));
  request.setRequestHeader('x-asked', 'yes');
  request.responseType = 'json';
  request.send('body');
  await once(request, 'load');
  assert.deepEqual([request.response, request.getResponseHeader('X-Told')], [{ method: 'POST' }, 'yes']);
  request.open('GET', at('/never'));
  request.send();
  const aborted = once(request, 'abort');
  request.abort();
  await aborted;
  request.open('GET', at('/never'));
  request.timeout = 20;
  request.send();
  await once(request, 'timeout');
  assert.equal(request.readyState, 4);
});

test('the package is an ES module, which require() takes, too', () => {
  const { OfflineAudioContext } = createRequire(import.meta.url)('backline');
  assert.equal(OfflineAudioContext, globalThis.OfflineAudioContext);
});

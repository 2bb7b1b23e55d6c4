// What addModule fetches, and what it says of what it cannot.
import assert from 'node:assert/strict';
import { Blob } from 'node:buffer';
import { createServer } from 'node:http';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';

import { AudioContext } from '../../../lib/index.js';
import { setBaseURL } from '../../../lib/settings.js';
import { interfaceNamed, unwrap } from '../../../lib/webidl/platform_object.js';
import { installFake, lastCall } from '../support/fake_native.mjs';

installFake();

let folder;
const urlOf = (name) => pathToFileURL(join(folder, name)).href;
const write = (name, text) => writeFile(join(folder, name), text);

// The graphs of modules that a context was given.
async function added(...urls) {
  const context = new AudioContext();
  for (const url of urls) await context.audioWorklet.addModule(url);
  return unwrap(context, interfaceNamed('AudioContext')).modules;
}

const rejected = (url, ...expected) => assert.rejects(new AudioContext().audioWorklet.addModule(url), ...expected);

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backline-modules-'));
  setBaseURL(urlOf('program.mjs'));
  await write('main.js', "import { a } from './a.js';\nimport './b.js';\nexport * from './a.js';\nimport('./never.js');");
  await write('a.js', "import './b.js'; export const a = 1;");
  await write('b.js', "import './main.js';");
  await write('bare.js', "import 'tone';");
  await write('lost.js', "import './gone.js';");
  await write('broken.js', 'export const = 1;');
});

after(() => rm(folder, { recursive: true }));

test('a module is relative to the program and comes with what it imports, each once, itself first', async () => {
  const [graph] = await added('main.js');
  assert.deepEqual(graph.map(({ url }) => url), [urlOf('main.js'), urlOf('a.js'), urlOf('b.js')]);
  assert.deepEqual(graph[0].imports, [['./a.js', urlOf('a.js')], ['./b.js', urlOf('b.js')]]);
  assert.match(graph[1].source, /export const a = 1/);
});

test("the engine has script.node's runtime before it gets a module", async () => {
  await added('a.js');
  assert.deepEqual(lastCall('setWorkletRuntimeFactory'), ['runtime']);
});

test('a module is fetched once for each context', async () => {
  await write('counted.js', 'first');
  const context = new AudioContext();
  await context.audioWorklet.addModule('counted.js');
  await write('counted.js', 'second');
  await context.audioWorklet.addModule('./counted.js');
  const sources = (each) => unwrap(each, interfaceNamed('AudioContext')).modules.map(([module]) => module.source);
  assert.deepEqual(sources(context), ['first', 'first']);
  const other = new AudioContext();
  await other.audioWorklet.addModule('counted.js');
  assert.deepEqual(sources(other), ['second']);
});

test('file, data and blob URLs are fetched', async () => {
  const blob = URL.createObjectURL(new Blob(['const inBlob = 1;'], { type: 'text/javascript' }));
  const graphs = await added(urlOf('a.js'), 'data:text/javascript,const%20inData=1', `data:text/javascript;base64,${btoa('let x')}`, blob);
  assert.deepEqual(graphs.slice(1).map(([module]) => module.source), ['const inData=1', 'let x', 'const inBlob = 1;']);
  URL.revokeObjectURL(blob);
  await rejected(blob, { name: 'AbortError' });
});

test('http URLs are fetched if they are JavaScript', async (t) => {
  const server = createServer((request, response) => {
    const found = request.url === '/dsp.js';
    response.writeHead(request.url === '/none' ? 404 : 200, { 'content-type': found ? 'text/javascript' : 'text/html' });
    response.end(found ? "import '/dsp.js';" : '<html>');
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  t.after(() => server.close());
  const base = `http://127.0.0.1:${server.address().port}`;
  const [[module]] = await added(`${base}/dsp.js`);
  assert.deepEqual(module.imports, [['/dsp.js', `${base}/dsp.js`]]);
  await rejected(`${base}/none`, { name: 'AbortError', message: /answered 404/ });
  await rejected(`${base}/page`, { name: 'AbortError', message: /'text\/html', not JavaScript/ });
  server.closeAllConnections();
});

test('a missing file is named, with the module that imports it', async () => {
  await rejected('nowhere.js', { name: 'AbortError', message: /nowhere\.js: there is no such file/ });
  await rejected('lost.js', { name: 'AbortError', message: /gone\.js, imported by file:.*lost\.js: there is no such file/ });
});

test('a missing file can be added once it is there', async () => {
  const context = new AudioContext();
  await assert.rejects(context.audioWorklet.addModule('late.js'), { name: 'AbortError' });
  await write('late.js', 'let late;');
  await context.audioWorklet.addModule('late.js');
});

test('a bare specifier is a TypeError that names it and its module', () =>
  rejected('bare.js', { name: 'TypeError', message: /'tone' in file:.*bare\.js/ }));

test('what is no URL is a SyntaxError', () => rejected('http://', { name: 'SyntaxError', constructor: DOMException }));

test('a module with a syntax error is left to the engine', async () => {
  const [[module]] = await added('broken.js');
  assert.deepEqual(module, { url: urlOf('broken.js'), source: 'export const = 1;', imports: [] });
});

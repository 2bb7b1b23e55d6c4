// Media elements over the real engine on the virtual device.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

import { AnalyserNode, Audio, AudioContext, HTMLAudioElement, HTMLMediaElement, MediaElementAudioSourceNode, MediaError, TimeRanges } from '../../../lib/index.js';
import { settings } from '../../../lib/settings.js';
import { numbered, readChannel, soundFolder, wavBytes } from '../support/sounds.mjs';

settings.device = 'virtual';

const sleep = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
const constant = (value, frames = 48000, options = {}) => wavBytes(frames, { ...options, samples: () => value });

/// Runs a program's text in a process of its own; gives what it prints.
async function run(text, { tap } = {}) {
  const lib = new URL('../../../lib/index.js', import.meta.url).href;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', `import * as backline from ${JSON.stringify(lib)};\n${text}`],
    { env: { ...process.env, BACKLINE_DEVICE: 'virtual', ...(tap ? { BACKLINE_TAP: tap } : {}) }, timeout: 60000 });
  return stdout.trim();
}

/// Where `wanted` begins in `heard`; every one of its samples has to follow.
function placeOf(heard, wanted) {
  const first = heard.indexOf(wanted[0]);
  assert.notEqual(first, -1, 'it is not heard');
  for (let i = 0; i < wanted.length; i++) assert.equal(heard[first + i], wanted[i], `frame ${i}`);
  return first;
}

test('an element is heard by itself, frame by frame, and the program ends with it', async (t) => {
  const file = soundFolder(t);
  const song = file('song.wav', wavBytes(24000, { channels: 2, samples: numbered })), tap = file('tap.wav');
  const told = await run(`
    const audio = new backline.Audio(${JSON.stringify(song)});
    const events = [];
    for (const type of ['loadstart', 'durationchange', 'loadedmetadata', 'loadeddata', 'canplay', 'canplaythrough', 'play', 'playing', 'pause', 'ended'])
      audio.addEventListener(type, () => events.push(type));
    await audio.play();
    audio.onended = () => console.log(JSON.stringify([events, audio.currentTime, audio.duration, audio.ended, audio.paused]));
  `, { tap });
  const [events, at, duration, ended, paused] = JSON.parse(told);
  assert.deepEqual(events, ['play', 'loadstart', 'durationchange', 'loadedmetadata', 'loadeddata', 'canplay', 'playing', 'canplaythrough', 'pause', 'ended']);
  assert.deepEqual([at, duration, ended, paused], [0.5, 0.5, true, true]);
  placeOf(readChannel(tap), Array.from({ length: 24000 }, (_, i) => numbered(i)));
});

test('a program that only looks at a file ends when it is loaded', async (t) => {
  const song = soundFolder(t)('song.wav', constant(0.5));
  assert.equal(await run(`
    const audio = new backline.Audio(${JSON.stringify(pathToFileURL(song).href)});
    audio.onloadedmetadata = () => console.log(audio.duration, audio.seekable.end(0), audio.src === audio.currentSrc, audio.readyState);
  `), '1 1 true 4');
});

test('what cannot be played is an event, an error with a name, and a rejected promise', async (t) => {
  const file = soundFolder(t);
  const broken = file('broken.mp3', Buffer.from('this is no sound, however one looks at it'.repeat(50)));
  for (const src of [file('missing.wav'), broken, 'nonsense:whatever']) {
    const audio = new Audio(src);
    const playing = audio.play();
    await new Promise((told) => { audio.onerror = told; });
    assert.ok(audio.error instanceof MediaError);
    assert.equal(audio.error, audio.error);
    assert.equal(audio.error.code, MediaError.MEDIA_ERR_SRC_NOT_SUPPORTED);
    assert.ok(audio.error.message.includes(src), audio.error.message);
    assert.equal(audio.networkState, HTMLMediaElement.NETWORK_NO_SOURCE);
    await assert.rejects(playing, { name: 'NotSupportedError' });
  }
});

test('an element in a graph is heard through it only; volume, pause and seeking act there', async (t) => {
  const file = soundFolder(t);
  const context = new AudioContext({ sampleRate: 48000 });
  t.after(() => context.close());
  const audio = new Audio(file('halves.wav', wavBytes(96000, { samples: (frame) => (frame < 48000 ? 0.25 : 0.75) })));
  audio.loop = true;
  const source = context.createMediaElementSource(audio);
  assert.ok(source instanceof MediaElementAudioSourceNode);
  assert.equal(source.mediaElement, audio);
  assert.equal(source.context, context);
  assert.throws(() => context.createMediaElementSource(audio), { name: 'InvalidStateError' });
  assert.throws(() => new MediaElementAudioSourceNode(context, { mediaElement: {} }), TypeError);
  const analyser = new AnalyserNode(context, { fftSize: 256 });
  source.connect(analyser);
  const samples = new Float32Array(256);
  const hears = async (value) => {
    for (let i = 0; i < 1000; i++) {
      analyser.getFloatTimeDomainData(samples);
      if (samples.every((sample) => sample === Math.fround(value))) return;
      await sleep(5);
    }
    assert.fail(`waited for ${value}, heard ${samples.slice(0, 4)} …`);
  };
  await audio.play();
  await hears(0.25);
  await hears(0.75);
  await hears(0.25);   // the loop
  audio.currentTime = 1.5;
  assert.equal(audio.currentTime, 1.5);
  await once(audio, 'seeked');
  await hears(0.75);
  audio.volume = 0.5;
  audio.pause();
  await hears(0);
  const { currentTime } = audio;
  await sleep(50);
  assert.equal(audio.currentTime, currentTime);
  audio.currentTime = 0;
  await once(audio, 'seeked');
  await audio.play();
  await hears(0.125);
  assert.ok(audio.played instanceof TimeRanges && audio.played.length >= 1);
  assert.throws(() => audio.played.start(99), { name: 'IndexSizeError' });
});

test('a suspended context holds the element', async (t) => {
  const context = new AudioContext();
  t.after(() => context.close());
  await context.suspend();
  const audio = new Audio(soundFolder(t)('held.wav', constant(0.5, 24000)));
  context.createMediaElementSource(audio).connect(context.destination);
  await audio.play();
  await sleep(100);
  assert.equal(audio.currentTime, 0);
  await context.resume();
  await once(audio, 'ended');
});

test('sound comes from blobs, data: URLs and servers too, and a slow server only makes it wait', async (t) => {
  const bytes = constant(0.5, 12000);
  const blob = URL.createObjectURL(new Blob([bytes]));
  const requests = [];
  const server = createServer(async (request, response) => {
    requests.push(request.headers.range);
    if (request.url === '/stream') {   // of no length, from the beginning only
      response.writeHead(200, { 'content-type': 'audio/wav' });
      return response.end(bytes);
    }
    const [, from] = /bytes=(\d+)-/.exec(request.headers.range ?? '') ?? [0, 0];
    response.writeHead(request.headers.range ? 206 : 200, {
      'content-type': 'audio/wav', 'accept-ranges': 'bytes', 'content-length': bytes.length - from,
      ...(request.headers.range ? { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` } : {}),
    });
    for (let at = Number(from); at < bytes.length && !response.destroyed; at += 16384) {
      response.write(bytes.subarray(at, at + 16384));
      await sleep(30);
    }
    response.end();
  });
  await new Promise((listening) => { server.listen(0, '127.0.0.1', listening); });
  t.after(() => { server.close(); server.closeAllConnections(); });
  const origin = `http://127.0.0.1:${server.address().port}`;
  for (const src of [blob, `data:audio/wav;base64,${bytes.toString('base64')}`, `${origin}/a.wav`, `${origin}/stream`]) {
    const audio = new Audio(src);
    await audio.play();
    if (src.endsWith('stream')) assert.equal(audio.seekable.length, 0);
    else assert.equal(audio.duration, 0.25, src.slice(0, 20));
    await once(audio, 'ended');
    assert.equal(audio.duration, 0.25, src.slice(0, 20));
  }
  assert.ok(requests.length >= 1);
  const gone = new Audio(blob);
  URL.revokeObjectURL(blob);
  await once(gone, 'canplay');
  const missing = new Audio(`http://127.0.0.1:1/none.wav`);
  await once(missing, 'error');
  assert.match(missing.error.message, /none\.wav/);
});

test('Audio makes HTMLAudioElements and nothing else does', () => {
  const audio = new Audio();
  assert.ok(audio instanceof HTMLAudioElement && audio instanceof HTMLMediaElement && audio instanceof EventTarget && audio instanceof Audio);
  assert.equal(audio.preload, 'auto');
  assert.equal(audio.src, '');
  assert.ok(Number.isNaN(audio.duration));
  assert.equal(audio.error, null);
  assert.throws(() => Audio('x'), TypeError);
  assert.throws(() => new HTMLAudioElement(), TypeError);
  assert.throws(() => { audio.volume = 2; }, { name: 'IndexSizeError' });
  assert.throws(() => { audio.volume = NaN; }, TypeError);
  assert.equal(audio.canPlayType('audio/flac'), 'probably');
  class Player extends Audio {}
  assert.ok(new Player() instanceof Player);
});

test('elements that are let go of while they load or rest are collected', async (t) => {
  const song = soundFolder(t)('collected.wav', constant(0.5));
  const told = await run(`
    import { setTimeout as sleep } from 'node:timers/promises';
    import v8 from 'node:v8';
    import vm from 'node:vm';
    v8.setFlagsFromString('--expose-gc');
    const gc = vm.runInNewContext('gc');
    let collected = 0;
    const registry = new FinalizationRegistry(() => { collected++; });
    for (let i = 0; i < 20; i++) registry.register(new backline.Audio(${JSON.stringify(song)}), i);
    for (let i = 0; i < 200 && collected < 20; i++) { await sleep(20); gc(); }
    console.log(collected);
  `);
  assert.equal(told, '20');
});

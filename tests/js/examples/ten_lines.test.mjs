// The programs of examples/ten-lines, and what the README shows: run as they are shown there, and heard.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { test } from 'node:test';

import { backline, readWav, root, temporaryDirectory } from '../cli/support.mjs';
import { amplitude, loudest } from '../support/heard.mjs';
import { hasPulse, startPulse } from '../support/pulse.mjs';
import { wavBytes } from '../support/sounds.mjs';

const readme = readFileSync(join(root, 'README.md'), 'utf8');
const kRate = 48000;
const tone = (frequency, level = 0.25) => (frame) => level * Math.sin(2 * Math.PI * frequency * frame / kRate);

/// The line of the README that runs a program, with the names in it replaced.
function commandOf(name, names = {}) {
  const [, command] = readme.match(new RegExp(`\`([^\`]*examples/ten-lines/${name}\\.mjs[^\`]*)\``)) ?? assert.fail(`the README does not show ${name}.mjs`);
  return Object.entries(names).reduce((text, [from, to]) => text.replace(from, to), command);
}

/// Runs a line in the directory that the README speaks of, where `node` is the one that runs this.
function shell(line, env = {}) {
  const PATH = [dirname(process.execPath), process.env.PATH].join(delimiter);
  const child = spawn('bash', ['-c', line], { cwd: root, env: { ...process.env, PATH, BACKLINE_DEVICE: 'virtual', ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) child[name].setEncoding('utf8').on('data', (text) => { said[name] += text; });
  return new Promise((resolve) => { child.on('close', (status) => resolve({ status, ...said })); });
}

function song(t, seconds, samples = tone(440)) {
  const directory = temporaryDirectory(t), path = join(directory, 'song.wav');
  writeFileSync(path, wavBytes(seconds * kRate, { sampleRate: kRate, samples }));
  return { directory, path };
}

/// The middle of a channel.
const middle = ({ data: [samples] }, frames = 16384) => samples.subarray((samples.length - frames) >> 1, (samples.length + frames) >> 1);

test("the README's first program sounds: a tone that falls", async (t) => {
  const [, text] = readme.match(/```js\n(\/\/ hello\.mjs[^]*?)```/);
  const directory = temporaryDirectory(t), tap = join(directory, 'heard.wav');
  writeFileSync(join(directory, 'hello.mjs'), text);
  const { status, stderr } = await backline(['play', join(directory, 'hello.mjs'), '--device', 'virtual', '--tap', tap]);
  assert.equal(status, 0, stderr);
  const { data: [samples], sampleRate } = readWav(tap);
  const begin = samples.findIndex((sample) => sample !== 0);
  const at = (seconds) => loudest(samples.subarray(begin + seconds * sampleRate, begin + seconds * sampleRate + 8192), sampleRate, { low: 90, high: 480, step: 2 });
  for (const seconds of [0.2, 1.5, 2.7]) {
    const wanted = 440 * 0.25 ** ((seconds + 4096 / sampleRate) / 3);
    assert.ok(Math.abs(at(seconds) - wanted) < 0.05 * wanted, `${at(seconds)} Hz after ${seconds} s; it should be ${wanted.toFixed(0)} Hz`);
  }
});

test('play.mjs plays the file that it is given', async (t) => {
  const { directory, path } = song(t, 2);
  const tap = join(directory, 'heard.wav');
  const { status, stdout, stderr } = await shell(commandOf('play', { 'song.mp3': path }), { BACKLINE_TAP: tap });
  assert.equal(status, 0, stderr);
  assert.match(stdout, /played .*song\.wav/);
  assert.match(stderr, /of 2\.0 s/);
  const heard = readWav(tap);
  assert.ok(Math.abs(amplitude(middle(heard), 440, heard.sampleRate) - 0.25) < 0.01);
});

test('play.mjs says what is wrong with a file', async () => {
  const { status, stderr } = await shell(commandOf('play', { 'song.mp3': '/nowhere.mp3' }));
  assert.equal(status, 1);
  assert.match(stderr, /\/nowhere\.mp3: No such file/);
});

test('decode.mjs says how long and how loud each channel is', async (t) => {
  const { directory } = song(t, 1);
  const path = join(directory, 'two.wav');
  writeFileSync(path, wavBytes(kRate, { sampleRate: kRate, channels: 2, samples: (frame, channel) => tone(1000, channel ? 0.1 : 0.5)(frame) }));
  const { status, stdout, stderr } = await shell(commandOf('decode', { 'song.mp3': path }));
  assert.equal(status, 0, stderr);
  assert.equal(stdout, 'channel 1: 1.00 s, peak -6.0 dB\nchannel 2: 1.00 s, peak -20.0 dB\n');
});

test('analyse.mjs says which frequency is the loudest while it plays', async (t) => {
  const { path } = song(t, 2, (frame) => tone(1500)(frame) + tone(3000, 0.05)(frame));
  const { status, stdout, stderr } = await shell(commandOf('analyse', { 'song.mp3': path }));
  assert.equal(status, 0, stderr);
  const found = [...stdout.matchAll(/^\d\.\d s: (\d+) Hz at (-\d+) dB$/gm)].map(([, frequency, level]) => [Number(frequency), Number(level)]);
  // Half the amplitude is at negative frequencies; the window takes 0.42 of it, less between two bins.
  const level = 20 * Math.log10(0.25 / 2 * 0.42);
  assert.ok(found.some(([frequency, seen]) => Math.abs(frequency - 1500) <= 6 && seen <= level + 1 && seen >= level - 3), stdout);
});

test('record.mjs records what the microphone hears', { skip: !hasPulse && 'there is no PulseAudio' }, async (t) => {
  const pulse = await startPulse();
  t.after(() => pulse.end());
  pulse.load('loud');
  pulse.pactl('set-default-sink', 'loud');
  pulse.pactl('set-default-source', 'loud.monitor');
  const { directory, path } = song(t, 6, tone(600));
  const take = join(directory, 'take.wav');
  const playing = shell(commandOf('play', { 'song.mp3': path }), { BACKLINE_DEVICE: '' });
  const { status, stdout, stderr } = await shell(commandOf('record', { 'take.wav': take }), { BACKLINE_DEVICE: '' });
  assert.equal(status, 0, stderr);
  assert.match(stdout, /take\.wav: 2 s, \d+ gaps/);
  const heard = readWav(take);
  assert.ok(heard.data[0].length > heard.sampleRate, 'less than a second');
  // On a busy machine there are gaps; between them it is as loud as it was.
  const quarter = heard.sampleRate / 4;
  const loudness = Array.from({ length: 8 }, (_, i) => amplitude(heard.data[0].subarray(i * quarter, (i + 1) * quarter), 600, heard.sampleRate));
  assert.ok(loudness.some((each) => Math.abs(each - 0.25) < 0.02), loudness.join(' '));
  await playing;
});

test('render.mjs renders into the format that its file is named by', async (t) => {
  const path = join(temporaryDirectory(t), 'out.wav');
  const { status, stderr } = await shell(commandOf('render', { 'out.flac': path }));
  assert.equal(status, 0, stderr);
  const heard = readWav(path);
  assert.equal(heard.data[0].length, 5 * heard.sampleRate);
  const high = (from) => amplitude(heard.data[0].subarray(from, from + 16384), 165 * 8, heard.sampleRate);
  assert.ok(high(4.5 * heard.sampleRate) > 4 * high(0), 'the filter does not open');
});

test('every program that the README names is there, and those that it plays are tested', () => {
  for (const [path] of readme.matchAll(/examples\/[\w./-]+/g)) assert.ok(existsSync(join(root, path)), `there is no ${path}`);
  const tests = ['examples', 'superdough'].map((name) => readFileSync(new URL(`${name}.test.mjs`, import.meta.url), 'utf8')).join();
  for (const [, name] of readme.matchAll(/\.\/run play examples\/([\w./-]+\.mjs)/g)) assert.ok(tests.includes(name) || name === 'first-sound.mjs', `${name} is not tested`);
});

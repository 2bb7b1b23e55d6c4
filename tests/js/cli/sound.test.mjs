// backline play SOUND.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Sound, isSound } from '../../../lib/cli/sound.mjs';
import { LiveLine } from '../../../lib/cli/live_line.mjs';
import { numbered, readChannel, soundFolder, wavBytes } from '../support/sounds.mjs';
import { backline } from './support.mjs';

const virtual = { env: { BACKLINE_DEVICE: 'virtual' } };

test('a sound file is played once, every frame of it, and the command ends', async (t) => {
  const file = soundFolder(t);
  const song = file('song.wav', wavBytes(24000, { channels: 2, samples: numbered })), tap = file('tap.wav');
  const { status, stdout, stderr } = await backline(['play', song, '--tap', tap], virtual);
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^playing song\.wav on .*virtual/m);
  assert.match(stdout, /^played \d+\.\d\d s, /m);
  const heard = readChannel(tap), first = heard.indexOf(numbered(0));
  assert.notEqual(first, -1, 'the first frame is heard');
  for (let i = 0; i < 24000; i++) assert.equal(heard[first + i], numbered(i), `frame ${i}`);
});

test('a sound file that cannot be played is one message that names it', async (t) => {
  const file = soundFolder(t);
  for (const [name, bytes, message] of [['none.mp3', undefined, /no sound file at .*none\.mp3/], ['text.flac', Buffer.from('no sound'), /text\.flac: is no sound/]]) {
    const { status, stderr } = await backline(['play', file(name, bytes)], virtual);
    assert.equal(status, 1);
    assert.match(stderr, message);
    assert.equal(stderr.trim().split('\n').length, 1, stderr);
  }
});

test('names tell sounds from programs', () => {
  for (const name of ['a.mp3', 'B.WAV', '/x/y z.flac', 'a.b.opus']) assert.ok(isSound(name), name);
  for (const name of ['a.mjs', 'wav', 'mp3.js', 'song']) assert.ok(!isSound(name), name);
});

test('keys seek, pause, change the volume and quit', () => {
  const sound = new Sound();
  let quits = 0;
  sound.quit = () => { quits++; };
  sound.element = {
    currentTime: 7, duration: 60, paused: false, volume: 1,
    play() { this.paused = false; return Promise.resolve(); },
    pause() { this.paused = true; },
  };
  const { element } = sound;
  sound.type('\x1b[C');
  assert.equal(element.currentTime, 12);
  sound.type('\x1b[D\x1bOD\x1b[D');
  assert.equal(element.currentTime, 0, 'not before the beginning');
  sound.press(' ');
  assert.equal(element.paused, true);
  assert.deepEqual(sound.position, { at: 0, duration: 60, paused: true, volume: 1 });
  sound.press(' ');
  assert.equal(element.paused, false);
  sound.press('\x1b[A');
  assert.equal(element.volume, 1);
  sound.press('\x1b[B');
  assert.equal(element.volume, 0.95);
  sound.press('q');
  assert.equal(quits, 1);
});

test('the line shows where the sound is, and fits', () => {
  const written = [];
  const line = new LiveLine({ columns: 80, write: (text) => written.push(text) });
  line.show({ peak: [0.5, 0.25], seconds: 3, underruns: 0, position: { at: 61.5, duration: 123, paused: true, volume: 0.5 } });
  const text = written.at(-1);
  assert.match(text, /⏸ 1:01\.5 \/ 2:03\.0 ━{6}─{6} 50 %/);
  assert.ok(text.length < 80, `${text.length} columns`);
});

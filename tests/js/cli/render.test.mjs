import assert from 'node:assert/strict';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { renderText } from '../../../lib/cli/render_line.mjs';
import { OfflineAudioContext } from '../../../lib/index.js';
import { backline, firstSound, firstSoundingFrame, program, readWav, start, temporaryDirectory, until } from './support.mjs';

test('render writes as many frames, channels and hertz as it is told', async (t) => {
  const directory = temporaryDirectory(t);
  const output = join(directory, 'tone.wav');
  const { status, stdout, stderr } = await backline(
    ['render', program('tone.mjs'), '-o', output, '--seconds', '1', '--rate', '44100', '--channels', '1']);
  assert.equal(status, 0, stderr);
  assert.match(stdout, /tone\.wav: 44100 frames, 1 channels, 44100 Hz/);
  assert.deepEqual(readdirSync(directory), ['tone.wav']);
  const wav = readWav(output);
  assert.deepEqual([wav.frames, wav.channels, wav.sampleRate], [44100, 1, 44100]);
  assert.ok(firstSoundingFrame(wav) >= 22050, `sound began at frame ${firstSoundingFrame(wav)}, before 22050`);
});

test('render gives the same file every time', async (t) => {
  const directory = temporaryDirectory(t);
  const [a, b] = await Promise.all(['a.wav', 'b.wav'].map(async (name) => {
    const output = join(directory, name);
    const { status, stderr } = await backline(['render', firstSound, '-o', output, '--seconds', '3']);
    assert.equal(status, 0, stderr);
    return readWav(output);
  }));
  assert.deepEqual(a, b);
});

for (const [name, path] of [['a tone', program('tone.mjs')], ['first-sound, worklet and all,', firstSound]]) {
  test(`${name} is played on a stepped device bit for bit as it is rendered`, async (t) => {
    const directory = temporaryDirectory(t);
    const [live, offline] = [join(directory, 'live.wav'), join(directory, 'offline.wav')];
    const [played, rendered] = await Promise.all([
      backline(['play', path, '--device', 'stepped', '--seconds', '3', '--tap', live]),
      backline(['render', path, '-o', offline, '--seconds', '3']),
    ]);
    assert.equal(played.status, 0, played.stderr);
    assert.equal(rendered.status, 0, rendered.stderr);
    const [a, b] = [readWav(live), readWav(offline)];
    assert.equal(a.sampleRate, b.sampleRate);
    const late = firstSoundingFrame(a) - firstSoundingFrame(b);
    assert.ok(late >= 0 && late < a.frames / 2, `the live sound begins ${late} frames after the offline one`);
    t.diagnostic(`the live sound begins ${late} frames after the offline one`);
    for (let c = 0; c < a.channels; ++c) {
      for (let i = 0; i + late < a.frames; ++i) {
        if (a.data[c][i + late] !== b.data[c][i]) {
          assert.fail(`channel ${c}, frame ${i}: live ${a.data[c][i + late]}, offline ${b.data[c][i]}`);
        }
      }
    }
  });
}

for (const [name, least, missing] of [['flac', 2 ** -23, 0], ['ogg', 0.01, 128], ['opus', 0.01, 0]]) {
  test(`render writes ${name}, which decodes to what a WAV file of it holds`, async (t) => {
    const directory = temporaryDirectory(t);
    const [wav, other] = [join(directory, 'tone.wav'), join(directory, `tone.${name}`)];
    for (const output of [wav, other]) {
      const { status, stderr } = await backline(['render', program('tone.mjs'), '-o', output, '--seconds', '2', '--channels', '1']);
      assert.equal(status, 0, stderr);
    }
    const { data: [expected] } = readWav(wav);
    const context = new OfflineAudioContext(1, 1, 48000);
    const bytes = readFileSync(other);
    const samples = (await context.decodeAudioData(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))).getChannelData(0);
    // FFmpeg takes half a short block from the end of a Vorbis file that begins with silence.
    assert.ok(expected.length - samples.length <= missing && samples.length <= expected.length, `${samples.length} frames`);
    // Where the tone sounds steadily: what a codec makes of its beginning is its own affair.
    const error = samples.subarray(30000, 90000).reduce((most, sample, i) => Math.max(most, Math.abs(sample - expected[30000 + i])), 0);
    assert.ok(error <= least, `${error} away`);
  });
}

test('what a format cannot have is said before anything is rendered', async (t) => {
  const directory = temporaryDirectory(t);
  const errorOf = async (...options) => {
    const { status, stderr } = await backline(['render', program('tone.mjs'), '-o', join(directory, 'out'), ...options]);
    assert.equal(status, 1);
    return stderr;
  };
  assert.match(await errorOf('--format', 'opus', '--rate', '44100'), /opus takes .* 24000 or 48000 Hz, not 2 at 44100 Hz/);
  assert.match(await errorOf('--format', 'flac', '--channels', '9'), /flac takes 1 … 8 channels/);
  assert.match(await errorOf('--format', 'mp3'), /there is no sound format 'mp3': wav, flac, ogg and opus are/);
  assert.deepEqual(readdirSync(directory), []);
});

test('a Ctrl-C leaves what was there before and nothing else', async (t) => {
  const directory = temporaryDirectory(t);
  const output = join(directory, 'out.wav');
  writeFileSync(output, 'before');
  const { child, ended } = start(['render', program('tone.mjs'), '-o', output, '--seconds', '100000']);
  await until('the file that grows', () => readdirSync(directory).length === 2);
  child.kill('SIGINT');
  assert.equal((await ended).status, 130);
  assert.deepEqual(readdirSync(directory), ['out.wav']);
  assert.equal(readFileSync(output, 'utf8'), 'before');
});

test('the line of a rendering tells how far it is, how fast, and how long yet', () => {
  const text = renderText('song.mjs', { frames: 48000 * 600, length: 48000 * 3600 * 10, sampleRate: 48000, elapsed: 5000 });
  assert.equal(text, `song.mjs ${'─'.repeat(24)} 1 %  10:00 of 10:00:00, 120 times as fast as it sounds, 4:55 left`);
});

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { backline, firstSound, firstSoundingFrame, program, readWav, temporaryDirectory } from './support.mjs';

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

// backline play --watch: what is saved takes the place of what plays.
import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readWav, start, temporaryDirectory, until } from './support.mjs';

test('a saved module, or one that it imports, is replaced while it plays; one that is wrong is told, and changes nothing', async (t) => {
  const directory = temporaryDirectory(t);
  const at = (name) => join(directory, name);
  const worklet = (more = '') => `import { level } from './level.js';
registerProcessor('p', class extends AudioWorkletProcessor {
  process(i, [[x]]) { x.fill(level()); ${more} return true; } });`;
  writeFileSync(at('level.js'), 'export const level = () => 0.125;');
  writeFileSync(at('worklet.js'), worklet());
  writeFileSync(at('program.mjs'), `export default async (context) => {
    await context.audioWorklet.addModule('worklet.js');
    new AudioWorkletNode(context, 'p').connect(context.destination);
    await context.resume();
    console.log('sounds');
  };`);
  const tap = at('out.wav');
  const playing = start(['play', at('program.mjs'), '--watch', '--device', 'virtual', '--tap', tap]);
  const said = (text, times = 1) => until(`"${text}"`, () => playing.output().split(text).length > times || playing.child.exitCode !== null);
  await said('sounds');

  writeFileSync(at('level.js'), 'export const level = () => 0.25;');
  await said('replaced worklet.js');
  writeFileSync(at('saved.tmp'), worklet('globalThis.seen = 1;'));
  renameSync(at('saved.tmp'), at('worklet.js'));
  await said('replaced worklet.js', 2);
  writeFileSync(at('level.js'), 'export const level = () => 0.5');
  await said('replaced worklet.js', 3);
  writeFileSync(at('level.js'), 'export const level = () => {');
  await until('the error', () => /not replaced, what played plays on\n {2}.*level\.js:1:\d+: SyntaxError/.test(playing.errors()));
  playing.child.kill('SIGINT');
  const { status, stderr } = await playing.ended;
  assert.equal(status, 0, stderr);
  const wav = readWav(tap);
  const steps = [...new Set(wav.data[0])].filter((x) => [0.125, 0.25, 0.5].includes(x));
  assert.deepEqual(steps, [0.125, 0.25, 0.5], 'each was heard in its turn');
  const end = wav.data[0].lastIndexOf(0.5);
  assert.ok(end > wav.frames - wav.sampleRate / 2, 'the last one that was right sounded to the end');
});

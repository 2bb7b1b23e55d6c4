import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { backline, program, temporaryDirectory } from './support.mjs';

const virtual = { env: { BACKLINE_DEVICE: 'virtual' } };

/** The one error of a command that fails: exit status 1, nothing of Node's own trace. */
async function errorOf(args, options = virtual) {
  const { status, signal, stderr } = await backline(args, options);
  assert.equal(signal, null);
  assert.equal(status, 1, `exit status of "backline ${args.join(' ')}"; it said: ${stderr}`);
  assert.match(stderr, /^backline: /m);
  assert.doesNotMatch(stderr, /node:internal|\(node:\d+\)/);
  return stderr;
}

function withSyntaxError(t) {
  const directory = temporaryDirectory(t);
  copyFileSync(program('syntax_error.txt'), join(directory, 'broken.mjs'));
  writeFileSync(join(directory, 'imports.mjs'), "import './broken.mjs';\nexport default () => {};\n");
  return directory;
}

for (const command of [['play'], ['render', '-o', '/dev/null/never.wav']]) {
  const [name, ...options] = command;

  test(`${name} says that there is no such program`, async () => {
    assert.match(await errorOf([name, 'nowhere.mjs', ...options]), /no program at nowhere\.mjs/);
  });

  test(`${name} refuses a directory`, async (t) => {
    assert.match(await errorOf([name, temporaryDirectory(t), ...options]), /is no file/);
  });

  test(`${name} names file, line and column of an error of syntax`, async (t) => {
    const directory = withSyntaxError(t);
    assert.match(await errorOf([name, join(directory, 'broken.mjs'), ...options]), /broken\.mjs:2:18: SyntaxError/);
  });

  test(`${name} finds an error of syntax in a module that the program imports`, async (t) => {
    const directory = withSyntaxError(t);
    assert.match(await errorOf([name, join(directory, 'imports.mjs'), ...options]), /broken\.mjs:2:18: SyntaxError/);
  });

  test(`${name} names the place where a program throws while it is loaded`, async () => {
    assert.match(await errorOf([name, program('throws.mjs'), ...options]), /throws\.mjs:2:9: TypeError: nothing to build with/);
  });

  for (const [option, value] of [['--seconds', '0'], ['--seconds', '-1'], ['--seconds', 'soon'], ['--seconds', 'Infinity']]) {
    test(`${name} refuses ${option} ${value}`, async () => {
      assert.match(await errorOf([name, program('tone.mjs'), ...options, `${option}=${value}`]), new RegExp(`${option} must be .*, not "${value}"`));
    });
  }
}

test('play names an unknown device and those there are', async () => {
  const error = await errorOf(['play', program('tone.mjs'), '--device', 'kazoo']);
  assert.match(error, /kazoo/);
  assert.match(error, /virtual/);
  assert.match(error, /stepped/);
});

test('play refuses a tap that cannot be written, before it plays', async (t) => {
  const path = join(temporaryDirectory(t), 'missing', 'tap.wav');
  assert.match(await errorOf(['play', program('tone.mjs'), '--tap', path, '--seconds', '1']), /cannot write .*missing\/tap\.wav/);
});

test('play says that a program makes no sound at all', async () => {
  assert.match(await errorOf(['play', program('exports_nothing.mjs')]), /made no AudioContext/);
});

test('a program that throws while it plays ends with its error', async () => {
  const error = await errorOf(['play', program('throws_later.mjs')]);
  assert.match(error, /throws_later\.mjs:7:11: RangeError: the roof came down/);
});

test('a worklet module with an error of syntax is told with its place', async () => {
  const error = await errorOf(['play', program('bad_worklet.mjs')]);
  assert.match(error, /SyntaxError/);
  assert.match(error, /:2:11/);
});

test('a file that is no audio is told as what cannot be decoded', async () => {
  assert.match(await errorOf(['play', program('no_audio.mjs')]), /EncodingError/);
});

test('first-sound names the package of a recording that is not there', async () => {
  const env = { ...virtual.env, FIRST_SOUND_RECORDING: '/nowhere/voice.wav' };
  assert.match(await errorOf(['play', 'examples/first-sound.mjs'], { env }), /\/nowhere\/voice\.wav.*alsa-utils/s);
});

test('render refuses a program without a function as its default export', async (t) => {
  const output = join(temporaryDirectory(t), 'out.wav');
  assert.match(await errorOf(['render', program('exports_nothing.mjs'), '-o', output]), /exports no function as its default/);
});

for (const [option, value] of [['--rate', '1'], ['--rate', '44100.5'], ['--rate', '1e9'], ['--channels', '0'], ['--channels', '1.5'], ['--channels', '99']]) {
  test(`render refuses ${option} ${value} and leaves no file`, async (t) => {
    const directory = temporaryDirectory(t);
    const error = await errorOf(['render', program('tone.mjs'), '-o', join(directory, 'out.wav'), '--seconds', '1', option, value]);
    assert.ok(error.includes(value.replace('1e9', '1000000000')), `"${error}" does not name ${value}`);
    assert.deepEqual(readdirSync(directory), []);
  });
}

test('render refuses an output that cannot be written', async (t) => {
  const directory = temporaryDirectory(t);
  mkdirSync(join(directory, 'taken.wav'));
  assert.match(await errorOf(['render', program('tone.mjs'), '-o', join(directory, 'no/out.wav'), '--seconds', '1']), /cannot write .*no\/out\.wav/);
  assert.match(await errorOf(['render', program('tone.mjs'), '-o', join(directory, 'taken.wav'), '--seconds', '1']), /cannot write .*taken\.wav/);
  assert.deepEqual(readdirSync(directory), ['taken.wav']);
});

test('render keeps an old file when the program fails', async (t) => {
  const directory = temporaryDirectory(t);
  const output = join(directory, 'old.wav');
  writeFileSync(output, 'old');
  await errorOf(['render', program('no_audio.mjs'), '-o', output]);
  assert.deepEqual(readdirSync(directory), ['old.wav']);
  assert.equal(readFileSync(output, 'utf8'), 'old');
});

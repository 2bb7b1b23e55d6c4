// 'backline' from wherever a program lies, without the command too.

import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { backline, root, start, temporaryDirectory } from './support.mjs';

const source = "import { AudioContext } from 'backline';\nimport 'backline/globals';\nconsole.log(AudioContext.name, globalThis.AudioContext === AudioContext);\n";

test('a program that npm gave the package imports it', async (t) => {
  const directory = temporaryDirectory(t);
  mkdirSync(join(directory, 'node_modules'));
  symlinkSync(root, join(directory, 'node_modules/backline'));  // as npm install of a directory does
  writeFileSync(join(directory, 'program.mjs'), source);
  const { stdout, stderr } = await start([], { script: join(directory, 'program.mjs'), cwd: directory }).ended;
  assert.equal(stdout, 'AudioContext true\n', stderr);
});

test('hooks make the package importable from any directory', async (t) => {
  const directory = temporaryDirectory(t);
  writeFileSync(join(directory, 'program.mjs'), source);
  const hooks = pathToFileURL(join(root, 'lib/hooks.mjs'));
  writeFileSync(join(directory, 'main.mjs'), `import { installHooks } from '${hooks}';\ninstallHooks();\nawait import('./program.mjs');\n`);
  const { stdout, stderr } = await start([], { script: join(directory, 'main.mjs'), cwd: directory }).ended;
  assert.equal(stdout, 'AudioContext true\n', stderr);
});

test('what a program imports and what it finds as globals are the same classes', async (t) => {
  const path = join(temporaryDirectory(t), 'program.mjs');
  writeFileSync(path, `import { GainNode as Gain } from 'backline';\nexport default () => console.log(Gain === GainNode);\n`);
  const { stdout, stderr } = await backline(['play', path, '--seconds', '0.1', '--device', 'virtual']);
  assert.match(stdout, /^true$/m, stderr);
});

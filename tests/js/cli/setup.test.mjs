// Set-up, tried on copies of itself, so that nothing is installed or built here.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, chmodSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root, temporaryDirectory } from './support.mjs';

const kNobody = 65534;

function copyOfSetup(t) {
  const directory = temporaryDirectory(t);
  chmodSync(directory, 0o777);
  cpSync(join(root, 'setup'), join(directory, 'setup'), { recursive: true });
  return directory;
}

const identity = process.getuid() === 0 ? { uid: kNobody, gid: kNobody } : {};

function setUp(directory, steps, env = {}) {
  return spawnSync('bash', ['-c', 'set -euo pipefail; . setup/setup; printf %s "$BACKLINE_NODE"'], {
    cwd: directory, encoding: 'utf8', ...identity, stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, HOME: directory, SETUP_STEPS: steps, ...env },
  });
}

test('without root or sudo, set-up says exactly what to install', (t) => {
  const directory = copyOfSetup(t);
  writeFileSync(join(directory, 'setup/packages.txt'), '[build]\ncoreutils\nno-such-engine\nno-such-node unless bash\n[play]\nno-such-voice\n[test]\nno-such-test\n');
  mkdirSync(join(directory, 'bin'));
  writeFileSync(join(directory, 'bin/sudo'), '#!/bin/sh\nexit 1\n');  // one that wants a password
  chmodSync(join(directory, 'bin/sudo'), 0o755);
  const { status, stderr } = setUp(directory, 'installPackages', { PATH: `${join(directory, 'bin')}:${process.env.PATH}` });
  assert.equal(status, 1);
  assert.match(stderr, /^ +apt-get update && apt-get install --no-install-recommends no-such-engine no-such-voice$/m);
});

test('set-up is content where every package is there', (t) => {
  const directory = copyOfSetup(t);
  writeFileSync(join(directory, 'setup/packages.txt'), '# a comment\n[build]\ncoreutils\nbash\n');
  assert.deepEqual(setUp(directory, 'installPackages chooseNode', { BACKLINE_NODE: process.execPath }).stderr, '');
});

test('set-up takes the Node that BACKLINE_NODE names', (t) => {
  const { status, stdout, stderr } = setUp(copyOfSetup(t), 'chooseNode', { BACKLINE_NODE: process.execPath });
  assert.equal(status, 0, stderr);
  assert.equal(stdout, process.execPath);
});

for (const [what, script, complaint] of [
  ['too old', 'echo 18', /is version 18; 20 is the least/],
  ['broken', 'exit 3', /does not run/],
  ['without headers', 'echo 22', /has no headers at .*include\/node/],
]) {
  test(`set-up refuses a Node that is ${what}`, (t) => {
    const directory = copyOfSetup(t);
    mkdirSync(join(directory, 'bin'));
    const node = join(directory, 'bin/node');
    writeFileSync(node, `#!/bin/sh\n${script}\n`);
    chmodSync(node, 0o755);
    const { status, stderr } = setUp(directory, 'chooseNode', { BACKLINE_NODE: node });
    assert.equal(status, 1);
    assert.match(stderr, complaint);
  });
}

test('set-up refuses headers of another Node than the binary', (t) => {
  const directory = copyOfSetup(t);
  mkdirSync(join(directory, 'bin'));
  mkdirSync(join(directory, 'include/node'), { recursive: true });
  writeFileSync(join(directory, 'bin/node'), '#!/bin/sh\necho 22\n');
  chmodSync(join(directory, 'bin/node'), 0o755);
  appendFileSync(join(directory, 'include/node/node_version.h'), '#define NODE_MAJOR_VERSION 20\n');
  const { status, stderr } = setUp(directory, 'chooseNode', { BACKLINE_NODE: join(directory, 'bin/node') });
  assert.equal(status, 1);
  assert.match(stderr, /has headers of another version/);
});

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { backline, root } from './support.mjs';

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const commands = ['play', 'record', 'render', 'repair', 'devices', 'doctor', 'top'];

test('--help lists every command', async () => {
  const { status, stdout, stderr } = await backline(['--help']);
  assert.equal(status, 0);
  assert.equal(stderr, '');
  for (const command of commands) assert.match(stdout, new RegExp(`^  ${command}\\b`, 'm'));
});

test('every command has help that names all its options, and tells the version', async () => {
  for (const command of commands) {
    const { options } = await import(`../../../lib/cli/${command}.mjs`);
    const { status, stdout } = await backline([command, '--help']);
    assert.equal(status, 0, command);
    for (const option of Object.keys(options)) assert.ok(stdout.includes(`--${option}`), `${command} --help says nothing of --${option}`);
    assert.deepEqual(await backline([command, '--version']), { status: 0, signal: null, stdout: `${version}\n`, stderr: '' });
  }
});

test('--version prints the version', async () => {
  assert.deepEqual(await backline(['--version']), { status: 0, signal: null, stdout: `${version}\n`, stderr: '' });
});

const wrong = [
  [[], /no command given/],
  [['perform'], /unknown command "perform"; commands are play, record, render, repair, devices, doctor, top/],
  [['--loud'], /unknown option "--loud"/],
  [['play'], /play: PROGRAM is missing/],
  [['play', 'a.mjs', 'b.mjs'], /play: "b\.mjs" is one argument too many/],
  [['play', 'a.mjs', '--loud'], /play: Unknown option '--loud'/],
  [['play', 'a.mjs', '--seconds'], /--seconds/],
  [['render', 'a.mjs'], /render: -o FILE is missing/],
  [['devices', 'all'], /devices: "all" is one argument too many/],
  [['top', 'all'], /top: "all" is one argument too many/],
  [['top', '--interval', 'often'], /--interval must be a number of seconds above 0 and at most 3600, not "often"/],
  [['top', '--once', '--interval', '2'], /--once and --interval do not go together/],
  [['doctor', '--quick'], /doctor: Unknown option '--quick'/],
];

for (const [args, message] of wrong) {
  test(`"backline ${args.join(' ')}" is answered with one error and exit status 1`, async () => {
    const { status, stdout, stderr } = await backline(args);
    assert.equal(status, 1);
    assert.equal(stdout, '');
    assert.match(stderr, /^backline: /);
    assert.match(stderr, message);
    assert.doesNotMatch(stderr, /node:internal/);
  });
}

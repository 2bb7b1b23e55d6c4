import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { backline, temporaryDirectory } from './support.mjs';

test('devices lists the two virtual ones on any machine', async () => {
  const { status, stdout, stderr } = await backline(['devices', '--json']);
  assert.equal(status, 0, stderr);
  const { devices, backends } = JSON.parse(stdout);
  const ids = devices.map(({ id }) => id);
  assert.ok(ids.includes('virtual') && ids.includes('stepped'), `devices are ${ids.join(', ')}`);
  for (const name of ['jack', 'pulse', 'alsa']) assert.ok(backends.some((backend) => backend.name === name), `nothing is said of ${name}`);
  const told = await backline(['devices']);
  assert.equal(told.status, 0);
  for (const { name } of devices) assert.ok(told.stdout.includes(name), `"${name}" is not in the list`);
});

test('doctor finds that a built checkout can play', async () => {
  const { status, stdout } = await backline(['doctor', '--json']);
  const { canPlay, findings, versions } = JSON.parse(stdout);
  assert.deepEqual(findings.filter(({ level }) => level === 'bad'), []);
  assert.equal(canPlay, true);
  assert.equal(status, 0);
  assert.equal(versions.node, process.version);
  for (const { what, level, advice } of findings) assert.equal(advice !== undefined, level !== 'good', `advice on ${what}`);
});

test('doctor tells whether walls stand around the render host, whatever other filter it is behind', async () => {
  for (const [sandbox, level] of [['on', 'good'], ['off', 'poor']]) {
    const { findings } = JSON.parse((await backline(['doctor', '--json'], { env: { BACKLINE_SANDBOX: sandbox } })).stdout);
    assert.equal(findings.find(({ what }) => what === 'sandbox').level, level, `BACKLINE_SANDBOX=${sandbox}`);
  }
});

test('doctor and play say what to do about a build that is not there', async (t) => {
  const env = { BACKLINE_BUILD: join(temporaryDirectory(t), 'none') };
  const doctor = await backline(['doctor'], { env });
  assert.equal(doctor.status, 1);
  assert.match(doctor.stdout, /BAD {3}backline\.node: .*\n +→ run \.\/run in /);
  const play = await backline(['play', 'examples/first-sound.mjs'], { env });
  assert.equal(play.status, 1);
  assert.match(play.stderr, /Backline is not built.*\.\/run/);
});

// What a program sees when its device goes and comes back, on a PulseAudio server of the test's own.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import { AudioContext, OscillatorNode } from '../../../lib/index.js';
import { settings } from '../../../lib/settings.js';

const kSink = ['sink_name=out', 'rate=48000', 'format=float32le', 'norewinds=1'];
const available = spawnSync('pulseaudio', ['--version']).status === 0;

const patience = async (condition, what) => {
  for (let i = 0; !condition(); i++) {
    assert.ok(i < 2000, what);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

/// The answer of pactl, asked of the server that this process and its children use from now on.
async function startPulse(t) {
  const folder = mkdtempSync(join(tmpdir(), 'backline-pulse-'));
  const socket = join(folder, 'native');
  writeFileSync(join(folder, 'script.pa'), `load-module module-native-protocol-unix auth-anonymous=1 socket=${socket}\n`);
  Object.assign(process.env, {
    JACK_DEFAULT_SERVER: 'backline-test-none', PULSE_COOKIE: join(folder, 'cookie'), PULSE_SERVER: `unix:${socket}`, XDG_RUNTIME_DIR: folder,
  });
  const server = spawn('pulseaudio', ['-n', '--daemonize=no', '--exit-idle-time=-1', '--use-pid-file=no', '--disable-shm=yes', '-F', join(folder, 'script.pa')],
    { stdio: 'ignore' });
  t.after(async () => {
    server.kill();
    await once(server, 'exit');
    rmSync(folder, { recursive: true, force: true });
  });
  await patience(() => spawnSync('pactl', ['info']).status === 0, 'pulseaudio does not come up');
  return (...command) => execFileSync('pactl', command, { encoding: 'utf8' }).trim();
}

test('a device that goes is an error event and a sinkchange, and the context runs on until the device is back', { skip: !available }, async (t) => {
  const pulse = await startPulse(t);
  const module = pulse('load-module', 'module-null-sink', ...kSink);
  settings.device = 'pulse:out';
  const context = new AudioContext();
  t.after(() => context.close());
  const source = new OscillatorNode(context);
  source.connect(context.destination);
  source.start();
  const goesOn = async () => {
    const { contextTime } = context.getOutputTimestamp();
    await patience(() => context.getOutputTimestamp().contextTime > contextTime + 0.1, 'it does not play');
  };
  await goesOn();

  const seen = [];
  context.onstatechange = () => seen.push(context.state);
  context.onerror = (event) => seen.push(`${event.type}: ${event.message}`);
  context.onsinkchange = () => seen.push(`sinkchange '${context.sinkId}'`);
  let time = context.currentTime;
  pulse('unload-module', module);
  await patience(() => seen.length >= 2, 'nothing was said of the loss');
  assert.deepEqual(seen, ["error: device 'pulse:out' has gone; playing on 'virtual'", "sinkchange ''"]);
  await goesOn();
  assert.ok(context.currentTime > time, 'currentTime went back');
  assert.ok(context.outputLatency > 0);

  seen.length = 0;
  time = context.currentTime;
  pulse('load-module', 'module-null-sink', ...kSink);
  await patience(() => seen.length >= 1, 'nothing was said of the return');
  assert.deepEqual(seen, ["sinkchange ''"]);
  await goesOn();
  assert.ok(context.currentTime > time, 'currentTime went back');
  assert.equal(context.state, 'running');
});

// A PulseAudio server of a test's own.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export const hasPulse = spawnSync('pulseaudio', ['--version']).status === 0;

const kPatience = 6000;   // looks, of 5 ms

/// Resolves when `condition` holds; rejects with `what` if it never does.
export async function patience(condition, what) {
  for (let i = 0; !await condition(); i++) {
    if (i === kPatience) throw new Error(what);
    await sleep(5);
  }
}

/// Starts a server without a device, on a socket of its own, which this process and its children use from now on, and no JACK.
/// pactl(...command): its answer. load(name): the module of a null sink of 48 kHz with that name, which unload(module) ends. end(): the server.
export async function startPulse() {
  const folder = mkdtempSync(join(tmpdir(), 'backline-pulse-'));
  const socket = join(folder, 'native');
  writeFileSync(join(folder, 'script.pa'), `load-module module-native-protocol-unix auth-anonymous=1 socket=${socket}\n`);
  Object.assign(process.env, {
    JACK_DEFAULT_SERVER: 'backline-test-none', PULSE_COOKIE: join(folder, 'cookie'), PULSE_SERVER: `unix:${socket}`, XDG_RUNTIME_DIR: folder,
  });
  const server = spawn('pulseaudio', ['-n', '--daemonize=no', '--exit-idle-time=-1', '--use-pid-file=no', '--disable-shm=yes', '-F', join(folder, 'script.pa')],
    { stdio: 'ignore' });
  const end = async () => {
    if (server.exitCode === null && server.signalCode === null) {
      server.kill();
      await once(server, 'exit');
    }
    rmSync(folder, { recursive: true, force: true });
  };
  const pactl = (...command) => execFileSync('pactl', command, { encoding: 'utf8' }).trim();
  try {
    await patience(() => spawnSync('pactl', ['info']).status === 0, 'pulseaudio does not come up');
  } catch (error) {
    await end();
    throw error;
  }
  return {
    pactl,
    load: (name, ...more) => pactl('load-module', 'module-null-sink', `sink_name=${name}`, 'rate=48000', 'format=float32le', 'norewinds=1', ...more),
    unload: (module) => pactl('unload-module', module),
    end,
  };
}

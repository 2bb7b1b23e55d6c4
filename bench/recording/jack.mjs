// A JACK server without hardware, of one's own: what this process and its children use from then on.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const kPatience = 500;   // looks, of 20 ms
const kOurs = /^Backline.*_(in|out)_/;

async function patience(condition, what) {
  for (let i = 0; !condition(); i++) {
    if (i === kPatience) throw new Error(what);
    await sleep(20);
  }
}

/** loopBack(): connects what Backline plays to what it records. xruns(): those that the server has told of. kill(), restart(), end(): the server, which ends with `children`, too. */
export async function startJack(children) {
  const name = `backline-bench-${process.pid}`;
  Object.assign(process.env, { JACK_DEFAULT_SERVER: name, JACK_NO_AUDIO_RESERVATION: '1', JACK_NO_START_SERVER: '1', PULSE_SERVER: 'unix:/nowhere' });
  let said = '', server;
  const restart = async () => {
    // -S: the server waits for its clients, so that a loaded machine loses fewer frames.
    server = spawn('jackd', ['--name', name, '-S', '-R', '-P', '70', '--no-mlock', '-d', 'dummy', '-r', '48000', '-p', '256'], { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [server.stdout, server.stderr]) stream.setEncoding('utf8').on('data', (text) => { said += text; });
    children.push(server);
    await patience(() => spawnSync('jack_lsp').status === 0, 'jackd does not come up');
  };
  const stop = async (signal) => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    server.kill(signal);
    await once(server, 'exit');
  };
  await restart();
  const ports = (side) => execFileSync('jack_lsp', { encoding: 'utf8' }).split('\n').filter((port) => kOurs.exec(port)?.[1] === side);
  return {
    async loopBack() {
      await patience(() => ports('in').length >= 2 && ports('out').length >= 2, 'Backline has no ports');
      const [outputs, inputs] = [ports('out'), ports('in')];
      for (const input of inputs) spawnSync('jack_disconnect', [`system:capture_${inputs.indexOf(input) + 1}`, input]);
      inputs.forEach((input, i) => execFileSync('jack_connect', [outputs[i % outputs.length], input]));
    },
    kill: () => stop('SIGKILL'),
    restart,
    async end() {
      await stop('SIGTERM');
      // What clients of a server that was killed have left.
      for (const file of readdirSync('/dev/shm')) if (file.includes(`_${name}_`)) rmSync(join('/dev/shm', file), { force: true });
    },
    xruns: () => said.match(/XRun|graph not finished|was not finished/gi)?.length ?? 0,
  };
}

// The three that are compared, each behind {name, version, render(order), close()}; `order` is what renderCase takes.
import { fork } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { ChromiumAbsent, openChromium } from './chromium.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const kPackageFiles = { backline: '../../package.json', 'node-web-audio-api': '../../node_modules/node-web-audio-api/package.json' };

/** An engine that is not here; the message tells how to get it. */
export class EngineAbsent extends Error {}

export const kEngines = ['backline', 'node-web-audio-api', 'chromium'];

const kPatience = 30;   // seconds for one rendering
const starters = { backline: openProcess, 'node-web-audio-api': openProcess, chromium: openPage };

/** Throws EngineAbsent. One that dies or does not answer is started anew for the next rendering. close() it: it is a process. */
export async function openEngine(name) {
  let running = await starters[name](name);
  return {
    name,
    version: running.version,
    async render(order) {
      running ??= await starters[name](name);
      let timer;
      const patience = new Promise((resolve) => { timer = setTimeout(resolve, kPatience * 1e3, { gone: `no answer in ${kPatience} s` }); });
      const answer = await Promise.race([running.render(order), patience]);
      clearTimeout(timer);
      if (!answer.gone) return answer;
      await running.close();
      running = null;
      return { error: answer.gone };
    },
    close: async () => running?.close(),
  };
}

async function openPage() {
  const chromium = await openChromium().catch((error) => {
    throw error instanceof ChromiumAbsent ? new EngineAbsent(error.message) : error;
  });
  return {
    version: chromium.version,
    render: (order) => chromium.call(here('cases/render.mjs'), 'renderCase', order).catch((error) => ({ error: `${error.name}: ${error.message}` })),
    close: () => chromium.close(),
  };
}

async function openProcess(name) {
  const description = here(kPackageFiles[name]);
  if (!existsSync(description)) throw new EngineAbsent(`${name} is missing: npm ci`);
  const execPath = (name !== 'backline' && process.env.COMPARE_NODE) || process.execPath;
  const child = fork(here('node_engine.mjs'), [name], { execPath, serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const answer = () => new Promise((resolve) => {
    const ended = (code, signal) => resolve({ gone: `ended with ${signal ?? `exit status ${code}`}` });
    child.once('exit', ended);
    child.once('message', (message) => {
      child.off('exit', ended);
      resolve(message);
    });
  });
  const begun = await answer();
  if (!begun.ready) throw new EngineAbsent(`${name} does not load: ${begun.failed ?? begun.gone}`);
  return {
    version: JSON.parse(readFileSync(description, 'utf8')).version,
    render(order) {
      if (!child.connected) return { gone: 'is gone' };
      child.send(order);
      return answer();
    },
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = new Promise((exit) => child.once('exit', exit));
      child.kill('SIGKILL');
      await gone;
    },
  };
}

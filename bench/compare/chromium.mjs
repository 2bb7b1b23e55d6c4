// Debian's Chromium, headless, with one page on loopback that imports modules of this checkout and calls what they export.
import { createServer } from 'node:http';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const kExecutable = '/usr/bin/chromium';
const checkout = fileURLToPath(new URL('../..', import.meta.url));
const kTypes = { '.js': 'text/javascript', '.mjs': 'text/javascript', '.json': 'application/json' };
const kArguments = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update',
  '--disable-sync'];

/** What to do about a Chromium or a driver that is missing. */
export class ChromiumAbsent extends Error {}

/**
 * Starts Chromium. Throws ChromiumAbsent. `root`: the folder whose modules the page may import. `executable`: another Chromium.
 * @returns {Promise<Chromium>} close() it: the browser is a process.
 */
export async function openChromium({ root = checkout, executable = kExecutable } = {}) {
  if (!existsSync(executable))
    throw new ChromiumAbsent(`no Chromium at ${executable}: apt-get install --no-install-recommends chromium`);
  const { chromium } = await import('playwright-core').catch(() => {
    throw new ChromiumAbsent('playwright-core, which drives Chromium, is missing: npm ci');
  });
  const files = await serve(resolve(root));
  try {
    const browser = await chromium.launch({ executablePath: executable, args: kArguments, headless: true });
    const page = await browser.newPage();
    await page.goto(files.origin);
    return new Chromium(files, browser, page);
  } catch (error) {
    await files.close();
    throw error;
  }
}

class Chromium {
  #files; #browser; #page; #calls = 0;

  constructor(files, browser, page) {
    this.#files = files;
    this.#browser = browser;
    this.#page = page;
    this.version = browser.version();
  }

  /**
   * Imports a module in the page (`path` in the file system, below the root) and gives what its export answers to `args`, which are JSON.
   * The answer is JSON too, but for `channels`: an array of Float32Array, or an AudioBuffer, that arrives as Float32Arrays. What the
   * export throws is thrown here, with its name and message.
   */
  async call(path, name, ...args) {
    const id = ++this.#calls;
    const url = `/${relative(this.#files.root, resolve(path)).split(sep).join('/')}`;
    const answer = await this.#page.evaluate(callInPage, { id, url, name, args });
    if (answer.error) throw Object.assign(new Error(answer.error.message), { name: answer.error.name });
    if (!answer.lengths) return answer.value;
    let at = 0;
    const all = this.#files.take(id);
    const channels = answer.lengths.map((length) => all.subarray(at, at += length));
    return { ...answer.value, channels };
  }

  async close() {
    await this.#browser.close();
    await this.#files.close();
  }
}

/** Runs in the page. The samples go back as the body of a request: the driver's socket carries text only. */
async function callInPage({ id, url, name, args }) {
  try {
    const value = await (await import(url))[name](...args);
    const sound = value instanceof AudioBuffer ? value : value?.channels;
    if (sound === undefined) return { value };
    const channels = sound instanceof AudioBuffer
      ? Array.from({ length: sound.numberOfChannels }, (_, c) => sound.getChannelData(c)) : sound;
    await fetch(`/samples/${id}`, { method: 'POST', body: new Blob(channels) });
    return { value: value instanceof AudioBuffer ? { sampleRate: value.sampleRate } : { ...value, channels: null }, lengths: channels.map((c) => c.length) };
  } catch (error) {
    return { error: { name: error.name ?? 'Error', message: String(error.message ?? error) } };
  }
}

/** The files of `root`, read only, and a place to post samples to, on a free port of loopback. */
async function serve(root) {
  const posted = new Map();
  const server = createServer(async (request, response) => {
    // Isolation gives the page a clock of microseconds.
    const headers = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp', 'Cache-Control': 'no-store' };
    const answer = (status, type, body) => response.writeHead(status, { ...headers, 'Content-Type': type }).end(body);
    const path = decodeURIComponent(new URL(request.url, 'http://page').pathname);
    if (request.method === 'POST') {
      const parts = [];
      for await (const part of request) parts.push(part);
      const bytes = Buffer.concat(parts);
      posted.set(path, new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)));
      return answer(204, 'text/plain');
    }
    if (path === '/') return answer(200, 'text/html', '<!doctype html><title>Backline</title>');
    const file = resolve(root, `.${path}`);
    const type = kTypes[extname(file)];
    if (!type || !file.startsWith(root + sep)) return answer(404, 'text/plain', 'not here');
    readFile(file).then((body) => answer(200, type, body), () => answer(404, 'text/plain', 'no such file'));
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    root,
    origin: `http://127.0.0.1:${server.address().port}/`,
    take(id) {
      const samples = posted.get(`/samples/${id}`);
      posted.delete(`/samples/${id}`);
      return samples;
    },
    close: () => new Promise((closed) => { server.close(closed); server.closeAllConnections(); }),
  };
}
